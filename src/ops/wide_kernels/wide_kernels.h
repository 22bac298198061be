// The matrix product of doubles for processors with wider registers than the program is built for:
// the judge spends most of its time here. Floats keep to one kernel, so that exact arithmetic gives
// the same bits on every processor.
#pragma once

#include "ops/matrix_kernel.h"

namespace ponte::ops {

// As gemm<double>.
using DoubleKernel = void(std::int64_t m, std::int64_t n, std::int64_t k, const double* a,
                          const double* b, double* c, Gemm mode);

namespace avx2 {
DoubleKernel multiply_doubles;
}
namespace avx512 {
DoubleKernel multiply_doubles;
}

}  // namespace ponte::ops
