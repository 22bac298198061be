// Sign. Spec: onnx.ai/onnx/operators/onnx__Sign.html. NaN stays NaN.
#include "ops/broadcast.h"
#include "ops/known_values.h"

namespace ponte::ops {
namespace {

void infer_sign(ir::Inference& c) {
  c.set_shape(0, c.shape(0));
  const auto numbers = known_numbers(c, 0);
  if (!numbers) return;
  ir::KnownValue known{c.value(0)->shape, {}};
  for (const std::int64_t x : *numbers) known.elements.emplace_back(x > 0 ? 1 : x < 0 ? -1 : 0);
  c.set_value(0, std::move(known));
}

template <typename T>
T sign_of(T x) {
  if (x > T{0}) return T{1};
  if constexpr (!std::is_unsigned_v<T>) {
    if (x < T{0}) return T{-1};
  }
  return x != x ? x : T{0};
}

void evaluate_sign(Evaluation& e) {
  evaluate_unary(e, [](auto x) { return sign_of(x); });
}

}  // namespace

extern constinit const ir::Op sign_op{.name = "Sign",
                                      .since = 13,
                                      .inputs = {{"input", ir::types::numeric, "T"}},
                                      .outputs = {{"output", ir::types::numeric, "T"}},
                                      .exactness = ir::Exactness::Jumps,
                                      .infer = infer_sign,
                                      .evaluate = evaluate_sign};

}  // namespace ponte::ops
