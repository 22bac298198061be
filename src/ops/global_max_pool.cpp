// GlobalMaxPool. Spec: onnx.ai/onnx/operators/onnx__GlobalMaxPool.html. The largest element of each
// channel's plane.
#include <algorithm>

#include "ops/global_pool.h"

namespace ponte::ops {
namespace {

void evaluate_global_max_pool(Evaluation& e) {
  const auto largest = [&](auto plane) {
    e.require(!plane.empty(), Code::InvalidInputValue, "a plane without elements");
    return *std::ranges::max_element(plane);
  };
  e.input(0).holds<double>() ? evaluate_global_pool<double>(e, largest)
                             : evaluate_global_pool<float>(e, largest);
}

}  // namespace

extern constinit const ir::Op global_max_pool_op{.name = "GlobalMaxPool",
                                                 .since = 22,
                                                 .inputs = {{"X", ir::types::floats, "T"}},
                                                 .outputs = {{"Y", ir::types::floats, "T"}},
                                                 .exactness = ir::Exactness::Moves,
                                                 .infer = infer_global_pool,
                                                 .evaluate = evaluate_global_max_pool};

}  // namespace ponte::ops
