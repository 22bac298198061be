// CumSum. Spec: onnx.ai/onnx/operators/onnx__CumSum.html.
// C1: axis is one number in [-r, r-1].
#include <vector>

#include "ops/broadcast.h"
#include "ops/error_scale.h"
#include "ops/known_values.h"
#include "ops/strides.h"

namespace ponte::ops {
namespace {

void infer_cum_sum(ir::Inference& c) {
  c.set_shape(0, c.shape(0));
  const auto axis = known_scalar(c, 1);
  if (axis && axis->is_known()) ir::normalized_axis(axis->value(), c.rank(0));  // C1
}

struct SumOrder {
  bool exclusive;
  bool reverse;
};

SumOrder sum_order(const ir::AttributeReader& attributes) {
  return {attributes.i("exclusive") != 0, attributes.i("reverse") != 0};
}

// In place along the axis.
template <typename T>
void cumulate(std::span<T> elements, const AxisSplit& split, SumOrder order) {
  for (std::int64_t line = 0; line < split.outer * split.inner; ++line) {
    T* first =
        elements.data() + line / split.inner * split.length * split.inner + line % split.inner;
    T sum{};
    for (std::int64_t i = 0; i < split.length; ++i) {
      T& element = first[(order.reverse ? split.length - 1 - i : i) * split.inner];
      const T next = wrapping(sum, element, std::plus{});
      element = order.exclusive ? sum : next;
      sum = next;
    }
  }
}

std::int64_t sum_axis(const Array& axis, std::int64_t rank) {
  if (axis.count() != 1) throw Error(Code::ShapeMismatch, "`axis` must have one element");
  return ir::normalized_axis(axis.to_i64()[0], rank);
}

void evaluate_cum_sum(Evaluation& e) {
  Array x = e.take(0);
  const AxisSplit split = split_at(x.shape(), sum_axis(e.input(1), x.rank()));
  e.charge_steps(x.count());
  x.visit([&](auto elements) {
    using T = std::remove_cv_t<typename decltype(elements)::element_type>;
    if constexpr (std::is_arithmetic_v<T>) {
      if (x.count() > 0) cumulate(x.mutable_as<T>(), split, sum_order(e.attributes()));
    } else {
      throw Error(Code::InvalidInputType, "numbers are needed here");
    }
  });
  e.set(0, std::move(x));
}

void scale_cum_sum(ErrorScale& s) {
  if (!ir::is_float(s.output(0).dtype()) || s.output(0).count() == 0) return;
  const AxisSplit split = split_at(s.input(0).shape(), sum_axis(s.input(1), s.input(0).rank()));
  std::vector<double> squares = s.input(0).to_f64(), counts(squares.size(), 1.0);
  for (double& x : squares) x *= x;
  cumulate(std::span(squares), split, sum_order(s.attributes()));
  cumulate(std::span(counts), split, sum_order(s.attributes()));
  std::vector<double> sigma = s.output(0).to_f64();
  for (std::size_t i = 0; i < sigma.size(); ++i) {
    sigma[i] = counts[i] > 1 ? sum_sigma(s.unit_roundoff(0), counts[i], sigma[i], squares[i]) : 0;
  }
  s.set(0, std::move(sigma));
}

constexpr ir::TypeSet summed_types =
    ir::types::floats | ir::types::i32 | ir::types::i64 | ir::types::u32 | ir::types::u64;

}  // namespace

extern constinit const ir::Op cum_sum_op{
    .name = "CumSum",
    .since = 14,
    .inputs = {{"x", summed_types, "T"}, {"axis", ir::types::i32 | ir::types::i64}},
    .outputs = {{"y", summed_types, "T"}},
    .attributes = {{"exclusive", ir::AttributeKind::Int, std::int64_t{0}},
                   {"reverse", ir::AttributeKind::Int, std::int64_t{0}}},
    .infer = infer_cum_sum,
    .evaluate = evaluate_cum_sum,
    .scale = scale_cum_sum};

}  // namespace ponte::ops
