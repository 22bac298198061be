// ConcatFromSequence. Spec: onnx.ai/onnx/operators/onnx__ConcatFromSequence.html.
// C1: axis in [-r, r-1], with new_axis in [-r-1, r]. C2: ranks and all other dims are equal; with
// new_axis all dims. C3: the sequence is not empty.
#include "ops/joining.h"
#include "ops/sequences.h"

namespace ponte::ops {
namespace {

void infer_concat_from_sequence(ir::Inference& c) {
  const ir::TensorType* element = element_type(c, 0).as_tensor();
  if (!element) c.give_up();
  c.set_dtype(0, element->dtype);
  if (!element->shape) c.give_up();
  ir::Shape shape = *element->shape;
  const bool is_new = c.attributes().i("new_axis") != 0;
  const auto rank = static_cast<std::int64_t>(shape.size()) + (is_new ? 1 : 0);
  const std::int64_t axis = ir::normalized_axis(c.attributes().i("axis"), rank);  // C1
  if (is_new) {
    shape.insert(shape.begin() + axis, c.fresh_dim());
  } else {
    shape[static_cast<std::size_t>(axis)] = c.fresh_dim();
  }
  c.set_shape(0, shape);
}

void evaluate_concat_from_sequence(Evaluation& e) {
  const std::vector<Datum>& items = *e.datum(0).sequence().items;
  e.require(!items.empty(), Code::InvalidInputValue, "the sequence is empty");  // C3
  const bool is_new = e.attributes().i("new_axis") != 0;
  const std::int64_t rank = items[0].array().rank() + (is_new ? 1 : 0);
  const std::int64_t axis = ir::normalized_axis(e.attributes().i("axis"), rank);
  std::vector<Array> arrays;
  for (const Datum& item : items) {
    Dims shape = item.array().shape();
    e.require(static_cast<std::int64_t>(shape.size()) + (is_new ? 1 : 0) == rank,
              Code::ShapeMismatch,
              "tensors of a sequence differ in rank");  // C2
    if (is_new) shape.insert(shape.begin() + axis, 1);
    arrays.push_back(item.array().reshaped(shape));
  }
  e.set(0, joined(e, arrays, axis));
}

}  // namespace

extern constinit const ir::Op concat_from_sequence_op{
    .name = "ConcatFromSequence",
    .since = 11,
    .inputs = {{"input_sequence", ir::types::sequence}},
    .outputs = {{"concat_result", sequence_elements}},
    .attributes = {{"axis", ir::AttributeKind::Int, ir::Required{}},
                   {"new_axis", ir::AttributeKind::Int, std::int64_t{0}}},
    .exactness = ir::Exactness::Moves,
    .infer = infer_concat_from_sequence,
    .evaluate = evaluate_concat_from_sequence};

}  // namespace ponte::ops
