// Mul. Spec: onnx.ai/onnx/operators/onnx__Mul.html. Multidirectional broadcasting; integers wrap
// around.
#include "ops/broadcast.h"
#include "ops/error_scale.h"

namespace ponte::ops {
namespace {

void infer_mul(ir::Inference& c) {
  infer_broadcast_known(c, [](const ir::Dim& a, const ir::Dim& b) { return a * b; });
}

void evaluate_mul(Evaluation& e) {
  evaluate_binary(e, [](auto a, auto b) { return wrapping(a, b, std::multiplies{}); });
}

}  // namespace

extern constinit const ir::Op mul_op{
    .name = "Mul",
    .since = 14,
    .inputs = {{"A", ir::types::numeric, "T"}, {"B", ir::types::numeric, "T"}},
    .outputs = {{"C", ir::types::numeric, "T"}},
    .infer = infer_mul,
    .evaluate = evaluate_mul,
    .scale = scale_one_rounding};

}  // namespace ponte::ops
