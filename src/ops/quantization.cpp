#include "ops/quantization.h"

#include <fmt/format.h>

namespace ponte::ops {
namespace {

std::int64_t quantization_block(const ir::AttributeReader& attributes) {
  const std::int64_t block = attributes.i("block_size");
  if (block < 0) throw Error(Code::InvalidAttribute, fmt::format("`block_size` = {}", block));
  return block;
}

// One number may stand as a scalar in one of them and as a vector in the other.
bool may_be_one_number(const ir::Shape& shape) {
  return shape.empty() || (shape.size() == 1 && shape[0].known().value_or(1) == 1);
}

void check_zero_point(const ir::Inference& c) {
  const ir::Shape &scale = c.shape(1), &zero_point = c.shape(2);
  if (may_be_one_number(scale) && may_be_one_number(zero_point)) return;
  c.require_rank(2, c.rank(1), "the zero point");
  for (std::size_t i = 0; i < scale.size(); ++i) {
    c.require_not_different(scale[i], zero_point[i], "dims of scale and zero point");
  }
}

}  // namespace

void infer_quantization(ir::Inference& c) {
  const ir::Shape& x = c.shape(0);
  c.set_shape(0, x);
  if (c.has_input(2) && c.is_ranked(1) && c.is_ranked(2)) check_zero_point(c);
  const ir::Shape& scale = c.shape(1);
  const std::int64_t block = quantization_block(c.attributes());
  if (block > 0) {
    c.require(scale.size() == x.size(), Code::ShapeMismatch,
              "a blocked scale needs the rank of the input");
    const std::int64_t axis = ir::normalized_axis(c.attributes().i("axis"), c.rank(0));
    for (std::size_t i = 0; i < x.size(); ++i) {
      const bool is_axis = static_cast<std::int64_t>(i) == axis;
      c.require_not_different(is_axis ? ceil_div(x[i], block) : x[i], scale[i],
                              "dims of input and scale");
    }
  } else if (scale.size() == 1 && scale[0].known() != 1) {
    const std::int64_t axis = ir::normalized_axis(c.attributes().i("axis"), c.rank(0));
    c.require_not_different(scale[0], x[static_cast<std::size_t>(axis)],
                            "length of the scale and the axis");
  } else {
    c.require(scale.size() <= 1, Code::ShapeMismatch, "the scale is neither a scalar nor a vector");
  }
}

QuantizationLayout::QuantizationLayout(Evaluation& e, const Array& x, const Array& scale) {
  const bool fits = !e.has_input(2) || e.input(2).shape() == scale.shape() ||
                    (may_be_one_number(ir::to_shape(e.input(2).shape())) &&
                     may_be_one_number(ir::to_shape(scale.shape())));
  e.require(fits, Code::ShapeMismatch, "scale and zero point differ in shape");
  block_ = quantization_block(e.attributes());
  if (block_ == 0 && scale.rank() <= 1 && scale.count() == 1) {
    is_per_tensor_ = true;
    return;
  }
  const std::int64_t axis = ir::normalized_axis(e.attributes().i("axis"), x.rank());
  split_ = split_at(x.shape(), axis);
  Dims expected{split_.length};
  if (block_ > 0) {
    expected = x.shape();
    blocks_ = split_.length / block_ + (split_.length % block_ != 0 ? 1 : 0);
    expected[static_cast<std::size_t>(axis)] = blocks_;
  }
  e.require(scale.shape() == expected, Code::ShapeMismatch, "the scale does not fit the input");
}

std::vector<double> zero_points(const Evaluation& e, std::size_t input, std::int64_t count) {
  if (e.has_input(input)) return e.input(input).to_f64();
  return std::vector<double>(static_cast<std::size_t>(count), 0.0);
}

}  // namespace ponte::ops
