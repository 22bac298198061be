// Split. Spec: onnx.ai/onnx/operators/onnx__Split.html.
// C1: axis in [-r, r-1]. C2: not both split and num_outputs. C3: one length for each output, none
// negative, their sum is the axis. C4: num_outputs is the number of outputs; the last part may be
// smaller. Without either the parts are equal, too.
#include <algorithm>

#include "ops/joining.h"
#include "ops/known_values.h"

namespace ponte::ops {
namespace {

void check_split(const ir::AttributeReader& attributes, bool has_split, std::size_t outputs) {
  if (!attributes.has("num_outputs")) return;
  if (has_split)
    throw Error(Code::InvalidAttribute, "`split` and `num_outputs` exclude each other");  // C2
  if (attributes.i("num_outputs") != static_cast<std::int64_t>(outputs)) {
    throw Error(Code::InvalidAttribute, "`num_outputs` is not the number of outputs");  // C4
  }
}

std::vector<ir::Dim> equal_parts(const ir::Dim& size, std::size_t count) {
  const ir::Dim part = ceil_div(size, static_cast<std::int64_t>(count));
  std::vector<ir::Dim> parts;
  ir::Dim left = size;
  for (std::size_t i = 0; i < count; ++i) {
    parts.push_back(min(part, max(left, 0)));
    left = left - part;
  }
  return parts;
}

// The known elements of a vector, divided among the outputs.
void set_known_parts(ir::Inference& c, const std::vector<ir::Dim>& parts) {
  const auto known = c.value(0);
  const auto lengths = ir::known_dims(parts);
  if (!known || known->shape.size() != 1 || !lengths) return;
  auto element = known->elements.begin();
  for (std::size_t i = 0; i < lengths->size(); ++i) {
    const std::int64_t length = (*lengths)[i];
    if (length < 0 || length > known->elements.end() - element) return;
    c.set_value(i, {{length}, {element, element + length}});
    element += length;
  }
}

void infer_split(ir::Inference& c) {
  check_split(c.attributes(), c.has_input(1), c.output_count());
  const ir::Shape& input = c.shape(0);
  const auto axis =
      static_cast<std::size_t>(ir::normalized_axis(c.attributes().i("axis"), c.rank(0)));  // C1
  std::optional<std::vector<ir::Dim>> parts;
  if (!c.has_input(1)) {
    parts = equal_parts(input[axis], c.output_count());
  } else if (const auto known = c.value(1)) {
    parts = known->elements;
    c.require(parts->size() == c.output_count(), Code::ShapeMismatch,
              "`split` needs a length for each output");  // C3
    ir::Dim sum = 0;
    for (const ir::Dim& part : *parts) sum = sum + part;
    c.require_not_different(sum, input[axis], "sum of `split` and the axis");  // C3
  }
  for (std::size_t i = 0; i < c.output_count(); ++i) {
    ir::Shape shape = input;
    shape[axis] = parts ? (*parts)[i] : c.fresh_dim();
    c.set_shape(i, shape);
  }
  if (parts) set_known_parts(c, *parts);
}

void evaluate_split(Evaluation& e) {
  check_split(e.attributes(), e.has_input(1), e.output_count());
  const Array& input = e.input(0);
  const std::int64_t axis = ir::normalized_axis(e.attributes().i("axis"), input.rank());
  std::vector<std::int64_t> parts;
  if (e.has_input(1)) {
    parts = e.input(1).to_i64();
  } else {
    for (const ir::Dim& part : equal_parts(input.dim(axis), e.output_count()))
      parts.push_back(part.value());
  }
  e.require(parts.size() == e.output_count(), Code::ShapeMismatch,
            "`split` needs a length for each output");
  std::int64_t left = input.dim(axis);
  for (const std::int64_t part : parts) {
    e.require(part >= 0 && part <= left, Code::ShapeMismatch, "the sum of `split` is not the axis");
    left -= part;
  }
  e.require(left == 0, Code::ShapeMismatch, "the sum of `split` is not the axis");
  std::int64_t begin = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (e.wants(i)) e.set(i, part_of(e, input, axis, begin, parts[i]));
    begin += parts[i];
  }
}

}  // namespace

extern constinit const ir::Op split_op{
    .name = "Split",
    .since = 18,
    .inputs = {{"input", ir::types::plain_tensor, "T"},
               {"split", ir::types::i64, "", ir::Arity::Optional}},
    .outputs = {{"outputs", ir::types::plain_tensor, "T", ir::Arity::Variadic}},
    .attributes = {{"axis", ir::AttributeKind::Int, std::int64_t{0}},
                   {"num_outputs", ir::AttributeKind::Int}},
    .exactness = ir::Exactness::Moves,
    .infer = infer_split,
    .evaluate = evaluate_split};

}  // namespace ponte::ops
