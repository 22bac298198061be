// GlobalAveragePool. Spec: onnx.ai/onnx/operators/onnx__GlobalAveragePool.html. The mean of each
// channel's plane.
#include "ops/error_scale.h"
#include "ops/global_pool.h"

namespace ponte::ops {
namespace {

template <typename T>
T mean_of(std::span<const T> plane) {
  T total = 0;
  for (const T value : plane) total += value;
  return total / static_cast<T>(plane.size());
}

void evaluate_global_average_pool(Evaluation& e) {
  e.input(0).holds<double>() ? evaluate_global_pool<double>(e, mean_of<double>)
                             : evaluate_global_pool<float>(e, mean_of<float>);
}

void scale_global_average_pool(ErrorScale& s) {
  const auto x = s.input(0).as<double>();
  const auto y = s.output(0).as<double>();
  const std::size_t plane = y.empty() ? 0 : x.size() / y.size();
  const double n = static_cast<double>(plane);
  std::vector<double> sigma(y.size());
  for (std::size_t i = 0; i < y.size(); ++i) {
    double p2 = 0;
    for (std::size_t k = 0; k < plane; ++k) p2 += x[i * plane + k] * x[i * plane + k] / (n * n);
    sigma[i] = sum_sigma(s.unit_roundoff(0), n, y[i], p2);
  }
  s.set(0, std::move(sigma));
}

}  // namespace

extern constinit const ir::Op global_average_pool_op{.name = "GlobalAveragePool",
                                                     .since = 22,
                                                     .inputs = {{"X", ir::types::floats, "T"}},
                                                     .outputs = {{"Y", ir::types::floats, "T"}},
                                                     .infer = infer_global_pool,
                                                     .evaluate = evaluate_global_average_pool,
                                                     .scale = scale_global_average_pool};

}  // namespace ponte::ops
