#include "ops/matrix_kernel.h"

#include <type_traits>

#include "ops/wide_kernels/eigen_product.h"
#include "ops/wide_kernels/wide_kernels.h"

namespace ponte::ops {
namespace {

// The widest kernel that this processor runs.
DoubleKernel* widest_kernel() {
#ifdef __x86_64__
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq"))
    return &avx512::multiply_doubles;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    return &avx2::multiply_doubles;
#endif
  return &multiply<double>;
}

}  // namespace

template <typename T>
void gemm(std::int64_t m, std::int64_t n, std::int64_t k, const T* a, const T* b, T* c, Gemm mode) {
  if constexpr (std::is_same_v<T, double>) {
    static DoubleKernel* const kernel = widest_kernel();
    kernel(m, n, k, a, b, c, mode);
  } else if constexpr (std::is_integral_v<T>) {
    // Integers multiply as unsigned, so that overflow wraps around.
    multiply(m, n, k, reinterpret_cast<const std::uint64_t*>(a),
             reinterpret_cast<const std::uint64_t*>(b), reinterpret_cast<std::uint64_t*>(c), mode);
  } else {
    multiply(m, n, k, a, b, c, mode);
  }
}

template void gemm(std::int64_t, std::int64_t, std::int64_t, const double*, const double*, double*,
                   Gemm);
template void gemm(std::int64_t, std::int64_t, std::int64_t, const float*, const float*, float*,
                   Gemm);
template void gemm(std::int64_t, std::int64_t, std::int64_t, const std::int64_t*,
                   const std::int64_t*, std::int64_t*, Gemm);
template void gemm(std::int64_t, std::int64_t, std::int64_t, const std::uint64_t*,
                   const std::uint64_t*, std::uint64_t*, Gemm);

}  // namespace ponte::ops
