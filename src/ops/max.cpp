// Max. Spec: onnx.ai/onnx/operators/onnx__Max.html. Any number of inputs, broadcast together; NaN
// wins.
#include "ops/broadcast.h"
#include "ops/extremes.h"
#include "ops/known_values.h"

namespace ponte::ops {
namespace {

void infer_max(ir::Inference& c) {
  infer_broadcast(c);
  const auto values = all_known(c);
  if (!values) return;
  auto known = combined(*values, [](std::span<const ir::Dim> v) {
    ir::Dim largest = v[0];
    for (const ir::Dim& next : v.subspan(1)) largest = max(largest, next);
    return largest;
  });
  if (known) c.set_value(0, std::move(*known));
}

void evaluate_max(Evaluation& e) {
  Array largest = e.take(0);
  for (std::size_t i = 1; i < e.input_count(); ++i) {
    largest.visit([&](auto elements) {
      using T = std::remove_cv_t<typename decltype(elements)::element_type>;
      if constexpr (std::is_arithmetic_v<T>) {
        largest = broadcast_apply<T, T, T>(e, largest, e.input(i), largest.dtype(), larger<T>);
      } else {
        throw Error(Code::InvalidInputType, "numbers are needed here");
      }
    });
  }
  e.set(0, std::move(largest));
}

}  // namespace

extern constinit const ir::Op max_op{
    .name = "Max",
    .since = 13,
    .inputs = {{"data_0", ir::types::numeric, "T", ir::Arity::Variadic}},
    .outputs = {{"max", ir::types::numeric, "T"}},
    .exactness = ir::Exactness::Moves,
    .infer = infer_max,
    .evaluate = evaluate_max};

}  // namespace ponte::ops
