// TopK. Spec: onnx.ai/onnx/operators/onnx__TopK.html.
// C1: axis in [-r, r-1]. C2: K has one element, in [0, size of the axis]. Ties: the lower index
// first. NaN counts as the largest number. sorted = 0 leaves the order open, and it is sorted all
// the same.
#include <algorithm>
#include <numeric>

#include "ops/known_values.h"
#include "ops/strides.h"

namespace ponte::ops {
namespace {

void infer_top_k(ir::Inference& c) {
  ir::Shape shape = c.shape(0);
  const auto axis =
      static_cast<std::size_t>(ir::normalized_axis(c.attributes().i("axis"), c.rank(0)));  // C1
  const auto k = known_scalar(c, 1);                                                       // C2
  if (k) {
    c.require(k->range().highest >= 0 && k->range().lowest <= shape[axis].range().highest,
              Code::InvalidInputValue,
              "`K` is outside of the axis");  // C2
  }
  shape[axis] = k ? *k : c.fresh_dim();
  c.set_shape(0, shape);
  c.set_shape(1, shape);
}

template <typename T>
bool is_above(T a, T b) {
  return a > b || (a != a && b == b);
}

template <typename T>
void top_k_elements(Evaluation& e, const Array& x, const AxisSplit& split, std::int64_t k,
                    Array& values, Array& indices) {
  const auto source = x.as<T>();
  const auto chosen = values.mutable_as<T>();
  const auto positions = indices.mutable_as<std::int64_t>();
  const bool largest = e.attributes().i("largest") != 0;
  e.parallel_for(split.outer * split.inner, 16, [&](std::int64_t begin, std::int64_t end) {
    std::vector<std::int64_t> order(static_cast<std::size_t>(split.length));
    for (std::int64_t line = begin; line < end; ++line) {
      const std::int64_t outer = line / split.inner, inner = line % split.inner;
      const T* elements = source.data() + outer * split.length * split.inner + inner;
      std::iota(order.begin(), order.end(), 0);
      std::partial_sort(order.begin(), order.begin() + k, order.end(),
                        [&](std::int64_t i, std::int64_t j) {
                          const T a = elements[i * split.inner], b = elements[j * split.inner];
                          if (largest ? is_above(a, b) : is_above(b, a)) return true;
                          if (largest ? is_above(b, a) : is_above(a, b)) return false;
                          return i < j;
                        });
      for (std::int64_t i = 0; i < k; ++i) {
        const auto at = static_cast<std::size_t>((outer * k + i) * split.inner + inner);
        positions[at] = order[static_cast<std::size_t>(i)];
        chosen[at] = elements[positions[at] * split.inner];
      }
    }
  });
}

void evaluate_top_k(Evaluation& e) {
  const Array& x = e.input(0);
  const std::int64_t axis = ir::normalized_axis(e.attributes().i("axis"), x.rank());
  const AxisSplit split = split_at(x.shape(), axis);
  e.require(e.input(1).count() == 1, Code::ShapeMismatch, "`K` must have one element");
  const std::int64_t k = e.input(1).to_i64()[0];
  e.require(k >= 0 && k <= split.length, Code::InvalidInputValue, "`K` is outside of the axis");
  Dims shape = x.shape();
  shape[static_cast<std::size_t>(axis)] = k;
  Array values = e.allocate(x.dtype(), shape), indices = e.allocate(ir::DType::Int64, shape);
  e.charge_steps(x.count());
  x.visit([&](auto elements) {
    using T = std::remove_cv_t<typename decltype(elements)::element_type>;
    if constexpr (std::is_arithmetic_v<T>) {
      if (values.count() > 0) top_k_elements<T>(e, x, split, k, values, indices);
    } else {
      throw Error(Code::InvalidInputType, "numbers are needed here");
    }
  });
  e.set(0, std::move(values));
  e.set(1, std::move(indices));
}

}  // namespace

extern constinit const ir::Op top_k_op{
    .name = "TopK",
    .since = 24,
    .inputs = {{"X", ir::types::numeric, "T"}, {"K", ir::types::i64}},
    .outputs = {{"Values", ir::types::numeric, "T"}, {"Indices", ir::types::i64}},
    .attributes = {{"axis", ir::AttributeKind::Int, std::int64_t{-1}},
                   {"largest", ir::AttributeKind::Int, std::int64_t{1}},
                   {"sorted", ir::AttributeKind::Int, std::int64_t{1}}},
    .exactness = ir::Exactness::Jumps,
    .infer = infer_top_k,
    .evaluate = evaluate_top_k};

}  // namespace ponte::ops
