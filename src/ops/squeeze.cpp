// Squeeze. Spec: onnx.ai/onnx/operators/onnx__Squeeze.html.
// C1: axes in [-r, r-1], none twice. C2: a squeezed dim is 1. Without axes, all dims of 1 go.
#include <algorithm>

#include "ops/evaluation.h"
#include "ops/known_values.h"

namespace ponte::ops {
namespace {

ir::Shape squeezed_shape(const ir::Shape& data, const std::vector<std::int64_t>& axes) {
  ir::Shape result;
  const auto squeezed = ir::normalized_axes(axes, static_cast<std::int64_t>(data.size()));  // C1
  for (std::size_t i = 0; i < data.size(); ++i) {
    if (!std::ranges::binary_search(squeezed, static_cast<std::int64_t>(i))) {
      result.push_back(data[i]);
    } else if (compare(data[i], 1) == ir::Comparison::Different) {
      throw Error(Code::ShapeMismatch, "a dim that is squeezed is " + data[i].to_string());  // C2
    }
  }
  return result;
}

// Every dim of 1; none where a dim might be 1.
std::optional<std::vector<std::int64_t>> dims_of_one(const ir::Shape& data) {
  std::vector<std::int64_t> axes;
  for (std::size_t i = 0; i < data.size(); ++i) {
    const ir::Comparison is_one = compare(data[i], 1);
    if (is_one == ir::Comparison::Unknown) return std::nullopt;
    if (is_one == ir::Comparison::Equal) axes.push_back(static_cast<std::int64_t>(i));
  }
  return axes;
}

void infer_squeeze(ir::Inference& c) {
  const ir::Shape& data = c.shape(0);
  const auto axes = c.has_input(1) ? known_numbers(c, 1) : dims_of_one(data);
  if (!axes) {
    if (!c.has_input(1) || !c.is_ranked(1) || c.rank(1) != 1 || !c.shape(1)[0].is_known())
      c.give_up();
    const std::int64_t count = c.shape(1)[0].value();
    c.require(count <= c.rank(0), Code::InvalidAxis, "more axes are squeezed than there are");
    c.set_shape(0, fresh_shape(c, c.rank(0) - count));
    return;
  }
  const ir::Shape shape = squeezed_shape(data, *axes);
  c.set_shape(0, shape);
  const auto known = c.value(0);
  const auto dims = ir::known_dims(shape);
  if (known && dims) c.set_value(0, {*dims, known->elements});
}

void evaluate_squeeze(Evaluation& e) {
  const Array data = e.take(0);
  const ir::Shape from = ir::to_shape(data.shape());
  const std::vector<std::int64_t> axes = e.has_input(1) ? e.input(1).to_i64() : *dims_of_one(from);
  e.set(0, data.reshaped(*ir::known_dims(squeezed_shape(from, axes))));
}

}  // namespace

extern constinit const ir::Op squeeze_op{
    .name = "Squeeze",
    .since = 25,
    .inputs = {{"data", ir::types::any_tensor, "T"},
               {"axes", ir::types::i64, "", ir::Arity::Optional}},
    .outputs = {{"squeezed", ir::types::any_tensor, "T"}},
    .exactness = ir::Exactness::Moves,
    .infer = infer_squeeze,
    .evaluate = evaluate_squeeze};

}  // namespace ponte::ops
