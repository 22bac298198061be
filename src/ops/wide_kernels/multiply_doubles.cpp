// Compiled once for each PONTE_KERNEL, with the compiler's options for it. Eigen's functions get
// names of their own there, so that the linker takes none of them for the rest of the program.
#define PONTE_JOIN(a, b) a##b
#define PONTE_NAME(a, b) PONTE_JOIN(a, b)
#define Eigen PONTE_NAME(Eigen_, PONTE_KERNEL)

#include "ops/wide_kernels/eigen_product.h"
#include "ops/wide_kernels/wide_kernels.h"

namespace ponte::ops::PONTE_KERNEL {

void multiply_doubles(std::int64_t m, std::int64_t n, std::int64_t k, const double* a,
                      const double* b, double* c, Gemm mode) {
  multiply(m, n, k, a, b, c, mode);
}

}  // namespace ponte::ops::PONTE_KERNEL
