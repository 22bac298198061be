// ConvTranspose. Spec: onnx.ai/onnx/operators/onnx__ConvTranspose.html. The gradient of Conv: every
// input element adds its multiple of the kernel to the output. C1: X and W have the same rank, 3 or
// more. C2: channels of X are W's first dim. C3: B has one element per filter.
#include <fmt/format.h>

#include <cmath>

#include "base/counted.h"
#include "ops/convolution.h"
#include "ops/error_scale.h"
#include "ops/matrix_kernel.h"
#include "ops/matrix_product.h"

namespace ponte::ops {
namespace {

using ir::Dim;

struct TransposedAxis {
  Dim input, kernel, output, pad_begin;
  std::int64_t stride = 1, dilation = 1;
};

std::int64_t conv_transpose_item(const std::vector<std::int64_t>& list, std::size_t i,
                                 std::size_t rank, std::int64_t fallback, std::int64_t lowest,
                                 const char* name) {
  if (list.empty()) return fallback;
  if (list.size() != rank && list.size() != 2 * rank) {
    throw Error(Code::InvalidAttribute,
                fmt::format("`{}` has {}", name, counted(list.size(), "number", "numbers")));
  }
  if (i >= list.size() || list[i] < lowest || list[i] > max_dimension) {
    throw Error(Code::InvalidAttribute, fmt::format("`{}` is out of range", name));
  }
  return list[i];
}

std::vector<TransposedAxis> transposed_axes(const ir::AttributeReader& attributes,
                                            const ir::Shape& spatial, const ir::Shape& kernel) {
  const auto strides = attributes.ints("strides"), dilations = attributes.ints("dilations"),
             pads = attributes.ints("pads"), extra = attributes.ints("output_padding"),
             wanted = attributes.ints("output_shape");
  const std::string auto_pad = attributes.s("auto_pad");
  const std::size_t rank = spatial.size();
  std::vector<TransposedAxis> axes;
  for (std::size_t i = 0; i < rank; ++i) {
    TransposedAxis axis{spatial[i], kernel[i], {}, {}, 1, 1};
    axis.stride = conv_transpose_item(strides, i, rank, 1, 1, "strides");
    axis.dilation = conv_transpose_item(dilations, i, rank, 1, 1, "dilations");
    const std::int64_t more = conv_transpose_item(extra, i, rank, 0, 0, "output_padding");
    const Dim full = (axis.input - 1) * axis.stride + more + (axis.kernel - 1) * axis.dilation + 1;
    const bool same = auto_pad == "SAME_UPPER" || auto_pad == "SAME_LOWER";
    if (!wanted.empty() || same) {
      // An output shape with the batch and channels in front is accepted as well.
      const std::size_t at = wanted.size() == rank + 2 ? i + 2 : i;
      axis.output = wanted.empty() ? axis.input * axis.stride : Dim(wanted.at(at));
      const Dim total = max(full - axis.output, 0);
      axis.pad_begin =
          auto_pad == "SAME_UPPER" || !same ? floor_div(total, 2) : total - floor_div(total, 2);
      if (!same) axis.pad_begin = total - floor_div(total, 2);
    } else {
      const bool none = auto_pad == "VALID";
      axis.pad_begin = none ? 0 : conv_transpose_item(pads, i, rank, 0, 0, "pads");
      axis.output = full - axis.pad_begin -
                    (none ? 0 : conv_transpose_item(pads, rank + i, rank, 0, 0, "pads"));
    }
    axes.push_back(axis);
  }
  return axes;
}

void infer_conv_transpose(ir::Inference& c) {
  const ir::Shape& x = c.shape(0);
  const ir::Shape& w = c.shape(1);
  const std::int64_t group = c.attributes().i("group");
  c.require(x.size() >= 3 && w.size() == x.size(), Code::ShapeMismatch, "ranks of X and W");  // C1
  c.require(group >= 1, Code::InvalidAttribute, "`group` must be positive");
  c.require_not_different(x[1], w[0], "channels of X and W");  // C2
  ir::Shape y{x[0], w[1] * group};
  for (const TransposedAxis& axis : transposed_axes(
           c.attributes(), ir::Shape(x.begin() + 2, x.end()), ir::Shape(w.begin() + 2, w.end()))) {
    c.require(axis.output.range().highest >= 0, Code::ShapeMismatch,
              "pads are larger than the output");
    y.push_back(axis.output);
  }
  if (c.has_input(2) && c.is_ranked(2)) {
    c.require_rank(2, 1, "B");
    c.require_not_different(c.shape(2)[0], y[1], "length of B and filters");  // C3
  }
  c.set_shape(0, y);
}

// Adds the products of one group, columns [kernel offsets of all filters, positions], to the output
// planes.
template <typename T>
void scatter_columns(const std::vector<TransposedAxis>& axes, std::int64_t filters,
                     const T* columns, T* planes) {
  std::int64_t positions = 1, offsets = 1, plane = 1;
  for (const TransposedAxis& axis : axes) {
    positions *= axis.input.value();
    offsets *= axis.kernel.value();
    plane *= axis.output.value();
  }
  for (std::int64_t f = 0; f < filters; ++f) {
    for (std::int64_t k = 0; k < offsets; ++k) {
      const T* row = columns + (f * offsets + k) * positions;
      for (std::int64_t p = 0; p < positions; ++p) {
        std::int64_t rest_k = k, rest_p = p, at = 0, stride = 1;
        bool inside = true;
        for (std::size_t i = axes.size(); i-- > 0 && inside;) {
          const TransposedAxis& axis = axes[i];
          const std::int64_t o = rest_p % axis.input.value() * axis.stride +
                                 rest_k % axis.kernel.value() * axis.dilation -
                                 axis.pad_begin.value();
          rest_p /= axis.input.value();
          rest_k /= axis.kernel.value();
          inside = o >= 0 && o < axis.output.value();
          at += o * stride;
          stride *= axis.output.value();
        }
        if (inside) planes[f * plane + at] += row[p];
      }
    }
  }
}

template <typename T>
std::vector<T> conv_transposed(Services& services, const ir::AttributeReader& attributes,
                               const Dims& x_shape, std::span<const T> x, const Dims& w_shape,
                               std::span<const T> w, Dims& shape) {
  const std::int64_t group = attributes.i("group");
  const auto axes = transposed_axes(attributes, ir::to_shape(std::span(x_shape).subspan(2)),
                                    ir::to_shape(std::span(w_shape).subspan(2)));
  const std::int64_t channels = x_shape[1] / group, filters = w_shape[1];
  shape = {x_shape[0], filters * group};
  std::int64_t positions = 1, offsets = 1, plane = 1;
  for (const TransposedAxis& axis : axes) {
    shape.push_back(axis.output.value());
    positions *= axis.input.value();
    offsets *= axis.kernel.value();
    plane *= axis.output.value();
  }
  std::vector<T> y(static_cast<std::size_t>(count_of(shape)));
  services.charge_steps(x_shape[0] * x_shape[1] * positions * filters * offsets);
  services.parallel_for(x_shape[0] * group, 1, [&](std::int64_t begin, std::int64_t end) {
    std::vector<T> columns(static_cast<std::size_t>(filters * offsets * positions));
    std::vector<T> weights(static_cast<std::size_t>(channels * filters * offsets));
    for (std::int64_t task = begin; task < end; ++task) {
      const std::int64_t g = task % group;
      for (std::int64_t c = 0; c < channels; ++c) {
        for (std::int64_t k = 0; k < filters * offsets; ++k) {
          weights[static_cast<std::size_t>(k * channels + c)] =
              w[static_cast<std::size_t>((g * channels + c) * filters * offsets + k)];
        }
      }
      gemm(filters * offsets, positions, channels, weights.data(),
           x.data() + task * channels * positions, columns.data());
      scatter_columns(axes, filters, columns.data(), y.data() + task * filters * plane);
    }
  });
  return y;
}

template <typename T>
void evaluate_conv_transpose_as(Evaluation& e) {
  const Array& x = e.input(0);
  const Array& w = e.input(1);
  Dims shape;
  auto y = conv_transposed<T>(e.services(), e.attributes(), x.shape(), x.as<T>(), w.shape(),
                              w.as<T>(), shape);
  if (e.has_input(2)) {
    const auto bias = e.input(2).as<T>();
    for_each_plane(shape, [&](std::size_t filter, std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) y[i] += bias[filter];
    });
  }
  e.set(0, Array(x.dtype(), shape, std::move(y), e.services().meter()));
}

void evaluate_conv_transpose(Evaluation& e) {
  e.input(0).holds<double>() ? evaluate_conv_transpose_as<double>(e)
                             : evaluate_conv_transpose_as<float>(e);
}

void scale_conv_transpose(ErrorScale& s) {
  const Array& x = s.input(0);
  const Array& w = s.input(1);
  Dims shape;
  const std::vector<double> x2 = squared(x.as<double>()), w2 = squared(w.as<double>());
  std::vector<double> sigma =
      conv_transposed<double>(s.services(), s.attributes(), x.shape(), x2, w.shape(), w2, shape);
  const double k = static_cast<double>(x.dim(1)) / static_cast<double>(s.attributes().i("group"));
  const auto y = s.output(0).as<double>();
  const std::size_t plane =
      y.size() / static_cast<std::size_t>(std::max<std::int64_t>(1, shape[0] * shape[1]));
  const double u = s.unit_roundoff(0);
  for (std::size_t i = 0; i < y.size(); ++i) {
    const double bias =
        s.has_input(2) ? s.input(2).as<double>()[i / plane % static_cast<std::size_t>(shape[1])]
                       : 0;
    sigma[i] = std::hypot(sum_sigma(u, k, y[i] - bias, sigma[i]), bias == 0 ? 0 : 0.577 * u * y[i]);
  }
  s.set(0, std::move(sigma));
}

}  // namespace

extern constinit const ir::Op conv_transpose_op{
    .name = "ConvTranspose",
    .since = 22,
    .inputs = {{"X", ir::types::floats, "T"},
               {"W", ir::types::floats, "T"},
               {"B", ir::types::floats, "T", ir::Arity::Optional}},
    .outputs = {{"Y", ir::types::floats, "T"}},
    .attributes = {{"auto_pad", ir::AttributeKind::String, "NOTSET"},
                   {"dilations", ir::AttributeKind::Ints},
                   {"group", ir::AttributeKind::Int, std::int64_t{1}},
                   {"kernel_shape", ir::AttributeKind::Ints},
                   {"output_padding", ir::AttributeKind::Ints},
                   {"output_shape", ir::AttributeKind::Ints},
                   {"pads", ir::AttributeKind::Ints},
                   {"strides", ir::AttributeKind::Ints}},
    .infer = infer_conv_transpose,
    .evaluate = evaluate_conv_transpose,
    .scale = scale_conv_transpose};

}  // namespace ponte::ops
