// GreaterOrEqual. Spec: onnx.ai/onnx/operators/onnx__GreaterOrEqual.html.
#include "ops/broadcast.h"

namespace ponte::ops {
namespace {

void evaluate_greater_or_equal(Evaluation& e) {
  evaluate_predicate(
      e, [](const auto& a,
            const auto& b) requires std::is_arithmetic_v<std::remove_cvref_t<decltype(a)>> {
        return a >= b;
      });
}

}  // namespace

extern constinit const ir::Op greater_or_equal_op{
    .name = "GreaterOrEqual",
    .since = 16,
    .inputs = {{"A", ir::types::numeric, "T"}, {"B", ir::types::numeric, "T"}},
    .outputs = {{"C", ir::types::boolean}},
    .exactness = ir::Exactness::Jumps,
    .infer = infer_broadcast,
    .evaluate = evaluate_greater_or_equal};

}  // namespace ponte::ops
