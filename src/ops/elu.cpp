// Elu. Spec: onnx.ai/onnx/operators/onnx__Elu.html. alpha (exp(x) - 1) where x < 0, x elsewhere.
#include <cmath>
#include <numbers>

#include "ops/broadcast.h"
#include "ops/error_scale.h"

namespace ponte::ops {
namespace {

void evaluate_elu(Evaluation& e) {
  const double alpha = e.attributes().f("alpha");
  evaluate_unary(e, [alpha](auto x) {
    const auto value = static_cast<double>(x);
    return value < 0 ? alpha * std::expm1(value) : value;
  });
}

// Runtimes subtract 1 from the exponential: their error is relative to it, not to the difference.
void scale_elu(ErrorScale& s) {
  const double alpha = s.attributes().f("alpha");
  const std::vector<double> x = s.input(0).to_f64();
  std::vector<double> sigma = s.output(0).to_f64();
  const double u = s.unit_roundoff(0) / std::numbers::sqrt3;
  for (std::size_t i = 0; i < sigma.size(); ++i) {
    const double exponential = x[i] < 0 ? std::abs(alpha) * std::exp(x[i]) : 0;
    sigma[i] = u * std::hypot(sigma[i], 2 * exponential);
  }
  s.set(0, std::move(sigma));
}

}  // namespace

extern constinit const ir::Op elu_op{.name = "Elu",
                                     .since = 22,
                                     .inputs = {{"X", ir::types::floats, "T"}},
                                     .outputs = {{"Y", ir::types::floats, "T"}},
                                     .attributes = {{"alpha", ir::AttributeKind::Float, 1.0}},
                                     .infer = infer_same_shape,
                                     .evaluate = evaluate_elu,
                                     .scale = scale_elu};

}  // namespace ponte::ops
