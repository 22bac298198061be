// Sub. Spec: onnx.ai/onnx/operators/onnx__Sub.html. Multidirectional broadcasting; integers wrap
// around.
#include "ops/broadcast.h"
#include "ops/error_scale.h"

namespace ponte::ops {
namespace {

void infer_sub(ir::Inference& c) {
  infer_broadcast_known(c, [](const ir::Dim& a, const ir::Dim& b) { return a - b; });
}

void evaluate_sub(Evaluation& e) {
  evaluate_binary(e, [](auto a, auto b) { return wrapping(a, b, std::minus{}); });
}

}  // namespace

extern constinit const ir::Op sub_op{
    .name = "Sub",
    .since = 14,
    .inputs = {{"A", ir::types::numeric, "T"}, {"B", ir::types::numeric, "T"}},
    .outputs = {{"C", ir::types::numeric, "T"}},
    .infer = infer_sub,
    .evaluate = evaluate_sub,
    .scale = scale_one_rounding};

}  // namespace ponte::ops
