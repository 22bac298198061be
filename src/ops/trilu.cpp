// Trilu. Spec: onnx.ai/onnx/operators/onnx__Trilu.html.
// C1: rank 2 or more. C2: k has one element.
#include <algorithm>

#include "ops/evaluation.h"
#include "ops/known_values.h"

namespace ponte::ops {
namespace {

void infer_trilu(ir::Inference& c) {
  c.set_shape(0, c.shape(0));
  c.require(c.rank(0) >= 2, Code::ShapeMismatch, "the input must have rank 2 or more");  // C1
  if (c.has_input(1)) known_scalar(c, 1);                                                // C2
}

void evaluate_trilu(Evaluation& e) {
  std::int64_t diagonal = 0;
  if (e.has_input(1)) {
    e.require(e.input(1).count() == 1, Code::ShapeMismatch, "`k` must have one element");
    diagonal = e.input(1).to_i64()[0];
  }
  Array x = e.take(0);
  e.require(x.rank() >= 2, Code::ShapeMismatch, "the input must have rank 2 or more");
  const std::int64_t rows = x.dim(x.rank() - 2), columns = x.dim(x.rank() - 1);
  diagonal = std::clamp(diagonal, -rows, columns);
  const bool upper = e.attributes().i("upper") != 0;
  e.charge_steps(x.count());
  x.visit([&](auto elements) {
    using T = std::remove_cv_t<typename decltype(elements)::element_type>;
    const auto target = x.mutable_as<T>();
    for (std::int64_t begin = 0; begin < x.count(); begin += columns) {
      const std::int64_t border =
          std::clamp<std::int64_t>(begin / columns % rows + diagonal + (upper ? 0 : 1), 0, columns);
      const auto row =
          target.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(columns));
      const auto at = static_cast<std::size_t>(border);
      std::ranges::fill(upper ? row.first(at) : row.subspan(at), T{});
    }
  });
  e.set(0, std::move(x));
}

}  // namespace

extern constinit const ir::Op trilu_op{
    .name = "Trilu",
    .since = 14,
    .inputs = {{"input", ir::types::plain_tensor, "T"},
               {"k", ir::types::i64, "", ir::Arity::Optional}},
    .outputs = {{"output", ir::types::plain_tensor, "T"}},
    .attributes = {{"upper", ir::AttributeKind::Int, std::int64_t{1}}},
    .exactness = ir::Exactness::Moves,
    .infer = infer_trilu,
    .evaluate = evaluate_trilu};

}  // namespace ponte::ops
