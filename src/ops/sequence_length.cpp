// SequenceLength. Spec: onnx.ai/onnx/operators/onnx__SequenceLength.html.
#include "ops/sequences.h"

namespace ponte::ops {
namespace {

void infer_sequence_length(ir::Inference& c) { c.set_shape(0, {}); }

void evaluate_sequence_length(Evaluation& e) {
  Array out = e.allocate(ir::DType::Int64, {});
  out.mutable_as<std::int64_t>()[0] =
      static_cast<std::int64_t>(e.datum(0).sequence().items->size());
  e.set(0, std::move(out));
}

}  // namespace

extern constinit const ir::Op sequence_length_op{
    .name = "SequenceLength",
    .since = 11,
    .inputs = {{"input_sequence", ir::types::sequence}},
    .outputs = {{"length", ir::types::i64}},
    .exactness = ir::Exactness::Moves,
    .infer = infer_sequence_length,
    .evaluate = evaluate_sequence_length};

}  // namespace ponte::ops
