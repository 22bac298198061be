// Sigmoid. Spec: onnx.ai/onnx/operators/onnx__Sigmoid.html. 1 / (1 + exp(-x)).
// Runtimes compute it by polynomials whose error is relative to 1, not to a small result.
#include <cmath>
#include <numbers>

#include "ops/broadcast.h"
#include "ops/error_scale.h"

namespace ponte::ops {
namespace {

void evaluate_sigmoid(Evaluation& e) {
  evaluate_unary(e, [](auto x) { return 1 / (1 + std::exp(-x)); });
}

void scale_sigmoid(ErrorScale& s) {
  std::vector<double> sigma = s.output(0).to_f64();
  const double u = s.unit_roundoff(0) / std::numbers::sqrt3;
  for (double& y : sigma) y = u * (y + 0.5);
  s.set(0, std::move(sigma));
}

}  // namespace

extern constinit const ir::Op sigmoid_op{.name = "Sigmoid",
                                         .since = 13,
                                         .inputs = {{"X", ir::types::floats, "T"}},
                                         .outputs = {{"Y", ir::types::floats, "T"}},
                                         .infer = infer_same_shape,
                                         .evaluate = evaluate_sigmoid,
                                         .scale = scale_sigmoid};

}  // namespace ponte::ops
