// Matrix product: the one place that includes Eigen.
#pragma once

#include <cstdint>
#include <span>

namespace ponte::ops {

// c[m,n] (+)= a[m,k] b[k,n], all row-major and contiguous. T: double, float, int64, uint64
// (wrapping).
enum class Gemm : std::uint8_t { Assign, Accumulate };

template <typename T>
void gemm(std::int64_t m, std::int64_t n, std::int64_t k, const T* a, const T* b, T* c,
          Gemm mode = Gemm::Assign);

}  // namespace ponte::ops
