// Neg. Spec: onnx.ai/onnx/operators/onnx__Neg.html. Integers wrap around.

#include "ops/broadcast.h"

namespace ponte::ops {
namespace {

void evaluate_neg(Evaluation& e) {
  evaluate_unary(e, [](auto x) { return wrapping(decltype(x){0}, x, std::minus{}); });
}

}  // namespace

extern constinit const ir::Op neg_op{
    .name = "Neg",
    .since = 13,
    .inputs = {{"X", ir::types::floats | ir::types::signed_integers, "T"}},
    .outputs = {{"Y", ir::types::floats | ir::types::signed_integers, "T"}},
    .exactness = ir::Exactness::Moves,
    .infer = infer_same_shape,
    .evaluate = evaluate_neg};

}  // namespace ponte::ops
