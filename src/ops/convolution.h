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

}  // namespace ponte::ops
