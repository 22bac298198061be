// Sqrt. Spec: onnx.ai/onnx/operators/onnx__Sqrt.html. NaN for negative numbers.
#include <cmath>

#include "ops/broadcast.h"
#include "ops/error_scale.h"

namespace ponte::ops {
namespace {

void evaluate_sqrt(Evaluation& e) {
  evaluate_unary(e, [](auto x) { return std::sqrt(x); });
}

}  // namespace

extern constinit const ir::Op sqrt_op{.name = "Sqrt",
                                      .since = 13,
                                      .inputs = {{"X", ir::types::floats, "T"}},
                                      .outputs = {{"Y", ir::types::floats, "T"}},
                                      .infer = infer_same_shape,
                                      .evaluate = evaluate_sqrt,
                                      .scale = scale_one_rounding};

}  // namespace ponte::ops
