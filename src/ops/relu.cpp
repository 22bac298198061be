// Relu. Spec: onnx.ai/onnx/operators/onnx__Relu.html. max(x, 0); NaN stays NaN.
#include "ops/broadcast.h"

namespace ponte::ops {
namespace {

void evaluate_relu(Evaluation& e) {
  evaluate_unary(e, [](auto x) { return x < decltype(x){0} ? decltype(x){0} : x; });
}

}  // namespace

extern constinit const ir::Op relu_op{
    .name = "Relu",
    .since = 14,
    .inputs = {{"X", ir::types::floats | ir::types::signed_integers, "T"}},
    .outputs = {{"Y", ir::types::floats | ir::types::signed_integers, "T"}},
    .exactness = ir::Exactness::Moves,
    .infer = infer_same_shape,
    .evaluate = evaluate_relu};

}  // namespace ponte::ops
