// GatherElements. Spec: onnx.ai/onnx/operators/onnx__GatherElements.html.
// C1: axis in [-r, r-1]. C2: indices has data's rank, and beside the axis no dim is larger than
// data's. C3: indices in [-s, s-1].
#include "ops/indices.h"
#include "ops/strides.h"

namespace ponte::ops {
namespace {

void infer_gather_elements(ir::Inference& c) {
  c.set_shape(0, c.shape(1));
  ir::normalized_axis(c.attributes().i("axis"), c.rank(0));                                   // C1
  c.require(c.rank(0) == c.rank(1), Code::ShapeMismatch, "data and indices differ in rank");  // C2
}

void evaluate_gather_elements(Evaluation& e) {
  const Array &data = e.input(0), &indices = e.input(1);
  e.require(data.rank() == indices.rank(), Code::ShapeMismatch, "data and indices differ in rank");
  const std::int64_t axis = ir::normalized_axis(e.attributes().i("axis"), data.rank());
  const auto at = static_cast<std::size_t>(axis);
  for (std::size_t i = 0; i < data.shape().size(); ++i) {
    e.require(i == at || indices.shape()[i] <= data.shape()[i], Code::ShapeMismatch,
              "indices is larger than data");  // C2
  }
  Dims strides = row_major_strides(data.shape());
  const std::int64_t step = strides[at];
  strides[at] = 0;
  Array out = e.allocate(data.dtype(), indices.shape());
  e.charge_steps(out.count());
  const auto positions = indices.as<std::int64_t>();
  data.visit([&](auto elements) {
    using T = std::remove_cv_t<typename decltype(elements)::element_type>;
    const auto target = out.mutable_as<T>();
    Walk<1> walk(indices.shape(), {strides});
    for (std::size_t i = 0; i < target.size(); ++i, walk.advance()) {
      const std::int64_t index = checked_index(positions[i], data.dim(axis));  // C3
      target[i] = elements[static_cast<std::size_t>(walk.offset(0) + index * step)];
    }
  });
  e.set(0, std::move(out));
}

}  // namespace

extern constinit const ir::Op gather_elements_op{
    .name = "GatherElements",
    .since = 13,
    .inputs = {{"data", ir::types::plain_tensor, "T"},
               {"indices", ir::types::i32 | ir::types::i64}},
    .outputs = {{"output", ir::types::plain_tensor, "T"}},
    .attributes = {{"axis", ir::AttributeKind::Int, std::int64_t{0}}},
    .exactness = ir::Exactness::Moves,
    .infer = infer_gather_elements,
    .evaluate = evaluate_gather_elements};

}  // namespace ponte::ops
