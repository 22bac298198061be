// GatherND. Spec: onnx.ai/onnx/operators/onnx__GatherND.html.
// C1: data and indices have rank 1 or more. C2: batch_dims is below both ranks, and the batch dims
// are equal. C3: the last dim of indices in [1, r - batch_dims]. C4: indices in [-s, s-1].
#include <algorithm>

#include "ops/index_tuples.h"

namespace ponte::ops {
namespace {

void infer_gather_nd(ir::Inference& c) {
  const ir::Shape &data = c.shape(0), &indices = c.shape(1);
  const std::int64_t batch = c.attributes().i("batch_dims");
  const auto tuple = infer_tuple_length(c, batch);  // C1, C2, C3
  if (!tuple) return;
  for (std::size_t i = 0; i < static_cast<std::size_t>(batch); ++i) {
    c.require_not_different(data[i], indices[i], "batch dims");  // C2
  }
  ir::Shape shape(indices.begin(), indices.end() - 1);
  shape.insert(shape.end(), data.begin() + batch + *tuple, data.end());
  c.set_shape(0, shape);
}

void evaluate_gather_nd(Evaluation& e) {
  const Array &data = e.input(0), &indices = e.input(1);
  const std::int64_t batch = e.attributes().i("batch_dims");
  const IndexedSlices slices = indexed_slices(data, indices, batch);  // C4
  Dims shape(indices.shape().begin(), indices.shape().end() - 1);
  shape.insert(shape.end(), data.shape().begin() + batch + indices.shape().back(),
               data.shape().end());
  Array out = e.allocate(data.dtype(), shape);
  e.charge_steps(out.count());
  data.visit([&](auto elements) {
    using T = std::remove_cv_t<typename decltype(elements)::element_type>;
    T* target = out.mutable_as<T>().data();
    for (const std::int64_t offset : slices.offsets) {
      target = std::copy_n(elements.data() + offset, slices.length, target);
    }
  });
  e.set(0, std::move(out));
}

}  // namespace

extern constinit const ir::Op gather_nd_op{
    .name = "GatherND",
    .since = 13,
    .inputs = {{"data", ir::types::plain_tensor, "T"}, {"indices", ir::types::i64}},
    .outputs = {{"output", ir::types::plain_tensor, "T"}},
    .attributes = {{"batch_dims", ir::AttributeKind::Int, std::int64_t{0}}},
    .exactness = ir::Exactness::Moves,
    .infer = infer_gather_nd,
    .evaluate = evaluate_gather_nd};

}  // namespace ponte::ops
