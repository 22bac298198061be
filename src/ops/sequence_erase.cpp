// SequenceErase. Spec: onnx.ai/onnx/operators/onnx__SequenceErase.html. C1: position in [-n, n-1],
// the last when it is absent.
#include "ops/indices.h"
#include "ops/sequences.h"

namespace ponte::ops {
namespace {

void infer_sequence_erase(ir::Inference& c) {
  c.set_type(0, ir::Type::sequence_of(element_type(c, 0)));
}

void evaluate_sequence_erase(Evaluation& e) {
  const Sequence& sequence = e.datum(0).sequence();
  std::vector<Datum> items = *sequence.items;
  const auto size = static_cast<std::int64_t>(items.size());
  items.erase(items.begin() + checked_index(e.has_input(1) ? position_of(e, 1) : -1, size));  // C1
  e.charge_steps(size);
  e.set(0, make_sequence(sequence.element, std::move(items)));
}

}  // namespace

extern constinit const ir::Op sequence_erase_op{
    .name = "SequenceErase",
    .since = 11,
    .inputs = {{"input_sequence", ir::types::sequence, "S"},
               {"position", ir::types::i32 | ir::types::i64, "", ir::Arity::Optional}},
    .outputs = {{"output_sequence", ir::types::sequence, "S"}},
    .exactness = ir::Exactness::Moves,
    .infer = infer_sequence_erase,
    .evaluate = evaluate_sequence_erase};

}  // namespace ponte::ops
