// Sum. Spec: onnx.ai/onnx/operators/onnx__Sum.html. Any number of inputs, broadcast together; a
// partial sum rounds.
#include <cmath>
#include <numbers>

#include "ops/broadcast.h"
#include "ops/error_scale.h"

namespace ponte::ops {
namespace {

void evaluate_sum(Evaluation& e) {
  Array total = e.take(0);
  for (std::size_t i = 1; i < e.input_count(); ++i) {
    const Array& next = e.input(i);
    total =
        total.holds<double>()
            ? broadcast_apply<double, double, double>(e, total, next, total.dtype(), std::plus{})
            : broadcast_apply<float, float, float>(e, total, next, total.dtype(), std::plus{});
  }
  e.set(0, std::move(total));
}

void scale_sum(ErrorScale& s) {
  std::vector<double> sigma = s.output(0).to_f64();
  const double n = static_cast<double>(s.input_count());
  const double u = s.unit_roundoff(0) / std::numbers::sqrt3 * std::sqrt(std::max(n - 1, 0.0));
  for (double& y : sigma) y = u * std::abs(y);
  s.set(0, std::move(sigma));
}

}  // namespace

extern constinit const ir::Op sum_op{
    .name = "Sum",
    .since = 13,
    .inputs = {{"data_0", ir::types::floats, "T", ir::Arity::Variadic}},
    .outputs = {{"sum", ir::types::floats, "T"}},
    .infer = infer_broadcast,
    .evaluate = evaluate_sum,
    .scale = scale_sum};

}  // namespace ponte::ops
