// Range. Spec: onnx.ai/onnx/operators/onnx__Range.html.
// C1: the inputs are scalars. C2: delta is not 0, and no input is NaN or infinite. f16 and bf16 are
// computed in f32, whatever stash_type says.
#include <cmath>
#include <limits>
#include <numbers>

#include "base/checked.h"
#include "ops/broadcast.h"
#include "ops/error_scale.h"
#include "ops/known_values.h"

namespace ponte::ops {
namespace {

using ir::Dim;

template <typename T>
std::int64_t range_length(T start, T limit, T delta) {
  if (delta == 0) throw Error(Code::InvalidInputValue, "`delta` is 0");  // C2
  const double length = std::ceil(static_cast<double>(limit - start) / static_cast<double>(delta));
  if (!std::isfinite(length))
    throw Error(Code::InvalidInputValue, "the length is no number");  // C2
  if (length > static_cast<double>(max_dimension))
    throw Error(Code::ElementCountTooLarge, "the range is too long");
  return static_cast<std::int64_t>(std::max(length, 0.0));
}

// Exact where a double is not: the distance is taken without overflow.
std::int64_t range_length(std::int64_t start, std::int64_t limit, std::int64_t delta) {
  if (delta == 0) throw Error(Code::InvalidInputValue, "`delta` is 0");  // C2
  const bool rises = delta > 0;
  if (rises ? limit <= start : limit >= start) return 0;
  const auto from = static_cast<std::uint64_t>(start), to = static_cast<std::uint64_t>(limit);
  const std::uint64_t distance = rises ? to - from : from - to;
  const std::uint64_t step =
      rises ? static_cast<std::uint64_t>(delta) : 0 - static_cast<std::uint64_t>(delta);
  const std::uint64_t length = (distance - 1) / step + 1;
  if (length > static_cast<std::uint64_t>(max_dimension))
    throw Error(Code::ElementCountTooLarge, "the range is too long");
  return static_cast<std::int64_t>(length);
}

std::optional<Dim> known_length(ir::Inference& c) {
  const auto start = known_scalar(c, 0), limit = known_scalar(c, 1), delta = known_scalar(c, 2);
  if (start && limit && delta && delta->is_known()) {
    const std::int64_t step = delta->value();
    if (start->is_known() && limit->is_known())
      return range_length(start->value(), limit->value(), step);
    if (step == 0 || step < -max_dimension) return std::nullopt;
    return step > 0 ? max(ceil_div(*limit - *start, step), 0)
                    : max(ceil_div(*start - *limit, -step), 0);
  }
  const ir::Tensor *from = c.constant(0), *to = c.constant(1), *by = c.constant(2);
  const bool fixed = from && to && by && from->count() == 1 && to->count() == 1 && by->count() == 1;
  if (!fixed || !ir::is_float(from->dtype())) return std::nullopt;
  return range_length(from->to_f64()[0], to->to_f64()[0], by->to_f64()[0]);
}

void infer_range(ir::Inference& c) {
  for (std::size_t i = 0; i < 3; ++i) known_scalar(c, i);  // C1
  const auto length = known_length(c);
  c.set_shape(0, {length ? *length : c.fresh_dim()});
  const auto start = known_scalar(c, 0), delta = known_scalar(c, 2);
  if (!length || !length->is_known() || length->value() > known_value_limit || !start || !delta)
    return;
  ir::KnownValue known{{length->value()}, {}};
  for (std::int64_t i = 0; i < length->value(); ++i) known.elements.push_back(*start + *delta * i);
  c.set_value(0, std::move(known));
}

template <typename T>
void evaluate_range_as(Evaluation& e) {
  for (std::size_t i = 0; i < 3; ++i) {
    e.require(e.input(i).count() == 1, Code::ShapeMismatch, "one element is needed here");  // C1
  }
  const T start = e.input(0).as<T>()[0], limit = e.input(1).as<T>()[0],
          delta = e.input(2).as<T>()[0];
  Array out = e.allocate(e.input(0).dtype(), {range_length(start, limit, delta)});
  e.charge_steps(out.count());
  const auto elements = out.mutable_as<T>();
  for (std::size_t i = 0; i < elements.size(); ++i) {
    elements[i] =
        wrapping(start, wrapping(static_cast<T>(i), delta, std::multiplies{}), std::plus{});
  }
  e.set(0, std::move(out));
}

void evaluate_range(Evaluation& e) {
  const Array& start = e.input(0);
  if (start.holds<double>()) return evaluate_range_as<double>(e);
  if (start.holds<float>()) return evaluate_range_as<float>(e);
  evaluate_range_as<std::int64_t>(e);
}

// The product and the sum round.
// The steps may be added one after the other. Between two powers of two each addition rounds the
// same step on the same grid, off by the same amount, so that errors add up and not their squares.
void scale_range(ErrorScale& s) {
  if (!ir::is_float(s.output(0).dtype())) return;
  const double u = s.unit_roundoff(0) / std::numbers::sqrt3;
  std::vector<double> sigma = s.output(0).to_f64();
  double sum = 0;
  for (double& y : sigma) y = u * (sum += std::abs(y));
  s.set(0, std::move(sigma));
}

}  // namespace

extern constinit const ir::Op range_op{
    .name = "Range",
    .since = 27,
    .inputs = {{"start", ir::types::floats | ir::types::i16 | ir::types::i32 | ir::types::i64, "T"},
               {"limit", ir::types::floats | ir::types::i16 | ir::types::i32 | ir::types::i64, "T"},
               {"delta", ir::types::floats | ir::types::i16 | ir::types::i32 | ir::types::i64,
                "T"}},
    .outputs = {{"output", ir::types::floats | ir::types::i16 | ir::types::i32 | ir::types::i64,
                 "T"}},
    .attributes = {{"stash_type", ir::AttributeKind::Int, std::int64_t{1}}},
    .infer = infer_range,
    .evaluate = evaluate_range,
    .scale = scale_range};

}  // namespace ponte::ops
