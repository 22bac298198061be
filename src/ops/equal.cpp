// Equal. Spec: onnx.ai/onnx/operators/onnx__Equal.html. NaN equals nothing.
#include "ops/broadcast.h"

namespace ponte::ops {
namespace {

void evaluate_equal(Evaluation& e) { evaluate_predicate(e, std::equal_to<>{}); }

}  // namespace

extern constinit const ir::Op equal_op{
    .name = "Equal",
    .since = 19,
    .inputs = {{"A", ir::types::numeric | ir::types::boolean | ir::types::string, "T"},
               {"B", ir::types::numeric | ir::types::boolean | ir::types::string, "T"}},
    .outputs = {{"C", ir::types::boolean}},
    .exactness = ir::Exactness::Jumps,
    .infer = infer_broadcast,
    .evaluate = evaluate_equal};

}  // namespace ponte::ops
