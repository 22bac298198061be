// Tile. Spec: onnx.ai/onnx/operators/onnx__Tile.html.
// C1: one repeat for each axis. C2: no repeat is negative.
#include "base/checked.h"
#include "ops/known_values.h"
#include "ops/strides.h"

namespace ponte::ops {
namespace {

// The input with an axis of stride 0 before each of its own.
StridedView tiled_view(const Dims& shape, std::span<const std::int64_t> repeats) {
  const Dims strides = row_major_strides(shape);
  StridedView view;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    view.shape.insert(view.shape.end(), {repeats[i], shape[i]});
    view.strides.insert(view.strides.end(), {0, strides[i]});
  }
  return view;
}

Dims tiled_shape(const Dims& shape, std::span<const std::int64_t> repeats) {
  Dims result;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const auto dim = checked_mul(shape[i], repeats[i]);
    if (!dim) throw Error(Code::ElementCountTooLarge, "a tiled dim overflows");
    result.push_back(*dim);
  }
  count_of(result);
  return result;
}

void infer_tile(ir::Inference& c) {
  ir::Shape shape = c.shape(0);
  const auto repeats = c.value(1);
  if (!repeats) return c.set_shape(0, fresh_shape(c, c.rank(0)));
  c.require(repeats->elements.size() == shape.size(), Code::ShapeMismatch,
            "`repeats` has another length");  // C1
  for (std::size_t i = 0; i < shape.size(); ++i) {
    c.require(repeats->elements[i].range().highest >= 0, Code::InvalidInputValue,
              "a repeat is negative");  // C2
    shape[i] = shape[i] * repeats->elements[i];
  }
  c.set_shape(0, shape);
  const auto known = c.value(0);
  const auto numbers = known_numbers(c, 1);
  const auto dims = ir::known_dims(shape);
  if (known && numbers && dims && count_of(*dims) <= known_value_limit) {
    c.set_value(0, {*dims, gathered(*known, tiled_view(known->shape, *numbers)).elements});
  }
}

void evaluate_tile(Evaluation& e) {
  const std::vector<std::int64_t> repeats = e.input(1).to_i64();
  const Array input = e.take(0);
  e.require(repeats.size() == input.shape().size(), Code::ShapeMismatch,
            "`repeats` has another length");
  for (const std::int64_t repeat : repeats)
    e.require(repeat >= 0, Code::InvalidInputValue, "a repeat is negative");
  const Dims shape = tiled_shape(input.shape(), repeats);
  e.set(0, gathered(e, input, tiled_view(input.shape(), repeats)).reshaped(shape));
}

}  // namespace

extern constinit const ir::Op tile_op{
    .name = "Tile",
    .since = 13,
    .inputs = {{"input", ir::types::plain_tensor, "T"}, {"repeats", ir::types::i64}},
    .outputs = {{"output", ir::types::plain_tensor, "T"}},
    .exactness = ir::Exactness::Moves,
    .infer = infer_tile,
    .evaluate = evaluate_tile};

}  // namespace ponte::ops
