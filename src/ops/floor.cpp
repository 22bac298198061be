// Floor. Spec: onnx.ai/onnx/operators/onnx__Floor.html.
#include <cmath>

#include "ops/broadcast.h"

namespace ponte::ops {
namespace {

void evaluate_floor(Evaluation& e) {
  evaluate_unary(e, [](auto x) { return std::floor(x); });
}

}  // namespace

extern constinit const ir::Op floor_op{.name = "Floor",
                                       .since = 13,
                                       .inputs = {{"X", ir::types::floats, "T"}},
                                       .outputs = {{"Y", ir::types::floats, "T"}},
                                       .exactness = ir::Exactness::Jumps,
                                       .infer = infer_same_shape,
                                       .evaluate = evaluate_floor};

}  // namespace ponte::ops
