#include "ops/joining.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/checked.h"

namespace ponte::ops {
namespace {

Dims joined_shape(std::span<const Array> arrays, std::int64_t axis) {
  const auto at = static_cast<std::size_t>(axis);
  Dims shape = arrays[0].shape();
  for (const Array& array : arrays.subspan(1)) {
    Dims other = array.shape();
    if (other.size() != shape.size() || array.dtype() != arrays[0].dtype()) {
      throw Error(Code::ShapeMismatch, "arrays of different rank or dtype can't be joined");
    }
    const auto length = checked_add(shape[at], other[at]);
    if (!length) throw Error(Code::ElementCountTooLarge, "the joined axis is too long");
    other[at] = shape[at];
    if (other != shape) {
      throw Error(Code::ShapeMismatch, fmt::format("dims beside axis {} differ", axis));
    }
    shape[at] = *length;
  }
  return shape;
}

}  // namespace

Array joined(Evaluation& e, std::span<const Array> arrays, std::int64_t axis) {
  const Dims shape = joined_shape(arrays, axis);
  if (arrays.size() == 1) return arrays[0];
  Array out = e.allocate(arrays[0].dtype(), shape);
  e.charge_steps(out.count());
  const AxisSplit whole = split_at(shape, axis);
  arrays[0].visit([&](auto first) {
    using T = std::remove_cv_t<typename decltype(first)::element_type>;
    T* target = out.mutable_as<T>().data();
    for (const Array& array : arrays) {
      const T* source = array.as<T>().data();
      const std::int64_t run = array.dim(axis) * whole.inner;
      for (std::int64_t i = 0; i < whole.outer; ++i) {
        std::copy_n(source + i * run, run, target + i * whole.length * whole.inner);
      }
      target += run;
    }
  });
  return out;
}

Array part_of(Evaluation& e, const Array& array, std::int64_t axis, std::int64_t begin,
              std::int64_t length) {
  StridedView view = whole_view(array.shape());
  const auto at = static_cast<std::size_t>(axis);
  view.shape[at] = length;
  view.offset = begin * view.strides[at];
  return gathered(e, array, view);
}

}  // namespace ponte::ops
