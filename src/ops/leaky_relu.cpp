// LeakyRelu. Spec: onnx.ai/onnx/operators/onnx__LeakyRelu.html. x where x >= 0, alpha x elsewhere.
#include "ops/broadcast.h"
#include "ops/error_scale.h"

namespace ponte::ops {
namespace {

void evaluate_leaky_relu(Evaluation& e) {
  const double alpha = e.attributes().f("alpha");
  evaluate_unary(e, [alpha](auto x) { return x < 0 ? static_cast<decltype(x)>(alpha) * x : x; });
}

}  // namespace

extern constinit const ir::Op leaky_relu_op{
    .name = "LeakyRelu",
    .since = 16,
    .inputs = {{"X", ir::types::floats, "T"}},
    .outputs = {{"Y", ir::types::floats, "T"}},
    .attributes = {{"alpha", ir::AttributeKind::Float, 0.01}},
    .infer = infer_same_shape,
    .evaluate = evaluate_leaky_relu,
    .scale = scale_one_rounding};

}  // namespace ponte::ops
