// Reductions over axes: what ReduceSum, ReduceMean and their kin share.
#pragma once

#include <cmath>

#include "ops/error_scale.h"
#include "ops/evaluation.h"

namespace ponte::ops {

// The axes to reduce: input 1, all of them when it is absent or empty (none at all with
// noop_with_empty_axes). Inference: the output's shape, with keepdims.
void infer_reduction(ir::Inference& c);

// How an input of known shape is reduced: outputs times reduced elements.
struct ReductionPlan {
  Dims shape;                        // of the output
  std::vector<std::int64_t> starts;  // of each output's first element
  std::vector<std::int64_t> steps;   // offsets of its elements from there
};
ReductionPlan plan_reduction(const Evaluation& e);
ReductionPlan plan_reduction(const ir::AttributeReader& attributes, const Array& data,
                             const Array* axes);

// out = finish(fold of step over the elements, from `initial`), in the computing type T of the
// input.
template <typename T, typename Step, typename Finish>
Array reduce(const Evaluation& e, const ReductionPlan& plan, T initial, const Step& step,
             const Finish& finish) {
  const Array& data = e.input(0);
  Array out = e.allocate(data.dtype(), plan.shape);
  const T* from = data.as<T>().data();
  const auto to = out.mutable_as<T>();
  e.charge_steps(data.count());
  e.parallel_for(out.count(), 64, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      T total = initial;
      const T* start = from + plan.starts[static_cast<std::size_t>(i)];
      for (const std::int64_t offset : plan.steps) total = step(total, start[offset]);
      to[static_cast<std::size_t>(i)] = finish(total);
    }
  });
  return out;
}

// The scale of a sum of elements, or of their mean.
enum class SumKind : std::uint8_t { Sum, Mean };
void scale_reduction_sum(ErrorScale& s, SumKind kind);

}  // namespace ponte::ops
