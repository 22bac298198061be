// ScatterND. Spec: onnx.ai/onnx/operators/onnx__ScatterND.html.
// C1: data and indices have rank 1 or more. C2: the last dim of indices in [1, r]. C3: updates has
// the shape of indices without its last dim, followed by that of a slice. C4: indices in [-s, s-1].
// C5: reduction is none, add, mul, max or min.
#include "ops/index_tuples.h"
#include "ops/known_values.h"
#include "ops/scatter.h"

namespace ponte::ops {
namespace {

// Shape arithmetic replaces elements of a shape in this way.
void set_scattered_value(ir::Inference& c) {
  auto known = c.value(0);
  const auto positions = known_numbers(c, 1);
  const auto updates = c.value(2);
  if (!known || known->shape.size() != 1 || !positions || !updates ||
      updates->elements.size() != positions->size())
    return;
  if (c.attributes().s("reduction") != "none" || c.shape(1).back().known() != 1) return;
  const auto size = static_cast<std::int64_t>(known->elements.size());
  for (std::size_t i = 0; i < positions->size(); ++i) {
    const std::int64_t index = (*positions)[i];
    if (index < -size || index >= size) return;
    known->elements[static_cast<std::size_t>(index < 0 ? index + size : index)] =
        updates->elements[i];
  }
  c.set_value(0, std::move(*known));
}

void infer_scatter_nd(ir::Inference& c) {
  scatter_reduction(c.attributes());  // C5
  const ir::Shape& data = c.shape(0);
  c.set_shape(0, data);
  const ir::Shape& indices = c.shape(1);
  const auto tuple = infer_tuple_length(c, 0);  // C1, C2
  if (!tuple || !c.is_ranked(2)) return;
  ir::Shape expected(indices.begin(), indices.end() - 1);
  expected.insert(expected.end(), data.begin() + *tuple, data.end());
  c.require_rank(2, static_cast<std::int64_t>(expected.size()), "updates");  // C3
  for (std::size_t i = 0; i < expected.size(); ++i)
    c.require_not_different(expected[i], c.shape(2)[i], "updates");  // C3
  set_scattered_value(c);
}

void evaluate_scatter_nd(Evaluation& e) {
  const IndexedSlices slices = indexed_slices(e.input(0), e.input(1), 0);  // C4
  const Dims &data = e.input(0).shape(), &indices = e.input(1).shape();
  Dims expected(indices.begin(), indices.end() - 1);
  expected.insert(expected.end(), data.begin() + indices.back(), data.end());
  e.require(e.input(2).shape() == expected, Code::ShapeMismatch, "updates has another shape");
  Array out = e.take(0);
  scatter(
      e, out, e.input(2),
      [&](std::int64_t i) {
        return slices.offsets[static_cast<std::size_t>(i / slices.length)] + i % slices.length;
      },
      scatter_reduction(e.attributes()));
  e.set(0, std::move(out));
}

void scale_scatter_nd(ErrorScale& s) {
  const IndexedSlices slices = indexed_slices(s.input(0), s.input(1), 0);
  scale_scatter(
      s,
      [&](std::int64_t i) {
        return slices.offsets[static_cast<std::size_t>(i / slices.length)] + i % slices.length;
      },
      scatter_reduction(s.attributes()));
}

}  // namespace

extern constinit const ir::Op scatter_nd_op{
    .name = "ScatterND",
    .since = 18,
    .inputs = {{"data", ir::types::plain_tensor, "T"},
               {"indices", ir::types::i64},
               {"updates", ir::types::plain_tensor, "T"}},
    .outputs = {{"output", ir::types::plain_tensor, "T"}},
    .attributes = {{"reduction", ir::AttributeKind::String, "none"}},
    .infer = infer_scatter_nd,
    .evaluate = evaluate_scatter_nd,
    .scale = scale_scatter_nd};

}  // namespace ponte::ops
