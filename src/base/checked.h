// Arithmetic on numbers that come out of files: overflow is an answer, never a wrap-around.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <span>

namespace ponte {

template <std::integral T>
constexpr std::optional<T> checked_mul(T a, T b) {
  T result{};
  if (__builtin_mul_overflow(a, b, &result)) return std::nullopt;
  return result;
}

template <std::integral T>
constexpr std::optional<T> checked_add(T a, T b) {
  T result{};
  if (__builtin_add_overflow(a, b, &result)) return std::nullopt;
  return result;
}

// The largest dimension that any file may declare.
inline constexpr std::int64_t max_dimension = std::int64_t{1} << 48;

// The product of non-negative dimensions; none when a dimension is negative or over max_dimension,
// or when the product overflows.
constexpr std::optional<std::int64_t> element_count(std::span<const std::int64_t> dims) {
  std::int64_t count = 1;
  bool has_zero = false;
  for (const std::int64_t dim : dims) {
    if (dim < 0 || dim > max_dimension) return std::nullopt;
    has_zero = has_zero || dim == 0;
  }
  if (has_zero) return 0;
  for (const std::int64_t dim : dims) {
    const auto product = checked_mul(count, dim);
    if (!product) return std::nullopt;
    count = *product;
  }
  return count;
}

}  // namespace ponte
