// ReduceSum. Spec: onnx.ai/onnx/operators/onnx__ReduceSum.html. Integers wrap around.
#include "ops/broadcast.h"
#include "ops/reduction.h"

namespace ponte::ops {
namespace {

void evaluate_reduce_sum(Evaluation& e) {
  const ReductionPlan plan = plan_reduction(e);
  e.input(0).visit([&](auto elements) {
    using T = std::remove_cv_t<typename decltype(elements)::element_type>;
    if constexpr (std::is_arithmetic_v<T>) {
      e.set(0, reduce<T>(
                   e, plan, T{0}, [](T a, T b) { return wrapping(a, b, std::plus{}); },
                   [](T total) { return total; }));
    }
  });
}

void scale_reduce_sum(ErrorScale& s) { scale_reduction_sum(s, SumKind::Sum); }

}  // namespace

extern constinit const ir::Op reduce_sum_op{
    .name = "ReduceSum",
    .since = 13,
    .inputs = {{"data",
                ir::types::floats | ir::types::i32 | ir::types::i64 | ir::types::u32 |
                    ir::types::u64,
                "T"},
               {"axes", ir::types::i64, "", ir::Arity::Optional}},
    .outputs = {{"reduced",
                 ir::types::floats | ir::types::i32 | ir::types::i64 | ir::types::u32 |
                     ir::types::u64,
                 "T"}},
    .attributes = {{"keepdims", ir::AttributeKind::Int, std::int64_t{1}},
                   {"noop_with_empty_axes", ir::AttributeKind::Int, std::int64_t{0}}},
    .infer = infer_reduction,
    .evaluate = evaluate_reduce_sum,
    .scale = scale_reduce_sum};

}  // namespace ponte::ops
