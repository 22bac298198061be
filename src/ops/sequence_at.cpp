// SequenceAt. Spec: onnx.ai/onnx/operators/onnx__SequenceAt.html. C1: position in [-n, n-1].
#include "ops/indices.h"
#include "ops/sequences.h"

namespace ponte::ops {
namespace {

void infer_sequence_at(ir::Inference& c) { c.set_type(0, element_type(c, 0)); }

void evaluate_sequence_at(Evaluation& e) {
  const Sequence& sequence = e.datum(0).sequence();
  const std::int64_t at =
      checked_index(position_of(e, 1), static_cast<std::int64_t>(sequence.items->size()));  // C1
  e.set(0, (*sequence.items)[static_cast<std::size_t>(at)]);
}

}  // namespace

extern constinit const ir::Op sequence_at_op{
    .name = "SequenceAt",
    .since = 11,
    .inputs = {{"input_sequence", ir::types::sequence},
               {"position", ir::types::i32 | ir::types::i64}},
    .outputs = {{"tensor", sequence_elements}},
    .exactness = ir::Exactness::Moves,
    .infer = infer_sequence_at,
    .evaluate = evaluate_sequence_at};

}  // namespace ponte::ops
