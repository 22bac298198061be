// Shape. Spec: onnx.ai/onnx/operators/onnx__Shape.html.
// C1: start and end count from the back when negative and are clamped to [0, r].
#include <algorithm>

#include "ops/evaluation.h"

namespace ponte::ops {
namespace {

struct ShapeSpan {
  std::int64_t begin;
  std::int64_t end;
};

ShapeSpan shape_span(const ir::AttributeReader& attributes, std::int64_t rank) {
  const auto clamped = [rank](std::int64_t axis) {
    if (axis < 0) axis = axis < -rank ? 0 : axis + rank;
    return std::min(axis, rank);
  };
  const std::int64_t begin = clamped(attributes.i("start"));
  const std::int64_t end = attributes.has("end") ? clamped(attributes.i("end")) : rank;  // C1
  return {begin, std::max(begin, end)};
}

void infer_shape(ir::Inference& c) {
  const ir::Shape& data = c.shape(0);
  const auto [begin, end] = shape_span(c.attributes(), c.rank(0));
  c.set_shape(0, {end - begin});
  c.set_value(0, {{end - begin}, {data.begin() + begin, data.begin() + end}});
}

void evaluate_shape(Evaluation& e) {
  const Array& data = e.input(0);
  const auto [begin, end] = shape_span(e.attributes(), data.rank());
  Array out = e.allocate(ir::DType::Int64, {end - begin});
  std::copy(data.shape().begin() + begin, data.shape().begin() + end,
            out.mutable_as<std::int64_t>().begin());
  e.set(0, std::move(out));
}

}  // namespace

extern constinit const ir::Op shape_op{
    .name = "Shape",
    .since = 25,
    .inputs = {{"data", ir::types::any_tensor}},
    .outputs = {{"shape", ir::types::i64}},
    .attributes = {{"end", ir::AttributeKind::Int},
                   {"start", ir::AttributeKind::Int, std::int64_t{0}}},
    .exactness = ir::Exactness::Moves,
    .infer = infer_shape,
    .evaluate = evaluate_shape};

}  // namespace ponte::ops
