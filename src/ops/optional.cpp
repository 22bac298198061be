// Optional. Spec: onnx.ai/onnx/operators/onnx__Optional.html. C1: without an input, type says what
// the optional would hold.
#include "ops/evaluation.h"

namespace ponte::ops {
namespace {

constexpr ir::TypeSet optional_elements =
    ir::types::any_tensor | ir::types::f6 | ir::types::sequence;

ir::Type declared_element(const ir::AttributeReader& attributes) {
  if (!attributes.has("type"))
    throw Error(Code::MissingAttribute, "an empty optional needs `type`");  // C1
  return attributes.type("type");
}

void infer_optional(ir::Inference& c) {
  c.set_type(0,
             ir::Type::optional_of(c.has_input(0) ? c.type(0) : declared_element(c.attributes())));
}

void evaluate_optional(Evaluation& e) {
  OptionalDatum result;
  if (e.has_input(0)) {
    result.item = std::make_shared<const Datum>(e.datum(0));
    result.element = type_of(e.datum(0));
  } else {
    result.element = declared_element(e.attributes());
  }
  e.set(0, Datum{std::move(result)});
}

}  // namespace

extern constinit const ir::Op optional_op{
    .name = "Optional",
    .since = 28,
    .inputs = {{"input", optional_elements, "", ir::Arity::Optional}},
    .outputs = {{"output", ir::types::optional}},
    .attributes = {{"type", ir::AttributeKind::Type}},
    .exactness = ir::Exactness::Moves,
    .infer = infer_optional,
    .evaluate = evaluate_optional};

}  // namespace ponte::ops
