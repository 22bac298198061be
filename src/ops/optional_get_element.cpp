// OptionalGetElement. Spec: onnx.ai/onnx/operators/onnx__OptionalGetElement.html. Tensors and
// sequences are given back. C1: the optional is not empty.
#include "ops/evaluation.h"

namespace ponte::ops {
namespace {

void infer_optional_get_element(ir::Inference& c) {
  const ir::OptionalType* optional = c.type(0).as_optional();
  c.set_type(0, optional ? *optional->element : c.type(0));
}

void evaluate_optional_get_element(Evaluation& e) {
  const auto* optional = std::get_if<OptionalDatum>(&e.datum(0).held);
  e.require(!optional || optional->item, Code::InvalidInputValue, "the optional is empty");  // C1
  e.set(0, optional ? *optional->item : e.datum(0));
}

}  // namespace

extern constinit const ir::Op optional_get_element_op{
    .name = "OptionalGetElement",
    .since = 28,
    .inputs = {{"input", ir::types::any | ir::types::f6}},
    .outputs = {{"output", ir::types::any_tensor | ir::types::f6 | ir::types::sequence}},
    .exactness = ir::Exactness::Moves,
    .infer = infer_optional_get_element,
    .evaluate = evaluate_optional_get_element};

}  // namespace ponte::ops
