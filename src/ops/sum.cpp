// Sum. Spec: onnx.ai/onnx/operators/onnx__Sum.html. Any number of inputs, broadcast together; a
// partial sum rounds.
#include <vector>

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

// The squares of all terms of each element of the result.
std::vector<double> sums_of_squares(const ErrorScale& s) {
  const Dims& shape = s.output(0).shape();
  std::vector<double> sums(static_cast<std::size_t>(s.output(0).count()));
  for (std::size_t i = 0; i < s.input_count(); ++i) {
    const std::vector<double> x = s.input(i).to_f64();
    const Dims strides = broadcast_strides(s.input(i).shape(), shape);
    const RowWalk walk{shape, strides, strides};
    const std::int64_t inner = walk.inner(), step = shape.empty() ? 0 : strides.back();
    for (std::int64_t k = 0; k < std::ssize(sums); ++k) {
      const double term = x[static_cast<std::size_t>(walk.at(k / inner).first + k % inner * step)];
      sums[static_cast<std::size_t>(k)] += term * term;
    }
  }
  return sums;
}

// Two terms round once; of more, the order in which they are added is the runtime's own.
void scale_sum(ErrorScale& s) {
  if (s.input_count() <= 2) return s.input_count() == 2 ? scale_one_rounding(s) : void();
  std::vector<double> sigma = sums_of_squares(s);
  const auto y = s.output(0).to_f64();
  const double n = static_cast<double>(s.input_count());
  for (std::size_t i = 0; i < y.size(); ++i)
    sigma[i] = sum_sigma(s.unit_roundoff(0), n, y[i], sigma[i]);
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
