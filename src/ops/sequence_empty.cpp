// SequenceEmpty. Spec: onnx.ai/onnx/operators/onnx__SequenceEmpty.html. Without dtype the elements
// are f32.
#include "ops/sequences.h"

namespace ponte::ops {
namespace {

ir::Type empty_element(const ir::AttributeReader& attributes) {
  return ir::Type::tensor(attributes.has("dtype") ? attributes.dtype("dtype") : ir::DType::Float32);
}

void infer_sequence_empty(ir::Inference& c) {
  c.set_type(0, ir::Type::sequence_of(empty_element(c.attributes())));
}

void evaluate_sequence_empty(Evaluation& e) {
  e.set(0, make_sequence(empty_element(e.attributes()), {}));
}

}  // namespace

extern constinit const ir::Op sequence_empty_op{.name = "SequenceEmpty",
                                                .since = 11,
                                                .outputs = {{"output", ir::types::sequence}},
                                                .attributes = {{"dtype", ir::AttributeKind::Int}},
                                                .exactness = ir::Exactness::Moves,
                                                .infer = infer_sequence_empty,
                                                .evaluate = evaluate_sequence_empty};

}  // namespace ponte::ops
