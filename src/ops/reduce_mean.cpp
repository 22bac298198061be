// ReduceMean. Spec: onnx.ai/onnx/operators/onnx__ReduceMean.html. Integers divide by truncation.
#include "ops/reduction.h"

namespace ponte::ops {
namespace {

void evaluate_reduce_mean(Evaluation& e) {
  const ReductionPlan plan = plan_reduction(e);
  e.input(0).visit([&](auto elements) {
    using T = std::remove_cv_t<typename decltype(elements)::element_type>;
    if constexpr (std::is_arithmetic_v<T>) {
      const auto n = static_cast<T>(plan.steps.size());
      if (std::is_integral_v<T>)
        e.require(n != 0, Code::InvalidInputValue, "the mean of no integers");
      e.set(0, reduce<T>(
                   e, plan, T{0}, [](T a, T b) { return static_cast<T>(a + b); },
                   [n](T total) { return static_cast<T>(total / n); }));
    }
  });
}

void scale_reduce_mean(ErrorScale& s) { scale_reduction_sum(s, SumKind::Mean); }

}  // namespace

extern constinit const ir::Op reduce_mean_op{
    .name = "ReduceMean",
    .since = 18,
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
    .evaluate = evaluate_reduce_mean,
    .scale = scale_reduce_mean};

}  // namespace ponte::ops
