// Clip. Spec: onnx.ai/onnx/operators/onnx__Clip.html. Min(max, Max(input, min)); NaN stays NaN.
// C1: min and max have one element; without them they are the ends of the dtype's range, so that
// infinities go.
#include <limits>

#include "ops/broadcast.h"
#include "ops/extremes.h"
#include "ops/known_values.h"

namespace ponte::ops {
namespace {

void infer_clip(ir::Inference& c) {
  c.set_shape(0, c.shape(0));
  auto known = c.value(0);
  for (std::size_t i = 1; i < 3; ++i) {
    if (!c.has_input(i)) continue;
    const auto bound = known_scalar(c, i);  // C1
    if (!bound) known.reset();
    if (!known) continue;
    for (ir::Dim& element : known->elements)
      element = i == 1 ? max(element, *bound) : min(element, *bound);
  }
  if (known) c.set_value(0, std::move(*known));
}

template <typename T>
T clip_bound(const Evaluation& e, std::size_t input, T fallback) {
  if (!e.has_input(input)) return fallback;
  e.require(e.input(input).count() == 1, Code::ShapeMismatch,
            "a bound must have one element");  // C1
  return e.input(input).as<T>()[0];
}

void evaluate_clip(Evaluation& e) {
  e.input(0).visit([&](auto elements) {
    using T = std::remove_cv_t<typename decltype(elements)::element_type>;
    if constexpr (std::is_arithmetic_v<T>) {
      T lowest = std::numeric_limits<T>::lowest(), highest = std::numeric_limits<T>::max();
      if constexpr (std::is_floating_point_v<T>) {
        const ir::Range range = ir::range(e.input(0).dtype());
        lowest = static_cast<T>(range.lowest);
        highest = static_cast<T>(range.highest);
      }
      const T low = clip_bound<T>(e, 1, lowest), high = clip_bound<T>(e, 2, highest);
      // The computing type of the bounds is the input's.
      evaluate_unary(e, [&](auto x) { return smaller(larger(static_cast<T>(x), low), high); });
    } else {
      throw Error(Code::InvalidInputType, "numbers are needed here");
    }
  });
}

}  // namespace

extern constinit const ir::Op clip_op{
    .name = "Clip",
    .since = 13,
    .inputs = {{"input", ir::types::numeric, "T"},
               {"min", ir::types::numeric, "T", ir::Arity::Optional},
               {"max", ir::types::numeric, "T", ir::Arity::Optional}},
    .outputs = {{"output", ir::types::numeric, "T"}},
    .exactness = ir::Exactness::Moves,
    .infer = infer_clip,
    .evaluate = evaluate_clip};

}  // namespace ponte::ops
