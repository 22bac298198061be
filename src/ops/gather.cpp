// Gather. Spec: onnx.ai/onnx/operators/onnx__Gather.html.
// C1: data has rank 1 or more, axis in [-r, r-1]. C2: indices in [-s, s-1] for an axis of size s.
#include <fmt/format.h>

#include <algorithm>

#include "ops/broadcast.h"
#include "ops/indices.h"
#include "ops/known_values.h"
#include "ops/strides.h"

namespace ponte::ops {
namespace {

void infer_gather(ir::Inference& c) {
  const ir::Shape& data = c.shape(0);
  const std::int64_t axis = ir::normalized_axis(c.attributes().i("axis"), c.rank(0));  // C1
  const ir::Shape& indices = c.shape(1);
  ir::Shape shape(data.begin(), data.begin() + axis);
  shape.insert(shape.end(), indices.begin(), indices.end());
  shape.insert(shape.end(), data.begin() + axis + 1, data.end());
  c.set_shape(0, shape);
  const auto known = c.value(0);
  const auto positions = known_numbers(c, 1);
  const auto dims = ir::known_dims(indices);
  if (!known || !positions || !dims || data.size() != 1) return;
  ir::KnownValue result{*dims, {}};
  const auto size = static_cast<std::int64_t>(known->elements.size());
  for (const std::int64_t index : *positions) {
    result.elements.push_back(
        known->elements[static_cast<std::size_t>(checked_index(index, size))]);
  }
  c.set_value(0, std::move(result));
}

void evaluate_gather(Evaluation& e) {
  const Array& data = e.input(0);
  const std::int64_t axis = ir::normalized_axis(e.attributes().i("axis"), data.rank());
  const AxisSplit split = split_at(data.shape(), axis);
  std::vector<std::int64_t> indices = e.input(1).to_i64();
  for (std::int64_t& index : indices) index = checked_index(index, split.length);  // C2
  Dims shape(data.shape().begin(), data.shape().begin() + axis);
  shape.insert(shape.end(), e.input(1).shape().begin(), e.input(1).shape().end());
  shape.insert(shape.end(), data.shape().begin() + axis + 1, data.shape().end());
  Array out = e.allocate(data.dtype(), shape);
  e.charge_steps(out.count());
  const auto count = static_cast<std::int64_t>(indices.size());
  data.visit([&](auto elements) {
    using T = std::remove_cv_t<typename decltype(elements)::element_type>;
    T* target = out.mutable_as<T>().data();
    if (out.count() == 0) return;
    const std::int64_t grain = std::max<std::int64_t>(1, elementwise_grain / split.inner);
    e.parallel_for(split.outer * count, grain, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) {
        const std::int64_t index = indices[static_cast<std::size_t>(i % count)];
        std::copy_n(elements.data() + (i / count * split.length + index) * split.inner, split.inner,
                    target + i * split.inner);
      }
    });
  });
  e.set(0, std::move(out));
}

}  // namespace

extern constinit const ir::Op gather_op{
    .name = "Gather",
    .since = 13,
    .inputs = {{"data", ir::types::plain_tensor, "T"},
               {"indices", ir::types::i32 | ir::types::i64}},
    .outputs = {{"output", ir::types::plain_tensor, "T"}},
    .attributes = {{"axis", ir::AttributeKind::Int, std::int64_t{0}}},
    .exactness = ir::Exactness::Moves,
    .infer = infer_gather,
    .evaluate = evaluate_gather};

}  // namespace ponte::ops
