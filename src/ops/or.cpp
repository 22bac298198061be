// Or. Spec: onnx.ai/onnx/operators/onnx__Or.html.
#include "ops/broadcast.h"

namespace ponte::ops {
namespace {

void evaluate_or(Evaluation& e) {
  evaluate_predicate(e, [](Bool a, Bool b) { return a == Bool::True || b == Bool::True; });
}

}  // namespace

extern constinit const ir::Op or_op{
    .name = "Or",
    .since = 7,
    .inputs = {{"A", ir::types::boolean, "T"}, {"B", ir::types::boolean, "T"}},
    .outputs = {{"C", ir::types::boolean}},
    .exactness = ir::Exactness::Moves,
    .infer = infer_broadcast,
    .evaluate = evaluate_or};

}  // namespace ponte::ops
