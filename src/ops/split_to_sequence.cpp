// SplitToSequence. Spec: onnx.ai/onnx/operators/onnx__SplitToSequence.html.
// C1: axis in [-r, r-1]. C2: split is a scalar, the length of all parts but a smaller last one, or
// a vector of lengths whose sum is the axis. Without it all parts are 1 long, and keepdims = 0
// drops the axis.
#include <algorithm>

#include "ops/joining.h"
#include "ops/known_values.h"
#include "ops/sequences.h"

namespace ponte::ops {
namespace {

bool drops_axis(const ir::AttributeReader& attributes, bool has_split) {
  return !has_split && attributes.i("keepdims") == 0;
}

void infer_split_to_sequence(ir::Inference& c) {
  ir::Shape shape = c.shape(0);
  const std::int64_t axis = ir::normalized_axis(c.attributes().i("axis"), c.rank(0));  // C1
  ir::Dim& dim = shape[static_cast<std::size_t>(axis)];
  if (!c.has_input(1)) {
    dim = 1;
  } else {
    const auto lengths = known_numbers(c, 1);
    const bool is_scalar = lengths && c.is_ranked(1) && c.rank(1) == 0;
    const bool is_uniform = lengths && !lengths->empty() &&
                            std::ranges::count(*lengths, lengths->front()) == std::ssize(*lengths);
    const bool is_whole =
        is_uniform && (*lengths)[0] > 0 && (!is_scalar || mod(dim, (*lengths)[0]).known() == 0);
    dim = is_whole ? ir::Dim((*lengths)[0]) : c.fresh_dim();
  }
  if (drops_axis(c.attributes(), c.has_input(1))) shape.erase(shape.begin() + axis);
  c.set_type(0, ir::Type::sequence_of(ir::Type::tensor(c.dtype(0), shape)));
}

std::vector<std::int64_t> part_lengths(const Evaluation& e, std::int64_t size) {
  std::int64_t length = 1;
  if (e.has_input(1)) {
    std::vector<std::int64_t> lengths = e.input(1).to_i64();
    std::int64_t left = size;
    if (e.input(1).rank() != 0) {
      for (const std::int64_t part : lengths) {
        e.require(part >= 0 && part <= left, Code::ShapeMismatch,
                  "the sum of `split` is not the axis");  // C2
        left -= part;
      }
      e.require(left == 0, Code::ShapeMismatch, "the sum of `split` is not the axis");
      return lengths;
    }
    length = lengths[0];
    e.require(length > 0, Code::InvalidInputValue, "`split` is not positive");
  }
  constexpr std::int64_t most_parts = 1 << 24;
  e.require(size / length < most_parts, Code::ElementCountTooLarge,
            "the sequence has too many parts");
  std::vector<std::int64_t> parts;
  for (std::int64_t left = size; left > 0; left -= length) parts.push_back(std::min(length, left));
  return parts;
}

void evaluate_split_to_sequence(Evaluation& e) {
  const Array& input = e.input(0);
  const std::int64_t axis = ir::normalized_axis(e.attributes().i("axis"), input.rank());
  // An axis of any length beside one of 0 costs no memory, but one item for each part would.
  e.require(input.count() > 0 || input.dim(axis) == 0, Code::InvalidInputValue,
            "an empty tensor is split");
  std::vector<Datum> items;
  std::int64_t begin = 0;
  for (const std::int64_t length : part_lengths(e, input.dim(axis))) {
    Array part = part_of(e, input, axis, begin, length);
    if (drops_axis(e.attributes(), e.has_input(1))) {
      Dims shape = part.shape();
      shape.erase(shape.begin() + axis);
      part = part.reshaped(shape);
    }
    items.push_back({std::move(part)});
    begin += length;
  }
  e.set(0, make_sequence(ir::Type::tensor(input.dtype()), std::move(items)));
}

}  // namespace

extern constinit const ir::Op split_to_sequence_op{
    .name = "SplitToSequence",
    .since = 24,
    .inputs = {{"input", ir::types::plain_tensor},
               {"split", ir::types::i32 | ir::types::i64, "", ir::Arity::Optional}},
    .outputs = {{"output_sequence", ir::types::sequence}},
    .attributes = {{"axis", ir::AttributeKind::Int, std::int64_t{0}},
                   {"keepdims", ir::AttributeKind::Int, std::int64_t{1}}},
    .exactness = ir::Exactness::Moves,
    .infer = infer_split_to_sequence,
    .evaluate = evaluate_split_to_sequence};

}  // namespace ponte::ops
