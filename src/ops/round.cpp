// Round. Spec: onnx.ai/onnx/operators/onnx__Round.html. Halves go to the even neighbour.
#include <cmath>

#include "ops/broadcast.h"

namespace ponte::ops {
namespace {

void infer_round(ir::Inference& c) { infer_same_shape(c); }

void evaluate_round(Evaluation& e) {
  // The rounding mode of the process is never changed from to-nearest-even.
  evaluate_unary(e, [](auto x) { return std::nearbyint(x); });
}

}  // namespace

extern constinit const ir::Op round_op{.name = "Round",
                                       .since = 22,
                                       .inputs = {{"X", ir::types::floats, "T"}},
                                       .outputs = {{"Y", ir::types::floats, "T"}},
                                       .exactness = ir::Exactness::Jumps,
                                       .infer = infer_round,
                                       .evaluate = evaluate_round};

}  // namespace ponte::ops
