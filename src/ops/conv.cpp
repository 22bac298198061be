// Conv. Spec: onnx.ai/onnx/operators/onnx__Conv.html.
// C1: X has rank 3 or more. C2: W has X's rank. C3: X's channels are W's second dim times group.
// C4: group divides W's first dim. C5: B has one element per filter. C6: kernel_shape is that of W.
#include <cmath>

#include "ops/convolution.h"
#include "ops/error_scale.h"
#include "ops/matrix_product.h"
#include "ops/windows.h"

namespace ponte::ops {
namespace {

using ir::Dim;
using ir::Inference;
using ir::Shape;

void infer_conv(Inference& c) {
  const Shape& x = c.shape(0);
  const Shape& w = c.shape(1);
  const std::int64_t group = c.attributes().i("group");
  c.require(x.size() >= 3, Code::ShapeMismatch,
            "X needs a batch, channels and a spatial axis");                       // C1
  c.require(w.size() == x.size(), Code::ShapeMismatch, "W and X differ in rank");  // C2
  c.require(group >= 1, Code::InvalidAttribute, "`group` must be positive");
  c.require_not_different(x[1], w[1] * group, "channels of X and W");            // C3
  c.require_not_different(mod(w[0], group), 0, "filters left over by `group`");  // C4
  if (c.has_input(2) && c.is_ranked(2)) {
    c.require_rank(2, 1, "B");
    c.require_not_different(c.shape(2)[0], w[0], "length of B and filters");  // C5
  }
  const Shape kernel(w.begin() + 2, w.end());
  const std::vector<std::int64_t> declared = c.attributes().ints("kernel_shape");
  for (std::size_t i = 0; i < declared.size() && i < kernel.size(); ++i) {
    c.require_not_different(declared[i], kernel[i], "`kernel_shape` and W");  // C6
  }
  Shape y{x[0], w[0]};
  for (const WindowAxis& axis : windows(c.attributes(), Shape(x.begin() + 2, x.end()), kernel)) {
    y.push_back(axis.output);
  }
  c.set_shape(0, y);
}

std::vector<WindowAxis> conv_windows(const ir::AttributeReader& attributes, const Array& x,
                                     const Array& w) {
  return windows(attributes, ir::to_shape(std::span(x.shape()).subspan(2)),
                 ir::to_shape(std::span(w.shape()).subspan(2)));
}

Dims output_shape(const Array& x, const Array& w, const std::vector<WindowAxis>& axes) {
  Dims shape{x.dim(0), w.dim(0)};
  for (const WindowAxis& axis : axes) shape.push_back(axis.output.value());
  return shape;
}

template <typename T>
void evaluate_conv_as(Evaluation& e) {
  const Array& x = e.input(0);
  const Array& w = e.input(1);
  const auto axes = conv_windows(e.attributes(), x, w);
  std::vector<T> y = convolve<T>(e.services(), x.as<T>(), x.shape(), w.as<T>(), w.shape(), axes,
                                 e.attributes().i("group"));
  const Dims shape = output_shape(x, w, axes);
  if (e.has_input(2)) {
    const auto bias = e.input(2).as<T>();
    for_each_plane(shape, [&](std::size_t filter, std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) y[i] += bias[filter];
    });
  }
  e.set(0, Array(x.dtype(), shape, std::move(y), e.services().meter()));
}

void evaluate_conv(Evaluation& e) {
  e.input(0).holds<double>() ? evaluate_conv_as<double>(e) : evaluate_conv_as<float>(e);
}

void scale_conv(ErrorScale& s) {
  const Array& x = s.input(0);
  const Array& w = s.input(1);
  const auto axes = conv_windows(s.attributes(), x, w);
  const std::vector<double> x2 = squared(x.as<double>()), w2 = squared(w.as<double>());
  std::vector<double> sigma =
      convolve<double>(s.services(), x2, x.shape(), w2, w.shape(), axes, s.attributes().i("group"));
  const auto y = s.output(0).as<double>();
  const double k = static_cast<double>(w.count()) / std::max(static_cast<double>(w.dim(0)), 1.0);
  const double u = s.unit_roundoff(0);
  for_each_plane(s.output(0).shape(), [&](std::size_t filter, std::size_t begin, std::size_t end) {
    const double bias = s.has_input(2) ? s.input(2).as<double>()[filter] : 0;
    const double of_addition = bias == 0 ? 0 : 0.577 * u;
    for (std::size_t i = begin; i < end; ++i) {
      const double of_sum = sum_sigma(u, k, y[i] - bias, sigma[i]), added = of_addition * y[i];
      sigma[i] = std::sqrt(of_sum * of_sum + added * added);
    }
  });
  s.set(0, std::move(sigma));
}

}  // namespace

extern constinit const ir::Op conv_op{
    .name = "Conv",
    .since = 22,
    .inputs = {{"X", ir::types::floats, "T"},
               {"W", ir::types::floats, "T"},
               {"B", ir::types::floats, "T", ir::Arity::Optional}},
    .outputs = {{"Y", ir::types::floats, "T"}},
    .attributes = {{"auto_pad", ir::AttributeKind::String, "NOTSET"},
                   {"dilations", ir::AttributeKind::Ints},
                   {"group", ir::AttributeKind::Int, std::int64_t{1}},
                   {"kernel_shape", ir::AttributeKind::Ints},
                   {"pads", ir::AttributeKind::Ints},
                   {"strides", ir::AttributeKind::Ints}},
    .infer = infer_conv,
    .evaluate = evaluate_conv,
    .scale = scale_conv};

}  // namespace ponte::ops
