// ScatterElements. Spec: onnx.ai/onnx/operators/onnx__ScatterElements.html.
// C1: axis in [-r, r-1]. C2: indices and updates have one shape, of data's rank, and beside the
// axis no dim is larger than data's. C3: indices in [-s, s-1]. C4: reduction is none, add, mul, max
// or min.
#include "ops/indices.h"
#include "ops/scatter.h"
#include "ops/strides.h"

namespace ponte::ops {
namespace {

void infer_scatter_elements(ir::Inference& c) {
  scatter_reduction(c.attributes());  // C4
  const ir::Shape& data = c.shape(0);
  c.set_shape(0, data);
  ir::normalized_axis(c.attributes().i("axis"), c.rank(0));  // C1
  for (std::size_t i = 1; i < 3; ++i) {
    c.require(!c.is_ranked(i) || c.rank(i) == c.rank(0), Code::ShapeMismatch,
              "the inputs differ in rank");  // C2
  }
  const ir::Shape &indices = c.shape(1), &updates = c.shape(2);
  for (std::size_t i = 0; i < data.size(); ++i)
    c.require_not_different(indices[i], updates[i], "indices and updates");  // C2
}

// The offset in data of each index.
std::vector<std::int64_t> scatter_offsets(const ir::AttributeReader& attributes, const Array& data,
                                          const Array& indices) {
  const std::int64_t axis = ir::normalized_axis(attributes.i("axis"), data.rank());
  if (indices.rank() != data.rank())
    throw Error(Code::ShapeMismatch, "data and indices differ in rank");  // C2
  const auto at = static_cast<std::size_t>(axis);
  for (std::size_t i = 0; i < data.shape().size(); ++i) {
    if (i != at && indices.shape()[i] > data.shape()[i])
      throw Error(Code::ShapeMismatch, "indices is larger than data");  // C2
  }
  Dims strides = row_major_strides(data.shape());
  const std::int64_t step = strides[at];
  strides[at] = 0;
  std::vector<std::int64_t> offsets = indices.to_i64();
  Walk<1> walk(indices.shape(), {strides});
  for (std::int64_t& offset : offsets) {
    offset = walk.offset(0) + checked_index(offset, data.dim(axis)) * step;  // C3
    walk.advance();
  }
  return offsets;
}

void evaluate_scatter_elements(Evaluation& e) {
  e.require(e.input(1).shape() == e.input(2).shape(), Code::ShapeMismatch,
            "indices and updates differ in shape");
  const std::vector<std::int64_t> offsets = scatter_offsets(e.attributes(), e.input(0), e.input(1));
  Array out = e.take(0);
  scatter(
      e, out, e.input(2), [&](std::int64_t i) { return offsets[static_cast<std::size_t>(i)]; },
      scatter_reduction(e.attributes()));
  e.set(0, std::move(out));
}

void scale_scatter_elements(ErrorScale& s) {
  const std::vector<std::int64_t> offsets = scatter_offsets(s.attributes(), s.input(0), s.input(1));
  scale_scatter(
      s, [&](std::int64_t i) { return offsets[static_cast<std::size_t>(i)]; },
      scatter_reduction(s.attributes()));
}

}  // namespace

extern constinit const ir::Op scatter_elements_op{
    .name = "ScatterElements",
    .since = 18,
    .inputs = {{"data", ir::types::plain_tensor, "T"},
               {"indices", ir::types::i32 | ir::types::i64},
               {"updates", ir::types::plain_tensor, "T"}},
    .outputs = {{"output", ir::types::plain_tensor, "T"}},
    .attributes = {{"axis", ir::AttributeKind::Int, std::int64_t{0}},
                   {"reduction", ir::AttributeKind::String, "none"}},
    .infer = infer_scatter_elements,
    .evaluate = evaluate_scatter_elements,
    .scale = scale_scatter_elements};

}  // namespace ponte::ops
