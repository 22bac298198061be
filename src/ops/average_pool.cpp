// AveragePool. Spec: onnx.ai/onnx/operators/onnx__AveragePool.html. The mean over a window: of the
// elements inside the input, or with count_include_pad over the padded window.
#include "ops/error_scale.h"
#include "ops/pooling.h"

namespace ponte::ops {
namespace {

void infer_average_pool(ir::Inference& c) { infer_pooling(c, pooling_rounding(c.attributes())); }

// Means of f(element); T is the computing type.
template <typename T, typename F>
std::vector<T> average_pooled(Services& services, const ir::AttributeReader& attributes,
                              const Array& x, const std::vector<WindowAxis>& axes, const F& f) {
  const Dims shape = pooled_shape(x.shape(), axes);
  std::vector<T> y(static_cast<std::size_t>(count_of(shape)));
  const std::int64_t planes = x.dim(0) * x.dim(1);
  if (planes == 0) return y;
  const std::int64_t in_plane = x.count() / planes,
                     out_plane = static_cast<std::int64_t>(y.size()) / planes;
  const bool with_padding = attributes.i("count_include_pad") != 0;
  const T* from = x.as<T>().data();
  for_each_window(services, axes, [&](std::int64_t at, const Window& window) {
    services.charge_steps(planes);
    const auto size =
        with_padding ? window.padded_size : static_cast<std::int64_t>(window.offsets.size());
    for (std::int64_t plane = 0; plane < planes; ++plane) {
      T total = 0;
      for (const std::int64_t offset : window.offsets)
        total += f(from[plane * in_plane + offset], size);
      y[static_cast<std::size_t>(plane * out_plane + at)] = total;
    }
  });
  return y;
}

template <typename T>
void evaluate_average_pool_as(Evaluation& e) {
  const Array& x = e.input(0);
  const auto axes = pooling_windows(e.attributes(), x.shape());
  auto y = average_pooled<T>(e.services(), e.attributes(), x, axes,
                             [](T v, std::int64_t n) { return v / static_cast<T>(n); });
  e.set(0, Array(x.dtype(), pooled_shape(x.shape(), axes), std::move(y), e.services().meter()));
}

void evaluate_average_pool(Evaluation& e) {
  e.input(0).holds<double>() ? evaluate_average_pool_as<double>(e)
                             : evaluate_average_pool_as<float>(e);
}

void scale_average_pool(ErrorScale& s) {
  const Array& x = s.input(0);
  const auto axes = pooling_windows(s.attributes(), x.shape());
  double k = 1;
  for (const WindowAxis& axis : axes) k *= static_cast<double>(axis.kernel.value());
  std::vector<double> sigma = average_pooled<double>(
      s.services(), s.attributes(), x, axes,
      [](double v, std::int64_t n) { return v * v / static_cast<double>(n * n); });
  const auto y = s.output(0).as<double>();
  for (std::size_t i = 0; i < y.size(); ++i)
    sigma[i] = sum_sigma(s.unit_roundoff(0), k, y[i], sigma[i]);
  s.set(0, std::move(sigma));
}

}  // namespace

extern constinit const ir::Op average_pool_op{
    .name = "AveragePool",
    .since = 22,
    .inputs = {{"X", ir::types::floats, "T"}},
    .outputs = {{"Y", ir::types::floats, "T"}},
    .attributes = {{"auto_pad", ir::AttributeKind::String, "NOTSET"},
                   {"ceil_mode", ir::AttributeKind::Int, std::int64_t{0}},
                   {"count_include_pad", ir::AttributeKind::Int, std::int64_t{0}},
                   {"dilations", ir::AttributeKind::Ints},
                   {"kernel_shape", ir::AttributeKind::Ints, ir::Required{}},
                   {"pads", ir::AttributeKind::Ints},
                   {"strides", ir::AttributeKind::Ints}},
    .infer = infer_average_pool,
    .evaluate = evaluate_average_pool,
    .scale = scale_average_pool};

}  // namespace ponte::ops
