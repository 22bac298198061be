// Expand. Spec: onnx.ai/onnx/operators/onnx__Expand.html.
// C1: input and shape broadcast together, so the output may be larger than shape. C2: no dim is
// negative.
#include <algorithm>

#include "ops/broadcast.h"
#include "ops/known_values.h"
#include "ops/strides.h"

namespace ponte::ops {
namespace {

void infer_expand(ir::Inference& c) {
  const ir::Shape& input = c.shape(0);
  const auto wanted = c.value(1);
  if (!wanted) {
    if (!c.is_ranked(1) || c.rank(1) != 1 || !c.shape(1)[0].is_known()) c.give_up();
    c.set_shape(0, fresh_shape(c, std::max(c.rank(0), c.shape(1)[0].value())));
    return;
  }
  for (const ir::Dim& dim : wanted->elements) {
    c.require(dim.range().highest >= 0, Code::ShapeMismatch, "`shape` has a negative dim");  // C2
  }
  const ir::Shape shapes[] = {input, wanted->elements};
  const ir::Shape shape = ir::broadcast(shapes, c.node().graph().fresh_dims());  // C1
  c.set_shape(0, shape);
  const auto known = c.value(0);
  const auto dims = ir::known_dims(shape);
  if (known && dims && count_of(*dims) <= known_value_limit) {
    c.set_value(0, gathered(*known, expanded(known->shape, *dims)));
  }
}

void evaluate_expand(Evaluation& e) {
  const Dims wanted = e.input(1).to_i64();
  for (const std::int64_t dim : wanted)
    e.require(dim >= 0, Code::ShapeMismatch, "`shape` has a negative dim");
  const Array input = e.take(0);
  const Dims* const shapes[] = {&input.shape(), &wanted};
  e.set(0, gathered(e, input, expanded(input.shape(), broadcast_dims(shapes))));
}

}  // namespace

extern constinit const ir::Op expand_op{
    .name = "Expand",
    .since = 13,
    .inputs = {{"input", ir::types::plain_tensor, "T"}, {"shape", ir::types::i64}},
    .outputs = {{"output", ir::types::plain_tensor, "T"}},
    .exactness = ir::Exactness::Moves,
    .infer = infer_expand,
    .evaluate = evaluate_expand};

}  // namespace ponte::ops
