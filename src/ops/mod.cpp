// Mod. Spec: onnx.ai/onnx/operators/onnx__Mod.html.
// C1: fmod is 0 (the result has B's sign) or 1 (A's sign). C2: an integer divisor is not 0.
#include <cmath>
#include <limits>

#include "ops/broadcast.h"

namespace ponte::ops {
namespace {

bool keeps_dividend_sign(const ir::AttributeReader& attributes) {
  const std::int64_t fmod = attributes.i("fmod");
  if (fmod != 0 && fmod != 1)
    throw Error(Code::InvalidAttribute, "`fmod` is neither 0 nor 1");  // C1
  return fmod == 1;
}

void infer_mod(ir::Inference& c) {
  const bool truncates = keeps_dividend_sign(c.attributes());
  infer_broadcast(c);
  const auto a = c.value(0), b = c.value(1);
  if (!a || !b) return;
  for (const ir::Dim& divisor : b->elements) {
    if (divisor.range().lowest <= 0) return;
  }
  // With both signs the same it makes no difference how the quotient is rounded.
  for (const ir::Dim& dividend : a->elements) {
    if (truncates && dividend.range().lowest < 0) return;
  }
  infer_broadcast_known(c, [](const ir::Dim& x, const ir::Dim& y) { return mod(x, y); });
}

template <typename T>
T integer_remainder(T a, T b, bool truncates) {
  if (b == 0) throw Error(Code::InvalidInputValue, "an integer is divided by 0");  // C2
  if constexpr (std::is_signed_v<T>) {
    if (b == -1) return 0;
  }
  const T rest = static_cast<T>(a % b);
  const bool is_other_side = rest != 0 && (rest < 0) != (b < 0);
  return is_other_side && !truncates ? static_cast<T>(rest + b) : rest;
}

template <typename T>
T real_remainder(T a, T b, bool truncates) {
  const T rest = std::fmod(a, b);
  if (truncates || std::isnan(rest)) return rest;
  if (rest == 0) return std::copysign(rest, b);
  return std::signbit(rest) != std::signbit(b) ? rest + b : rest;
}

void evaluate_mod(Evaluation& e) {
  const bool truncates = keeps_dividend_sign(e.attributes());
  evaluate_binary(e, [truncates](auto a, auto b) {
    if constexpr (std::is_integral_v<decltype(a)>) {
      return integer_remainder(a, b, truncates);
    } else {
      return real_remainder(a, b, truncates);
    }
  });
}

}  // namespace

extern constinit const ir::Op mod_op{
    .name = "Mod",
    .since = 28,
    .inputs = {{"A", ir::types::numeric, "T"}, {"B", ir::types::numeric, "T"}},
    .outputs = {{"C", ir::types::numeric, "T"}},
    .attributes = {{"fmod", ir::AttributeKind::Int, std::int64_t{0}}},
    .exactness = ir::Exactness::Jumps,
    .infer = infer_mod,
    .evaluate = evaluate_mod};

}  // namespace ponte::ops
