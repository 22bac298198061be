// Identity. Spec: onnx.ai/onnx/operators/onnx__Identity.html. Any type.
#include "ops/evaluation.h"

namespace ponte::ops {
namespace {

void infer_identity(ir::Inference& c) {
  c.set_type(0, c.type(0));
  if (const auto known = c.value(0)) c.set_value(0, *known);
}

void evaluate_identity(Evaluation& e) { e.set(0, e.datum(0)); }

}  // namespace

extern constinit const ir::Op identity_op{.name = "Identity",
                                          .since = 25,
                                          .inputs = {{"input", ir::types::any, "V"}},
                                          .outputs = {{"output", ir::types::any, "V"}},
                                          .exactness = ir::Exactness::Moves,
                                          .infer = infer_identity,
                                          .evaluate = evaluate_identity};

}  // namespace ponte::ops
