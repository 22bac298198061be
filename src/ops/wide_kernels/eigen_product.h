// The product as Eigen computes it, for the instructions that the including file is compiled with.
// `static`: each such file has its own.
#pragma once

#include <Eigen/Core>

#include "ops/matrix_kernel.h"

namespace ponte::ops {

template <typename Scalar>
static void multiply(std::int64_t m, std::int64_t n, std::int64_t k, const Scalar* a,
                     const Scalar* b, Scalar* c, Gemm mode) {
  using Matrix = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const Eigen::Map<const Matrix> left(a, m, k);
  const Eigen::Map<const Matrix> right(b, k, n);
  Eigen::Map<Matrix> result(c, m, n);
  if (mode == Gemm::Assign) {
    result.noalias() = left * right;
  } else {
    result.noalias() += left * right;
  }
}

}  // namespace ponte::ops
