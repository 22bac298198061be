// Cast. Spec: onnx.ai/onnx/operators/onnx__Cast.html.
// C1: to is a dtype that Cast gives. C2: round_mode is up, down or nearest.
#include <fmt/format.h>

#include "ops/conversion.h"

namespace ponte::ops {
namespace {

ir::DType cast_target(const ir::AttributeReader& attributes) {
  const ir::DType to = attributes.dtype("to");
  if (!convertible.has(to)) {
    throw Error(Code::InvalidAttribute,
                fmt::format("nothing can be cast to {}", to_string(to)));  // C1
  }
  return to;
}

void infer_cast(ir::Inference& c) {
  conversion_rules(c.attributes());  // C2
  infer_conversion(c, cast_target(c.attributes()));
}

void evaluate_cast(Evaluation& e) {
  const Array input = e.take(0);
  e.set(0, converted(e, input, cast_target(e.attributes()), conversion_rules(e.attributes())));
}

}  // namespace

extern constinit const ir::Op cast_op{
    .name = "Cast",
    .since = 28,
    .inputs = {{"input", convertible}},
    .outputs = {{"output", convertible}},
    .attributes = {{"round_mode", ir::AttributeKind::String, "up"},
                   {"saturate", ir::AttributeKind::Int, std::int64_t{1}},
                   {"to", ir::AttributeKind::Int, ir::Required{}}},
    .infer = infer_cast,
    .evaluate = evaluate_cast,
    .scale = scale_conversion};

}  // namespace ponte::ops
