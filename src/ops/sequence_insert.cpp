// SequenceInsert. Spec: onnx.ai/onnx/operators/onnx__SequenceInsert.html.
// C1: the tensor has the sequence's dtype. C2: position in [-n, n], at the end when it is absent.
#include "ops/indices.h"
#include "ops/sequences.h"

namespace ponte::ops {
namespace {

void infer_sequence_insert(ir::Inference& c) {
  c.set_type(0, ir::Type::sequence_of(common_element(c, element_type(c, 0), c.type(1))));  // C1
}

void evaluate_sequence_insert(Evaluation& e) {
  const Sequence& sequence = e.datum(0).sequence();
  std::vector<Datum> items = *sequence.items;
  const auto size = static_cast<std::int64_t>(items.size());
  std::int64_t at = e.has_input(2) ? position_of(e, 2) : size;
  if (at != size) at = checked_index(at, size);  // C2
  items.insert(items.begin() + at, {e.input(1)});
  e.charge_steps(size + 1);
  e.set(0, make_sequence(ir::Type::tensor(e.input(1).dtype()), std::move(items)));
}

}  // namespace

extern constinit const ir::Op sequence_insert_op{
    .name = "SequenceInsert",
    .since = 11,
    .inputs = {{"input_sequence", ir::types::sequence, "S"},
               {"tensor", sequence_elements},
               {"position", ir::types::i32 | ir::types::i64, "", ir::Arity::Optional}},
    .outputs = {{"output_sequence", ir::types::sequence, "S"}},
    .exactness = ir::Exactness::Moves,
    .infer = infer_sequence_insert,
    .evaluate = evaluate_sequence_insert};

}  // namespace ponte::ops
