// Flatten. Spec: onnx.ai/onnx/operators/onnx__Flatten.html.
// C1: axis in [-r, r]; what lies before it becomes the first dim, the rest the second.
#include "ops/evaluation.h"

namespace ponte::ops {
namespace {

ir::Shape flattened_shape(const ir::Shape& input, std::int64_t axis) {
  const auto rank = static_cast<std::int64_t>(input.size());
  const std::int64_t border = axis == rank ? rank : ir::normalized_axis(axis, rank);  // C1
  const auto middle = input.begin() + border;
  return {ir::element_count(ir::Shape(input.begin(), middle)),
          ir::element_count(ir::Shape(middle, input.end()))};
}

void infer_flatten(ir::Inference& c) {
  c.set_shape(0, flattened_shape(c.shape(0), c.attributes().i("axis")));
}

void evaluate_flatten(Evaluation& e) {
  const Array input = e.take(0);
  e.set(0, input.reshaped(*ir::known_dims(
               flattened_shape(ir::to_shape(input.shape()), e.attributes().i("axis")))));
}

}  // namespace

extern constinit const ir::Op flatten_op{
    .name = "Flatten",
    .since = 25,
    .inputs = {{"input", ir::types::any_tensor, "T"}},
    .outputs = {{"output", ir::types::any_tensor, "T"}},
    .attributes = {{"axis", ir::AttributeKind::Int, std::int64_t{1}}},
    .exactness = ir::Exactness::Moves,
    .infer = infer_flatten,
    .evaluate = evaluate_flatten};

}  // namespace ponte::ops
