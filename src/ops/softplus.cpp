// Softplus. Spec: onnx.ai/onnx/operators/onnx__Softplus.html. log(1 + exp(x)).
#include <algorithm>
#include <cmath>
#include <numbers>

#include "ops/broadcast.h"
#include "ops/error_scale.h"

namespace ponte::ops {
namespace {

void evaluate_softplus(Evaluation& e) {
  evaluate_unary(e, [](auto x) {
    const auto value = static_cast<double>(x);
    return std::max(value, 0.0) + std::log1p(std::exp(-std::abs(value)));
  });
}

// Runtimes may add 1 to the exponential before the logarithm: that rounds relative to 1.
void scale_softplus(ErrorScale& s) {
  std::vector<double> sigma = s.output(0).to_f64();
  const double u = s.unit_roundoff(0) / std::numbers::sqrt3;
  for (double& y : sigma) y = u * (y + 0.5);
  s.set(0, std::move(sigma));
}

}  // namespace

extern constinit const ir::Op softplus_op{.name = "Softplus",
                                          .since = 22,
                                          .inputs = {{"X", ir::types::floats, "T"}},
                                          .outputs = {{"Y", ir::types::floats, "T"}},
                                          .infer = infer_same_shape,
                                          .evaluate = evaluate_softplus,
                                          .scale = scale_softplus};

}  // namespace ponte::ops
