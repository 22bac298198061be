// Transpose. Spec: onnx.ai/onnx/operators/onnx__Transpose.html.
// C1: perm holds each axis once. Without it the axes are reversed.
#include <algorithm>
#include <numeric>

#include "ops/strides.h"

namespace ponte::ops {
namespace {

std::vector<std::int64_t> permutation(const ir::AttributeReader& attributes, std::int64_t rank) {
  std::vector<std::int64_t> axes(static_cast<std::size_t>(rank));
  std::iota(axes.begin(), axes.end(), 0);
  if (!attributes.has("perm")) {
    std::ranges::reverse(axes);
    return axes;
  }
  std::vector<std::int64_t> perm = attributes.ints("perm");
  std::vector<std::int64_t> sorted = perm;
  std::ranges::sort(sorted);
  if (sorted != axes)
    throw Error(Code::InvalidAttribute, "`perm` is no permutation of the axes");  // C1
  return perm;
}

void infer_transpose(ir::Inference& c) {
  const ir::Shape& data = c.shape(0);
  const auto perm = permutation(c.attributes(), c.rank(0));
  ir::Shape shape;
  for (const std::int64_t axis : perm) shape.push_back(data[static_cast<std::size_t>(axis)]);
  c.set_shape(0, shape);
  const auto known = c.value(0);
  if (known && known->shape.size() == perm.size()) {
    c.set_value(0, gathered(*known, permuted(whole_view(known->shape), perm)));
  }
}

void evaluate_transpose(Evaluation& e) {
  const Array data = e.take(0);
  e.set(0, gathered(e, data,
                    permuted(whole_view(data.shape()), permutation(e.attributes(), data.rank()))));
}

}  // namespace

extern constinit const ir::Op transpose_op{.name = "Transpose",
                                           .since = 25,
                                           .inputs = {{"data", ir::types::any_tensor, "T"}},
                                           .outputs = {{"transposed", ir::types::any_tensor, "T"}},
                                           .attributes = {{"perm", ir::AttributeKind::Ints}},
                                           .exactness = ir::Exactness::Moves,
                                           .infer = infer_transpose,
                                           .evaluate = evaluate_transpose};

}  // namespace ponte::ops
