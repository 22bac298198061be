// Row-major strides, and the one way in which slicing, transposing and expanding read their input:
// a view with a stride for each axis.
#pragma once

#include <algorithm>
#include <array>

#include "ops/evaluation.h"

namespace ponte::ops {

Dims row_major_strides(const Dims& shape);

// The elements at offset + sum of coordinate * stride, in row-major order of the coordinates.
struct StridedView {
  Dims shape;
  Dims strides;
  std::int64_t offset = 0;
};

// An array's own view, axes permuted, and repeated to a shape that it broadcasts to.
StridedView whole_view(const Dims& shape);
StridedView permuted(const StridedView& view, std::span<const std::int64_t> permutation);
StridedView expanded(const Dims& from, const Dims& to);

// The elements that a view of an array names, which all must lie inside it; shared where nothing
// moves.
Array gathered(Services& services, const Array& source, const StridedView& view);
inline Array gathered(const Evaluation& e, const Array& source, const StridedView& view) {
  return gathered(e.services(), source, view);
}
ir::KnownValue gathered(const ir::KnownValue& source, const StridedView& view);

// A transposed matrix in tiles, so that neither side leaves the cache: target[i * row + j] =
// source[i + j * column].
template <typename T>
void copy_transposed(const T* source, std::int64_t column, std::int64_t rows, std::int64_t columns,
                     T* target, std::int64_t row) {
  constexpr std::int64_t tile = 16;
  for (std::int64_t i0 = 0; i0 < rows; i0 += tile) {
    const std::int64_t i1 = std::min(i0 + tile, rows);
    for (std::int64_t j0 = 0; j0 < columns; j0 += tile) {
      const std::int64_t j1 = std::min(j0 + tile, columns);
      for (std::int64_t i = i0; i < i1; ++i) {
        for (std::int64_t j = j0; j < j1; ++j) target[i * row + j] = source[i + j * column];
      }
    }
  }
}

// Counts through the coordinates of a shape and keeps an offset for each of N sets of strides.
template <std::size_t N>
class Walk {
 public:
  Walk(Dims shape, std::array<Dims, N> strides, std::int64_t start = 0)
      : shape_(std::move(shape)), strides_(std::move(strides)), coordinates_(shape_.size()) {
    for (std::size_t i = shape_.size(); i-- > 0 && start > 0;) {
      coordinates_[i] = start % shape_[i];
      start /= shape_[i];
      for (std::size_t n = 0; n < N; ++n) offsets_[n] += coordinates_[i] * strides_[n][i];
    }
  }

  const Dims& coordinates() const { return coordinates_; }
  std::int64_t offset(std::size_t n) const { return offsets_[n]; }

  void advance() {
    for (std::size_t i = shape_.size(); i-- > 0;) {
      if (++coordinates_[i] < shape_[i]) {
        for (std::size_t n = 0; n < N; ++n) offsets_[n] += strides_[n][i];
        return;
      }
      coordinates_[i] = 0;
      for (std::size_t n = 0; n < N; ++n) offsets_[n] -= (shape_[i] - 1) * strides_[n][i];
    }
  }

 private:
  Dims shape_;
  std::array<Dims, N> strides_;
  Dims coordinates_;
  std::array<std::int64_t, N> offsets_{};
};

// A shape around one axis: outer * length * inner elements.
struct AxisSplit {
  std::int64_t outer = 1;
  std::int64_t length = 1;
  std::int64_t inner = 1;
};
AxisSplit split_at(const Dims& shape, std::int64_t axis);

}  // namespace ponte::ops
