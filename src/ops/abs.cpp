// Abs. Spec: onnx.ai/onnx/operators/onnx__Abs.html. The lowest integer of a signed dtype stays what
// it is.
#include <cmath>

#include "ops/broadcast.h"
#include "ops/known_values.h"

namespace ponte::ops {
namespace {

void infer_abs(ir::Inference& c) {
  c.set_shape(0, c.shape(0));
  auto known = c.value(0);
  if (!known) return;
  for (ir::Dim& element : known->elements) {
    // The lowest number of the dtype has no opposite.
    if (static_cast<double>(element.range().lowest) <= ir::range(c.dtype(0)).lowest) return;
    element = max(element, ir::Dim(0) - element);
  }
  c.set_value(0, std::move(*known));
}

template <typename T>
T magnitude(T x) {
  if constexpr (std::is_floating_point_v<T>) {
    return std::abs(x);
  } else if constexpr (std::is_signed_v<T>) {
    return x < 0 ? wrapping(T{0}, x, std::minus{}) : x;
  } else {
    return x;
  }
}

void evaluate_abs(Evaluation& e) {
  evaluate_unary(e, [](auto x) { return magnitude(x); });
}

}  // namespace

extern constinit const ir::Op abs_op{.name = "Abs",
                                     .since = 13,
                                     .inputs = {{"X", ir::types::numeric, "T"}},
                                     .outputs = {{"Y", ir::types::numeric, "T"}},
                                     .exactness = ir::Exactness::Moves,
                                     .infer = infer_abs,
                                     .evaluate = evaluate_abs};

}  // namespace ponte::ops
