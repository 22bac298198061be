// Reshape. Spec: onnx.ai/onnx/operators/onnx__Reshape.html.
// C1: at most one -1. C2: 0 copies the input's dim unless allowzero. C3: the element count stays.
// C4: 0 and -1 exclude each other with allowzero.
#include <fmt/format.h>

#include "base/counted.h"
#include "ops/evaluation.h"

namespace ponte::ops {
namespace {

using ir::Dim;

std::string elements(const Dim& count) {
  return count.is_known() ? counted(count.value(), "element", "elements")
                          : fmt::format("{} elements", count.to_string());
}

// The output's shape from the input's and the wanted one; needs numbers only where it must decide.
ir::Shape reshaped_shape(const ir::Shape& data, const std::vector<Dim>& wanted, bool allow_zero) {
  ir::Shape result;
  std::optional<std::size_t> inferred;
  bool has_zero = false;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i].known() == -1) {
      if (inferred) throw Error(Code::ShapeMismatch, "`shape` has more than one -1");  // C1
      inferred = i;
      result.emplace_back(1);
    } else if (wanted[i].known() == 0 && !allow_zero) {
      if (i >= data.size())
        throw Error(Code::ShapeMismatch, "a 0 of `shape` has no dim to copy");  // C2
      result.push_back(data[i]);
    } else {
      if (wanted[i].range().highest < 0)
        throw Error(Code::ShapeMismatch, "`shape` has a negative dim");
      has_zero = has_zero || wanted[i].known() == 0;
      result.push_back(wanted[i]);
    }
  }
  const Dim total = ir::element_count(data);
  const Dim others = ir::element_count(result);
  if (!inferred) {
    if (compare(total, others) == ir::Comparison::Different) {
      throw Error(Code::ShapeMismatch, fmt::format("{} can't have the shape {}", elements(total),
                                                   ir::to_string(result)));  // C3
    }
    return result;
  }
  if (has_zero)
    throw Error(Code::ShapeMismatch, "`shape` has both 0 and -1 with `allowzero`");  // C4
  if (others.known() == 0) throw Error(Code::ShapeMismatch, "-1 is not decided beside a dim of 0");
  if (total.is_known() && others.is_known() && total.value() % others.value() != 0) {
    throw Error(Code::ShapeMismatch,
                fmt::format("{} can't be divided by {}", elements(total), others.value()));
  }
  result[*inferred] = floor_div(total, others);
  return result;
}

void infer_reshape(ir::Inference& c) {
  const auto wanted = c.value(1);
  if (!wanted) {
    // Only the number of dims is known from the length of `shape`.
    if (!c.is_ranked(1) || c.rank(1) != 1 || !c.shape(1)[0].is_known()) c.give_up();
    ir::Shape unknown;
    c.require(c.shape(1)[0].value() <= 64, Code::ShapeMismatch, "over 64 dims");
    for (std::int64_t i = 0; i < c.shape(1)[0].value(); ++i) unknown.push_back(c.fresh_dim());
    c.set_shape(0, unknown);
    return;
  }
  if (!c.is_ranked(0)) c.give_up();
  c.set_shape(0, reshaped_shape(c.shape(0), wanted->elements, c.attributes().i("allowzero") != 0));
  if (const auto known = c.value(0)) {
    if (const auto dims = ir::known_dims(
            reshaped_shape(c.shape(0), wanted->elements, c.attributes().i("allowzero") != 0))) {
      c.set_value(0, {*dims, known->elements});
    }
  }
}

void evaluate_reshape(Evaluation& e) {
  std::vector<Dim> wanted;
  for (const std::int64_t dim : e.input(1).to_i64()) wanted.emplace_back(dim);
  const Array data = e.take(0);
  const ir::Shape shape =
      reshaped_shape(ir::to_shape(data.shape()), wanted, e.attributes().i("allowzero") != 0);
  e.set(0, data.reshaped(*ir::known_dims(shape)));
}

}  // namespace

extern constinit const ir::Op reshape_op{
    .name = "Reshape",
    .since = 25,
    .inputs = {{"data", ir::types::any_tensor, "T"}, {"shape", ir::types::i64}},
    .outputs = {{"reshaped", ir::types::any_tensor, "T"}},
    .attributes = {{"allowzero", ir::AttributeKind::Int, std::int64_t{0}}},
    .exactness = ir::Exactness::Moves,
    .infer = infer_reshape,
    .evaluate = evaluate_reshape};

}  // namespace ponte::ops
