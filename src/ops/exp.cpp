// Exp. Spec: onnx.ai/onnx/operators/onnx__Exp.html. The argument's rounding counts |x| times: exp(x
// (1 + u)).
#include <cmath>
#include <numbers>

#include "ops/broadcast.h"
#include "ops/error_scale.h"

namespace ponte::ops {
namespace {

void evaluate_exp(Evaluation& e) {
  evaluate_unary(e, [](auto x) { return std::exp(x); });
}

void scale_exp(ErrorScale& s) {
  const std::vector<double> x = s.input(0).to_f64();
  std::vector<double> sigma = s.output(0).to_f64();
  const double u = s.unit_roundoff(0) / std::numbers::sqrt3;
  for (std::size_t i = 0; i < sigma.size(); ++i)
    sigma[i] *= u * (2 + (std::isfinite(x[i]) ? std::abs(x[i]) : 0) / 8);
  s.set(0, std::move(sigma));
}

}  // namespace

extern constinit const ir::Op exp_op{.name = "Exp",
                                     .since = 13,
                                     .inputs = {{"input", ir::types::floats, "T"}},
                                     .outputs = {{"output", ir::types::floats, "T"}},
                                     .infer = infer_same_shape,
                                     .evaluate = evaluate_exp,
                                     .scale = scale_exp};

}  // namespace ponte::ops
