// OneHot. Spec: onnx.ai/onnx/operators/onnx__OneHot.html.
// C1: axis in [-r-1, r]. C2: depth has one element. C3: values are [off, on]. Indices outside
// [-depth, depth-1] give only off.
#include <algorithm>
#include <cmath>

#include "base/checked.h"
#include "ops/known_values.h"
#include "ops/strides.h"

namespace ponte::ops {
namespace {

void infer_one_hot(ir::Inference& c) {
  c.set_dtype(0, c.dtype(2));
  if (c.is_ranked(2)) {
    c.require_rank(2, 1, "values");
    c.require_not_different(c.shape(2)[0], 2, "length of `values`");  // C3
  }
  const auto depth = known_scalar(c, 1);  // C2
  ir::Shape shape = c.shape(0);
  const std::int64_t axis = ir::normalized_axis(c.attributes().i("axis"), c.rank(0) + 1);  // C1
  shape.insert(shape.begin() + axis, depth ? *depth : c.fresh_dim());
  c.set_shape(0, shape);
}

// Indices and depth may be floats, which are truncated; a value outside any depth stays outside.
std::vector<std::int64_t> truncated_numbers(const Array& array) {
  if (!array.holds<double>() && !array.holds<float>()) return array.to_i64();
  std::vector<std::int64_t> result;
  for (const double number : array.to_f64()) {
    const double limit = static_cast<double>(max_dimension) * 2;
    result.push_back(std::isnan(number)
                         ? -2 * max_dimension
                         : static_cast<std::int64_t>(std::clamp(number, -limit, limit)));
  }
  return result;
}

void evaluate_one_hot(Evaluation& e) {
  const Array &indices = e.input(0), &values = e.input(2);
  e.require(e.input(1).count() == 1, Code::ShapeMismatch, "`depth` must have one element");
  e.require(values.count() == 2, Code::ShapeMismatch, "`values` must have two elements");
  const std::int64_t depth = truncated_numbers(e.input(1))[0];
  e.require(depth >= 0, Code::InvalidInputValue, "`depth` is negative");
  Dims shape = indices.shape();
  const std::int64_t axis = ir::normalized_axis(e.attributes().i("axis"), indices.rank() + 1);
  shape.insert(shape.begin() + axis, depth);
  Array out = e.allocate(values.dtype(), shape);
  e.charge_steps(out.count());
  const std::int64_t inner = split_at(shape, axis).inner;
  const std::vector<std::int64_t> positions = truncated_numbers(indices);
  values.visit([&](auto elements) {
    using T = std::remove_cv_t<typename decltype(elements)::element_type>;
    const auto target = out.mutable_as<T>();
    std::ranges::fill(target, elements[0]);
    for (std::size_t i = 0; i < positions.size(); ++i) {
      if (positions[i] < -depth || positions[i] >= depth) continue;
      const std::int64_t hot = positions[i] < 0 ? positions[i] + depth : positions[i];
      const auto at = static_cast<std::int64_t>(i);
      target[static_cast<std::size_t>((at / inner * depth + hot) * inner + at % inner)] =
          elements[1];
    }
  });
  e.set(0, std::move(out));
}

constexpr ir::TypeSet one_hot_indices = ir::types::numeric - ir::types::bf16;

}  // namespace

extern constinit const ir::Op one_hot_op{
    .name = "OneHot",
    .since = 28,
    .inputs = {{"indices", one_hot_indices},
               {"depth", one_hot_indices},
               {"values", ir::types::plain_tensor, "T3"}},
    .outputs = {{"output", ir::types::plain_tensor, "T3"}},
    .attributes = {{"axis", ir::AttributeKind::Int, std::int64_t{-1}}},
    .exactness = ir::Exactness::Moves,
    .infer = infer_one_hot,
    .evaluate = evaluate_one_hot};

}  // namespace ponte::ops
