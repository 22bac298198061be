// OptionalHasElement. Spec: onnx.ai/onnx/operators/onnx__OptionalHasElement.html. Tensors and
// sequences count as elements, an absent input does not.
#include "ops/evaluation.h"

namespace ponte::ops {
namespace {

void infer_optional_has_element(ir::Inference& c) { c.set_shape(0, {}); }

void evaluate_optional_has_element(Evaluation& e) {
  bool has_element = e.has_input(0);
  if (has_element) {
    const auto* optional = std::get_if<OptionalDatum>(&e.datum(0).held);
    has_element = !optional || optional->item != nullptr;
  }
  Array out = e.allocate(ir::DType::Bool, {});
  out.mutable_as<Bool>()[0] = has_element ? Bool::True : Bool::False;
  e.set(0, std::move(out));
}

}  // namespace

extern constinit const ir::Op optional_has_element_op{
    .name = "OptionalHasElement",
    .since = 28,
    .inputs = {{"input", ir::types::any | ir::types::f6, "", ir::Arity::Optional}},
    .outputs = {{"output", ir::types::boolean}},
    .exactness = ir::Exactness::Moves,
    .infer = infer_optional_has_element,
    .evaluate = evaluate_optional_has_element};

}  // namespace ponte::ops
