// Add. Spec: onnx.ai/onnx/operators/onnx__Add.html. Multidirectional broadcasting; integers wrap
// around.
#include "ops/broadcast.h"
#include "ops/error_scale.h"

namespace ponte::ops {
namespace {

void infer_add(ir::Inference& c) {
  infer_broadcast_known(c, [](const ir::Dim& a, const ir::Dim& b) { return a + b; });
}

void evaluate_add(Evaluation& e) {
  evaluate_binary(e, [](auto a, auto b) { return wrapping(a, b, std::plus{}); });
}

}  // namespace

extern constinit const ir::Op add_op{
    .name = "Add",
    .since = 14,
    .inputs = {{"A", ir::types::numeric, "T"}, {"B", ir::types::numeric, "T"}},
    .outputs = {{"C", ir::types::numeric, "T"}},
    .infer = infer_add,
    .evaluate = evaluate_add,
    .scale = scale_one_rounding};

}  // namespace ponte::ops
