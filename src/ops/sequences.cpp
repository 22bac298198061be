#include "ops/sequences.h"

#include <fmt/format.h>

namespace ponte::ops {

const ir::Type& element_type(const ir::Inference& c, std::size_t input) {
  const ir::SequenceType* sequence = c.type(input).as_sequence();
  if (!sequence) {
    c.require(c.type(input).is_unknown(), Code::InvalidInputType, "a sequence is needed here");
    c.give_up();
  }
  return *sequence->element;
}

ir::Type common_element(const ir::Inference& c, const ir::Type& a, const ir::Type& b) {
  if (a.is_unknown() || b.is_unknown()) return a.is_unknown() ? b : a;
  const ir::TensorType *x = a.as_tensor(), *y = b.as_tensor();
  const bool differ = x && y && x->dtype != y->dtype && x->dtype != ir::DType::Undefined &&
                      y->dtype != ir::DType::Undefined;
  c.require(
      !differ, Code::InvalidInputType,
      fmt::format("{} and {} can't stand in one sequence", ir::to_string(a), ir::to_string(b)));
  return ir::least_common(a, b, [&] { return c.fresh_dim(); });
}

std::int64_t position_of(const Evaluation& e, std::size_t input) {
  e.require(e.input(input).count() == 1, Code::ShapeMismatch, "a position must have one element");
  return e.input(input).to_i64()[0];
}

Datum make_sequence(ir::Type element, std::vector<Datum> items) {
  return {
      Sequence{std::move(element), std::make_shared<const std::vector<Datum>>(std::move(items))}};
}

}  // namespace ponte::ops
