// Min. Spec: onnx.ai/onnx/operators/onnx__Min.html. Any number of inputs, broadcast together; NaN
// wins.
#include "ops/broadcast.h"
#include "ops/extremes.h"
#include "ops/known_values.h"

namespace ponte::ops {
namespace {

void infer_min(ir::Inference& c) {
  infer_broadcast(c);
  const auto values = all_known(c);
  if (!values) return;
  auto known = combined(*values, [](std::span<const ir::Dim> v) {
    ir::Dim smallest = v[0];
    for (const ir::Dim& next : v.subspan(1)) smallest = min(smallest, next);
    return smallest;
  });
  if (known) c.set_value(0, std::move(*known));
}

void evaluate_min(Evaluation& e) {
  Array smallest = e.take(0);
  for (std::size_t i = 1; i < e.input_count(); ++i) {
    smallest.visit([&](auto elements) {
      using T = std::remove_cv_t<typename decltype(elements)::element_type>;
      if constexpr (std::is_arithmetic_v<T>) {
        smallest = broadcast_apply<T, T, T>(e, smallest, e.input(i), smallest.dtype(), smaller<T>);
      } else {
        throw Error(Code::InvalidInputType, "numbers are needed here");
      }
    });
  }
  e.set(0, std::move(smallest));
}

}  // namespace

extern constinit const ir::Op min_op{
    .name = "Min",
    .since = 13,
    .inputs = {{"data_0", ir::types::numeric, "T", ir::Arity::Variadic}},
    .outputs = {{"min", ir::types::numeric, "T"}},
    .exactness = ir::Exactness::Moves,
    .infer = infer_min,
    .evaluate = evaluate_min};

}  // namespace ponte::ops
