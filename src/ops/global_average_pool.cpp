// GlobalAveragePool. Spec: onnx.ai/onnx/operators/onnx__GlobalAveragePool.html. The mean of each
// channel's plane.
#include "ops/error_scale.h"
#include "ops/evaluation.h"

namespace ponte::ops {
namespace {

void infer_global_average_pool(ir::Inference& c) {
  ir::Shape shape = c.shape(0);
  c.require(shape.size() >= 2, Code::ShapeMismatch, "X needs a batch and channels");
  for (std::size_t i = 2; i < shape.size(); ++i) shape[i] = 1;
  c.set_shape(0, shape);
}

Dims global_pool_shape(const Dims& shape) {
  Dims result = shape;
  for (std::size_t i = 2; i < result.size(); ++i) result[i] = 1;
  return result;
}

template <typename T>
void evaluate_global_average_pool_as(Evaluation& e) {
  const Array& x = e.input(0);
  Array y = e.allocate(x.dtype(), global_pool_shape(x.shape()));
  const auto plane = y.count() ? x.count() / y.count() : 0;
  const T* from = x.as<T>().data();
  e.charge_steps(x.count());
  for (T& mean : y.mutable_as<T>()) {
    T total = 0;
    for (std::int64_t i = 0; i < plane; ++i) total += from[i];
    mean = total / static_cast<T>(plane);
    from += plane;
  }
  e.set(0, std::move(y));
}

void evaluate_global_average_pool(Evaluation& e) {
  e.input(0).holds<double>() ? evaluate_global_average_pool_as<double>(e)
                             : evaluate_global_average_pool_as<float>(e);
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
                                                     .infer = infer_global_average_pool,
                                                     .evaluate = evaluate_global_average_pool,
                                                     .scale = scale_global_average_pool};

}  // namespace ponte::ops
