// NonZero. Spec: onnx.ai/onnx/operators/onnx__NonZero.html. One row of indices for each axis, in
// row-major order; a scalar gives a [0, N]. Strings are not zero unless they are empty.
#include "ops/known_values.h"
#include "ops/strides.h"

namespace ponte::ops {
namespace {

void infer_non_zero(ir::Inference& c) {
  const std::int64_t rank = c.rank(0);
  const auto numbers = known_numbers(c, 0);
  if (!numbers || rank != 1) return c.set_shape(0, {rank, c.fresh_dim()});
  ir::KnownValue known;
  for (std::size_t i = 0; i < numbers->size(); ++i) {
    if ((*numbers)[i] != 0) known.elements.emplace_back(static_cast<std::int64_t>(i));
  }
  known.shape = {1, static_cast<std::int64_t>(known.elements.size())};
  c.set_shape(0, ir::to_shape(known.shape));
  c.set_value(0, std::move(known));
}

void evaluate_non_zero(Evaluation& e) {
  const Array& x = e.input(0);
  e.charge_steps(x.count());
  std::vector<std::int64_t> found;
  x.visit([&](auto elements) {
    using T = std::remove_cv_t<typename decltype(elements)::element_type>;
    for (std::size_t i = 0; i < elements.size(); ++i) {
      if (elements[i] != T{}) found.push_back(static_cast<std::int64_t>(i));
    }
  });
  Array out = e.allocate(ir::DType::Int64, {x.rank(), static_cast<std::int64_t>(found.size())});
  const auto indices = out.mutable_as<std::int64_t>();
  const Dims strides = row_major_strides(x.shape());
  for (std::size_t axis = 0; axis < x.shape().size(); ++axis) {
    for (std::size_t i = 0; i < found.size(); ++i) {
      indices[axis * found.size() + i] = found[i] / strides[axis] % x.shape()[axis];
    }
  }
  e.set(0, std::move(out));
}

}  // namespace

extern constinit const ir::Op non_zero_op{.name = "NonZero",
                                          .since = 13,
                                          .inputs = {{"X", ir::types::plain_tensor}},
                                          .outputs = {{"Y", ir::types::i64}},
                                          .exactness = ir::Exactness::Jumps,
                                          .infer = infer_non_zero,
                                          .evaluate = evaluate_non_zero};

}  // namespace ponte::ops
