// Unsqueeze. Spec: onnx.ai/onnx/operators/onnx__Unsqueeze.html.
// C1: axes in [-r, r-1] for the rank r of the output, none twice.
#include <algorithm>

#include "ops/evaluation.h"
#include "ops/known_values.h"

namespace ponte::ops {
namespace {

ir::Shape unsqueezed_shape(const ir::Shape& data, const std::vector<std::int64_t>& axes) {
  ir::Shape result = data;
  const auto rank = static_cast<std::int64_t>(data.size() + axes.size());
  for (const std::int64_t axis : ir::normalized_axes(axes, rank)) {  // C1
    result.insert(result.begin() + axis, ir::Dim(1));
  }
  return result;
}

void infer_unsqueeze(ir::Inference& c) {
  const auto axes = known_numbers(c, 1);
  if (!axes) {
    if (!c.is_ranked(1) || c.rank(1) != 1 || !c.shape(1)[0].is_known()) c.give_up();
    const std::int64_t count = c.shape(1)[0].value();
    c.require(count <= 64, Code::ShapeMismatch, "over 64 dims");
    c.set_shape(0, fresh_shape(c, c.rank(0) + count));
    return;
  }
  const ir::Shape shape = unsqueezed_shape(c.shape(0), *axes);
  c.set_shape(0, shape);
  const auto known = c.value(0);
  const auto dims = ir::known_dims(shape);
  if (known && dims) c.set_value(0, {*dims, known->elements});
}

void evaluate_unsqueeze(Evaluation& e) {
  const std::vector<std::int64_t> axes = e.input(1).to_i64();
  const Array data = e.take(0);
  e.set(0, data.reshaped(*ir::known_dims(unsqueezed_shape(ir::to_shape(data.shape()), axes))));
}

}  // namespace

extern constinit const ir::Op unsqueeze_op{
    .name = "Unsqueeze",
    .since = 25,
    .inputs = {{"data", ir::types::any_tensor, "T"}, {"axes", ir::types::i64}},
    .outputs = {{"expanded", ir::types::any_tensor, "T"}},
    .exactness = ir::Exactness::Moves,
    .infer = infer_unsqueeze,
    .evaluate = evaluate_unsqueeze};

}  // namespace ponte::ops
