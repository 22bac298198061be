// Tanh. Spec: onnx.ai/onnx/operators/onnx__Tanh.html.
#include <cmath>

#include "ops/broadcast.h"
#include "ops/error_scale.h"

namespace ponte::ops {
namespace {

void evaluate_tanh(Evaluation& e) {
  evaluate_unary(e, [](auto x) { return std::tanh(x); });
}

}  // namespace

extern constinit const ir::Op tanh_op{.name = "Tanh",
                                      .since = 13,
                                      .inputs = {{"input", ir::types::floats, "T"}},
                                      .outputs = {{"output", ir::types::floats, "T"}},
                                      .infer = infer_same_shape,
                                      .evaluate = evaluate_tanh,
                                      .scale = scale_few_ulps};

}  // namespace ponte::ops
