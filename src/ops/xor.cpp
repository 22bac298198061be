// Xor. Spec: onnx.ai/onnx/operators/onnx__Xor.html.
#include "ops/broadcast.h"

namespace ponte::ops {
namespace {

void infer_xor(ir::Inference& c) { infer_broadcast(c); }

void evaluate_xor(Evaluation& e) {
  evaluate_predicate(e, [](Bool a, Bool b) { return a != b; });
}

}  // namespace

extern constinit const ir::Op xor_op{
    .name = "Xor",
    .since = 7,
    .inputs = {{"A", ir::types::boolean, "T"}, {"B", ir::types::boolean, "T"}},
    .outputs = {{"C", ir::types::boolean}},
    .exactness = ir::Exactness::Moves,
    .infer = infer_xor,
    .evaluate = evaluate_xor};

}  // namespace ponte::ops
