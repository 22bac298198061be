// ArgMax. Spec: onnx.ai/onnx/operators/onnx__ArgMax.html.
// C1: axis in [-r, r-1]. Ties: the first index, or the last with select_last_index. NaN is never
// larger.
#include "ops/evaluation.h"

namespace ponte::ops {
namespace {

void infer_arg_max(ir::Inference& c) {
  ir::Shape shape = c.shape(0);
  const auto axis = ir::normalized_axis(c.attributes().i("axis"), c.rank(0));  // C1
  if (c.attributes().i("keepdims") != 0) {
    shape[static_cast<std::size_t>(axis)] = 1;
  } else {
    shape.erase(shape.begin() + axis);
  }
  c.set_shape(0, shape);
}

void evaluate_arg_max(Evaluation& e) {
  const Array& data = e.input(0);
  const auto axis = ir::normalized_axis(e.attributes().i("axis"), data.rank());
  const bool last = e.attributes().i("select_last_index") != 0;
  Dims shape = data.shape();
  const std::int64_t length = shape[static_cast<std::size_t>(axis)];
  e.require(length > 0, Code::InvalidInputValue, "the axis has no elements to choose from");
  std::int64_t inner = 1;
  for (std::size_t i = static_cast<std::size_t>(axis) + 1; i < shape.size(); ++i) inner *= shape[i];
  shape[static_cast<std::size_t>(axis)] = 1;
  if (e.attributes().i("keepdims") == 0) shape.erase(shape.begin() + axis);
  Array out = e.allocate(ir::DType::Int64, shape);
  const auto indices = out.mutable_as<std::int64_t>();
  e.charge_steps(data.count());
  data.visit([&](auto elements) {
    using T = std::remove_cv_t<typename decltype(elements)::element_type>;
    if constexpr (std::is_arithmetic_v<T>) {
      for (std::int64_t i = 0; i < out.count(); ++i) {
        const T* line = elements.data() + i / inner * inner * length + i % inner;
        std::int64_t best = 0;
        for (std::int64_t k = 1; k < length; ++k) {
          const T value = line[k * inner], champion = line[best * inner];
          if (value > champion || (last && value == champion)) best = k;
        }
        indices[static_cast<std::size_t>(i)] = best;
      }
    } else {
      throw Error(Code::InvalidInputType, "numbers are needed here");
    }
  });
  e.set(0, std::move(out));
}

}  // namespace

extern constinit const ir::Op arg_max_op{
    .name = "ArgMax",
    .since = 13,
    .inputs = {{"data", ir::types::numeric}},
    .outputs = {{"reduced", ir::types::i64}},
    .attributes = {{"axis", ir::AttributeKind::Int, std::int64_t{0}},
                   {"keepdims", ir::AttributeKind::Int, std::int64_t{1}},
                   {"select_last_index", ir::AttributeKind::Int, std::int64_t{0}}},
    .exactness = ir::Exactness::Jumps,
    .infer = infer_arg_max,
    .evaluate = evaluate_arg_max};

}  // namespace ponte::ops
