#include "ops/pooling.h"

#include <utility>

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

namespace {

// The window at a position of the output.
void set_window(const std::vector<WindowAxis>& axes, const Dims& position, Window& window) {
  window.offsets.assign(1, 0);
  window.padded_size = 1;
  std::vector<std::int64_t> longer;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const WindowAxis& axis = axes[i];
    const std::int64_t start = position[i] * axis.stride - axis.pad_begin.value();
    const std::int64_t limit = axis.input.value() + axis.pad_end.value();
    std::int64_t inside_padding = 0;
    for (std::int64_t k = 0; k < axis.kernel.value(); ++k) {
      if (start + k * axis.dilation < limit) ++inside_padding;
    }
    longer.clear();
    for (const std::int64_t offset : window.offsets) {
      for (std::int64_t k = 0; k < axis.kernel.value(); ++k) {
        const std::int64_t at = start + k * axis.dilation;
        if (at >= 0 && at < axis.input.value()) longer.push_back(offset * axis.input.value() + at);
      }
    }
    std::swap(window.offsets, longer);
    window.padded_size *= inside_padding;
  }
}

}  // namespace

void for_each_window(Services& services, const std::vector<WindowAxis>& axes,
                     const std::function<void(std::int64_t, const Window&)>& visit) {
  constexpr std::int64_t grain = 32;
  std::int64_t outputs = 1;
  for (const WindowAxis& axis : axes) outputs *= axis.output.value();
  services.parallel_for(outputs, grain, [&](std::int64_t begin, std::int64_t end) {
    Dims position(axes.size(), 0);
    Window window;
    for (std::int64_t index = begin; index < end; ++index) {
      std::int64_t rest = index;
      for (std::size_t i = axes.size(); i-- > 0;) {
        position[i] = rest % axes[i].output.value();
        rest /= axes[i].output.value();
      }
      set_window(axes, position, window);
      visit(index, window);
    }
  });
}

}  // namespace ponte::ops
