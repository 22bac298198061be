// Div. Spec: onnx.ai/onnx/operators/onnx__Div.html. Integers are truncated towards zero.
// C1: an integer divisor is not 0.
#include <limits>

#include "ops/broadcast.h"
#include "ops/error_scale.h"

namespace ponte::ops {
namespace {

void infer_div(ir::Inference& c) {
  infer_broadcast(c);
  const auto divisor = c.value(1);
  if (!divisor) return;
  // Shape arithmetic knows sizes, which are not negative: there truncation and flooring are the
  // same.
  for (const ir::Dim& dim : divisor->elements) {
    if (dim.range().lowest <= 0) return;
  }
  const auto dividend = c.value(0);
  if (!dividend) return;
  for (const ir::Dim& dim : dividend->elements) {
    if (dim.range().lowest < 0) return;
  }
  infer_broadcast_known(c, [](const ir::Dim& a, const ir::Dim& b) { return floor_div(a, b); });
}

template <typename T>
T divided(T a, T b) {
  if constexpr (std::is_integral_v<T>) {
    if (b == 0) throw Error(Code::InvalidInputValue, "an integer is divided by 0");  // C1
    if constexpr (std::is_signed_v<T>) {
      if (b == -1) return wrapping(T{0}, a, std::minus{});
    }
  }
  return a / b;
}

void evaluate_div(Evaluation& e) {
  evaluate_binary(e, [](auto a, auto b) { return divided(a, b); });
}

}  // namespace

extern constinit const ir::Op div_op{
    .name = "Div",
    .since = 14,
    .inputs = {{"A", ir::types::numeric, "T"}, {"B", ir::types::numeric, "T"}},
    .outputs = {{"C", ir::types::numeric, "T"}},
    .infer = infer_div,
    .evaluate = evaluate_div,
    .scale = scale_one_rounding};

}  // namespace ponte::ops
