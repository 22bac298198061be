// Convolution over any number of spatial axes, by blocks of unrolled windows (im2col) and matrix
// products.
#pragma once

#include <vector>

#include "ops/evaluation.h"
#include "ops/windows.h"

namespace ponte::ops {

// x[n, c, spatial...] with w[m, c / group, kernel...] gives y[n, m, output...]; no bias.
// T: double, float or int64; windows have known dims.
template <typename T>
std::vector<T> convolve(Services& services, std::span<const T> x, const Dims& x_shape,
                        std::span<const T> w, const Dims& w_shape,
                        const std::vector<WindowAxis>& axes, std::int64_t group);

// Calls visit(filter, begin, end) with the elements of each plane of an output.
template <typename F>
void for_each_plane(const Dims& shape, const F& visit) {
  const auto planes = static_cast<std::size_t>(shape[0] * shape[1]);
  if (planes == 0) return;
  const auto filters = static_cast<std::size_t>(shape[1]);
  const std::size_t positions = static_cast<std::size_t>(count_of(shape)) / planes;
  for (std::size_t plane = 0; plane < planes; ++plane)
    visit(plane % filters, plane * positions, (plane + 1) * positions);
}

}  // namespace ponte::ops
