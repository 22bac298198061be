// Compress. Spec: onnx.ai/onnx/operators/onnx__Compress.html. The slices of an axis, or the
// elements of the whole, that a condition marks.
// C1: axis in [-r, r-1]. C2: the condition has one axis, and is not longer than what it marks.
#include <algorithm>

#include "ops/broadcast.h"
#include "ops/strides.h"

namespace ponte::ops {
namespace {

void infer_compress(ir::Inference& c) {
  c.require(!c.is_ranked(1) || c.rank(1) == 1, Code::ShapeMismatch, "the condition has one axis");
  if (!c.attributes().has("axis")) return c.set_shape(0, {c.fresh_dim()});
  ir::Shape shape = c.shape(0);
  const std::int64_t axis = ir::normalized_axis(c.attributes().i("axis"), c.rank(0));  // C1
  shape[static_cast<std::size_t>(axis)] = c.fresh_dim();
  c.set_shape(0, std::move(shape));
}

std::vector<std::int64_t> marked(std::span<const Bool> condition) {
  std::vector<std::int64_t> places;
  for (std::size_t i = 0; i < condition.size(); ++i) {
    if (condition[i] == Bool::True) places.push_back(static_cast<std::int64_t>(i));
  }
  return places;
}

void evaluate_compress(Evaluation& e) {
  const Array& x = e.input(0);
  const Array& condition = e.input(1);
  const bool is_flat = !e.attributes().has("axis");
  Dims shape = is_flat ? Dims{x.count()} : x.shape();
  const std::int64_t axis = is_flat ? 0 : ir::normalized_axis(e.attributes().i("axis"), x.rank());
  const AxisSplit split = split_at(shape, axis);
  e.require(condition.rank() == 1 && condition.count() <= split.length, Code::ShapeMismatch,
            "the condition is longer than what it marks");  // C2
  const std::vector<std::int64_t> places = marked(condition.as<Bool>());
  const auto count = static_cast<std::int64_t>(places.size());
  shape[static_cast<std::size_t>(axis)] = count;
  Array out = e.allocate(x.dtype(), shape);
  e.charge_steps(out.count() + condition.count());
  x.visit([&](auto elements) {
    using T = std::remove_cv_t<typename decltype(elements)::element_type>;
    T* target = out.mutable_as<T>().data();
    for (std::int64_t outer = 0; outer < split.outer; ++outer) {
      for (const std::int64_t place : places) {
        std::copy_n(elements.data() + (outer * split.length + place) * split.inner, split.inner,
                    target);
        target += split.inner;
      }
    }
  });
  e.set(0, std::move(out));
}

}  // namespace

extern constinit const ir::Op compress_op{
    .name = "Compress",
    .since = 28,
    .inputs = {{"input", ir::types::plain_tensor, "T"}, {"condition", ir::types::boolean}},
    .outputs = {{"output", ir::types::plain_tensor, "T"}},
    .attributes = {{"axis", ir::AttributeKind::Int}},
    .exactness = ir::Exactness::Jumps,
    .infer = infer_compress,
    .evaluate = evaluate_compress};

}  // namespace ponte::ops
