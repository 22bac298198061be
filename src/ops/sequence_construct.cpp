// SequenceConstruct. Spec: onnx.ai/onnx/operators/onnx__SequenceConstruct.html. C1: all inputs have
// one dtype.
#include "ops/sequences.h"

namespace ponte::ops {
namespace {

void infer_sequence_construct(ir::Inference& c) {
  ir::Type element = c.type(0);
  for (std::size_t i = 1; i < c.input_count(); ++i)
    element = common_element(c, element, c.type(i));  // C1
  c.set_type(0, ir::Type::sequence_of(element));
}

void evaluate_sequence_construct(Evaluation& e) {
  std::vector<Datum> items;
  for (std::size_t i = 0; i < e.input_count(); ++i) items.push_back({e.input(i)});
  e.set(0, make_sequence(ir::Type::tensor(e.input(0).dtype()), std::move(items)));
}

}  // namespace

extern constinit const ir::Op sequence_construct_op{
    .name = "SequenceConstruct",
    .since = 11,
    .inputs = {{"inputs", sequence_elements, "T", ir::Arity::Variadic}},
    .outputs = {{"output_sequence", ir::types::sequence}},
    .exactness = ir::Exactness::Moves,
    .infer = infer_sequence_construct,
    .evaluate = evaluate_sequence_construct};

}  // namespace ponte::ops
