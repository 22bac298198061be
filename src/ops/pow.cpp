// Pow. Spec: onnx.ai/onnx/operators/onnx__Pow.html. The result has the base's dtype; the exponent
// may have another one.
#include <cmath>
#include <numbers>

#include "ops/broadcast.h"
#include "ops/error_scale.h"

namespace ponte::ops {
namespace {

template <typename A, typename B>
A power(A base, B exponent) {
  if constexpr (std::is_integral_v<A>) {
    return static_cast<A>(std::pow(static_cast<double>(base), static_cast<double>(exponent)));
  } else {
    return static_cast<A>(std::pow(base, static_cast<A>(exponent)));
  }
}

void evaluate_pow(Evaluation& e) {
  const Array& x = e.input(0);
  const Array& y = e.input(1);
  x.visit([&](auto xs) {
    using A = std::remove_cv_t<typename decltype(xs)::element_type>;
    y.visit([&](auto ys) {
      using B = std::remove_cv_t<typename decltype(ys)::element_type>;
      if constexpr (std::is_arithmetic_v<A> && std::is_arithmetic_v<B>) {
        e.set(0,
              broadcast_apply<A, B, A>(e, x, y, x.dtype(), [](A a, B b) { return power(a, b); }));
      } else {
        throw Error(Code::InvalidInputType, "numbers are needed here");
      }
    });
  });
}

}  // namespace

extern constinit const ir::Op pow_op{
    .name = "Pow",
    .since = 15,
    .inputs = {{"X", ir::types::floats | ir::types::i32 | ir::types::i64, "T"},
               {"Y", ir::types::numeric, "T1"}},
    .outputs = {{"Z", ir::types::floats | ir::types::i32 | ir::types::i64, "T"}},
    .infer = infer_broadcast,
    .evaluate = evaluate_pow,
    .scale = scale_few_ulps};

}  // namespace ponte::ops
