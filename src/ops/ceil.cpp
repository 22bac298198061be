// Ceil. Spec: onnx.ai/onnx/operators/onnx__Ceil.html.
#include <cmath>

#include "ops/broadcast.h"

namespace ponte::ops {
namespace {

void evaluate_ceil(Evaluation& e) {
  evaluate_unary(e, [](auto x) { return std::ceil(x); });
}

}  // namespace

extern constinit const ir::Op ceil_op{.name = "Ceil",
                                      .since = 13,
                                      .inputs = {{"X", ir::types::floats, "T"}},
                                      .outputs = {{"Y", ir::types::floats, "T"}},
                                      .exactness = ir::Exactness::Jumps,
                                      .infer = infer_same_shape,
                                      .evaluate = evaluate_ceil};

}  // namespace ponte::ops
