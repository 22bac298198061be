#include "ops/pooling.h"

namespace ponte::ops {

Rounding pooling_rounding(const ir::AttributeReader& attributes) {
  return attributes.i("ceil_mode") != 0 ? Rounding::Ceil : Rounding::Floor;
}

void infer_pooling(ir::Inference& c, Rounding rounding) {
  const ir::Shape& x = c.shape(0);
  c.require(x.size() >= 3, Code::ShapeMismatch, "X needs a batch, channels and a spatial axis");
  ir::Shape kernel;
  for (const std::int64_t k : c.attributes().ints("kernel_shape")) {
    c.require(k >= 1 && k <= max_dimension, Code::InvalidAttribute,
              "`kernel_shape` must be positive");
    kernel.emplace_back(k);
  }
  ir::Shape y{x[0], x[1]};
  for (const WindowAxis& axis :
       windows(c.attributes(), ir::Shape(x.begin() + 2, x.end()), kernel, rounding)) {
    y.push_back(axis.output);
  }
  c.set_shape(0, y);
}

std::vector<WindowAxis> pooling_windows(const ir::AttributeReader& attributes, const Dims& shape) {
  return windows(attributes, ir::to_shape(std::span(shape).subspan(2)),
                 ir::to_shape(attributes.ints("kernel_shape")), pooling_rounding(attributes));
}

Dims pooled_shape(const Dims& shape, const std::vector<WindowAxis>& axes) {
  Dims result{shape[0], shape[1]};
  for (const WindowAxis& axis : axes) result.push_back(axis.output.value());
  return result;
}

void for_each_window(const std::vector<WindowAxis>& axes,
                     const std::function<void(std::int64_t, const Window&)>& visit) {
  const std::size_t rank = axes.size();
  std::int64_t outputs = 1;
  for (const WindowAxis& axis : axes) outputs *= axis.output.value();
  Dims position(rank, 0);
  Window window;
  for (std::int64_t index = 0; index < outputs; ++index) {
    window.offsets.assign(1, 0);
    window.padded_size = 1;
    for (std::size_t i = 0; i < rank; ++i) {
      const WindowAxis& axis = axes[i];
      const std::int64_t start = position[i] * axis.stride - axis.pad_begin.value();
      const std::int64_t limit = axis.input.value() + axis.pad_end.value();
      std::vector<std::int64_t> longer;
      std::int64_t inside_padding = 0;
      for (std::int64_t k = 0; k < axis.kernel.value(); ++k) {
        if (start + k * axis.dilation < limit) ++inside_padding;
      }
      for (const std::int64_t offset : window.offsets) {
        for (std::int64_t k = 0; k < axis.kernel.value(); ++k) {
          const std::int64_t at = start + k * axis.dilation;
          if (at >= 0 && at < axis.input.value())
            longer.push_back(offset * axis.input.value() + at);
        }
      }
      window.offsets = std::move(longer);
      window.padded_size *= inside_padding;
    }
    visit(index, window);
    for (std::size_t i = rank; i-- > 0;) {
      if (++position[i] < axes[i].output.value()) break;
      position[i] = 0;
    }
  }
}

}  // namespace ponte::ops
