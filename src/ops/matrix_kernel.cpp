#include "ops/matrix_kernel.h"

#include <Eigen/Core>
#include <type_traits>

namespace ponte::ops {

template <typename T>
void gemm(std::int64_t m, std::int64_t n, std::int64_t k, const T* a, const T* b, T* c, Gemm mode) {
  // Integers multiply as unsigned, so that overflow wraps around.
  using Scalar =
      typename std::conditional_t<std::is_integral_v<T>, std::type_identity<std::uint64_t>,
                                  std::type_identity<T>>::type;
  using Matrix = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const Eigen::Map<const Matrix> left(reinterpret_cast<const Scalar*>(a), m, k);
  const Eigen::Map<const Matrix> right(reinterpret_cast<const Scalar*>(b), k, n);
  Eigen::Map<Matrix> result(reinterpret_cast<Scalar*>(c), m, n);
  if (mode == Gemm::Assign) {
    result.noalias() = left * right;
  } else {
    result.noalias() += left * right;
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
