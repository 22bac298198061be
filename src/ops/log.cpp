// Log. Spec: onnx.ai/onnx/operators/onnx__Log.html. Near x = 1 the argument's last bit counts as
// much as the result.
#include <cmath>
#include <numbers>

#include "ops/broadcast.h"
#include "ops/error_scale.h"

namespace ponte::ops {
namespace {

void evaluate_log(Evaluation& e) {
  evaluate_unary(e, [](auto x) { return std::log(x); });
}

void scale_log(ErrorScale& s) {
  std::vector<double> sigma = s.output(0).to_f64();
  const double u = s.unit_roundoff(0) / std::numbers::sqrt3;
  for (double& y : sigma) y = u * (std::abs(y) + 0.25);
  s.set(0, std::move(sigma));
}

}  // namespace

extern constinit const ir::Op log_op{.name = "Log",
                                     .since = 13,
                                     .inputs = {{"input", ir::types::floats, "T"}},
                                     .outputs = {{"output", ir::types::floats, "T"}},
                                     .infer = infer_same_shape,
                                     .evaluate = evaluate_log,
                                     .scale = scale_log};

}  // namespace ponte::ops
