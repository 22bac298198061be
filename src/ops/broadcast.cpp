#include "ops/broadcast.h"

#include <fmt/format.h>

namespace ponte::ops {

Dims broadcast_dims(std::span<const Dims* const> shapes) {
  Dims result;
  for (const Dims* shape : shapes) {
    if (shape->size() > result.size())
      result.insert(result.begin(), shape->size() - result.size(), 1);
    const std::size_t offset = result.size() - shape->size();
    for (std::size_t i = 0; i < shape->size(); ++i) {
      std::int64_t& dim = result[offset + i];
      const std::int64_t other = (*shape)[i];
      if (dim == 1) {
        dim = other;
      } else if (other != 1 && other != dim) {
        throw Error(Code::ShapeMismatch, fmt::format("{} and {} do not broadcast", dim, other));
      }
    }
  }
  return result;
}

Dims broadcast_strides(const Dims& from, const Dims& to) {
  Dims strides(to.size(), 0);
  std::int64_t stride = 1;
  for (std::size_t i = 0; i < from.size(); ++i) {
    const std::size_t axis = from.size() - 1 - i;
    if (from[axis] != 1) strides[to.size() - 1 - i] = stride;
    stride *= from[axis];
  }
  return strides;
}

std::int64_t RowWalk::rows() const {
  std::int64_t rows = 1;
  for (std::size_t i = 0; i + 1 < shape.size(); ++i) rows *= shape[i];
  return shape.empty() || shape.back() != 0 ? rows : 0;
}

std::pair<std::int64_t, std::int64_t> RowWalk::at(std::int64_t row) const {
  std::int64_t a = 0, b = 0;
  if (shape.empty()) return {a, b};
  for (std::size_t i = shape.size() - 1; i-- > 0;) {
    const std::int64_t coordinate = row % shape[i];
    row /= shape[i];
    a += coordinate * a_strides[i];
    b += coordinate * b_strides[i];
  }
  return {a, b};
}

void infer_broadcast(ir::Inference& c) {
  std::vector<ir::Shape> shapes;
  for (std::size_t i = 0; i < c.input_count(); ++i) shapes.push_back(c.shape(i));
  c.set_shape(0, ir::broadcast(shapes, c.node().graph().fresh_dims()));
}

void infer_broadcast_known(ir::Inference& c,
                           const std::function<ir::Dim(const ir::Dim&, const ir::Dim&)>& f) {
  infer_broadcast(c);
  const auto a = c.value(0), b = c.value(1);
  if (!a || !b || a->shape.size() > 1 || b->shape.size() > 1) return;
  const Dims* const shapes[] = {&a->shape, &b->shape};
  ir::KnownValue result{broadcast_dims(shapes), {}};
  const std::int64_t count = count_of(result.shape);
  for (std::int64_t i = 0; i < count; ++i) {
    const auto at = static_cast<std::size_t>(i);
    result.elements.push_back(f(a->elements[a->elements.size() == 1 ? 0 : at],
                                b->elements[b->elements.size() == 1 ? 0 : at]));
  }
  c.set_value(0, std::move(result));
}

void infer_same_shape(ir::Inference& c) { c.set_shape(0, c.shape(0)); }

}  // namespace ponte::ops
