// Concat. Spec: onnx.ai/onnx/operators/onnx__Concat.html.
// C1: axis in [-r, r-1]. C2: ranks and all other dims are equal.
#include "ops/joining.h"
#include "ops/known_values.h"

namespace ponte::ops {
namespace {

void infer_concat(ir::Inference& c) {
  ir::Shape shape = c.shape(0);
  const auto axis =
      static_cast<std::size_t>(ir::normalized_axis(c.attributes().i("axis"), c.rank(0)));  // C1
  for (std::size_t i = 1; i < c.input_count(); ++i) {
    const ir::Shape& next = c.shape(i);
    c.require(next.size() == shape.size(), Code::ShapeMismatch, "the inputs differ in rank");  // C2
    for (std::size_t k = 0; k < shape.size(); ++k) {
      if (k == axis) {
        shape[k] = shape[k] + next[k];
      } else {
        c.require_not_different(shape[k], next[k], "dims beside the axis");  // C2
        if (next[k].is_known()) shape[k] = next[k];
      }
    }
  }
  c.set_shape(0, shape);
  const auto values = all_known(c);
  const auto dims = ir::known_dims(shape);
  if (!values || !dims || axis != 0) return;
  ir::KnownValue result{*dims, {}};
  for (const ir::KnownValue& value : *values) {
    result.elements.insert(result.elements.end(), value.elements.begin(), value.elements.end());
  }
  c.set_value(0, std::move(result));
}

void evaluate_concat(Evaluation& e) {
  std::vector<Array> arrays;
  for (std::size_t i = 0; i < e.input_count(); ++i) arrays.push_back(e.input(i));
  e.set(0, joined(e, arrays, ir::normalized_axis(e.attributes().i("axis"), arrays[0].rank())));
}

}  // namespace

extern constinit const ir::Op concat_op{
    .name = "Concat",
    .since = 13,
    .inputs = {{"inputs", ir::types::plain_tensor, "T", ir::Arity::Variadic}},
    .outputs = {{"concat_result", ir::types::plain_tensor, "T"}},
    .attributes = {{"axis", ir::AttributeKind::Int, ir::Required{}}},
    .exactness = ir::Exactness::Moves,
    .infer = infer_concat,
    .evaluate = evaluate_concat};

}  // namespace ponte::ops
