#include "verify/tensor_comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/error.h"

namespace ponte::verify {
namespace {

// The number of float32 values between two numbers.
std::int64_t ulp_distance(double a, double b) {
  const auto ordered = [](double value) {
    const auto bits = std::bit_cast<std::int32_t>(static_cast<float>(value));
    return bits < 0 ? static_cast<std::int64_t>(INT32_MIN) - bits : static_cast<std::int64_t>(bits);
  };
  return std::abs(ordered(a) - ordered(b));
}

std::size_t ulp_bin(std::int64_t distance) {
  constexpr std::array<std::int64_t, 7> upper{0, 1, 2, 4, 8, 16, 256};
  return static_cast<std::size_t>(std::ranges::lower_bound(upper, distance) - upper.begin());
}

}  // namespace

bool same_pattern(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b);
  if (std::isinf(a) || std::isinf(b)) return a == b;
  return true;
}

Channels::Channels(std::span<const std::int64_t> shape) {
  if (shape.size() < 2) return;
  count_ = static_cast<std::size_t>(std::max<std::int64_t>(shape[1], 1));
  for (std::size_t axis = 2; axis < shape.size(); ++axis)
    inner_ *= static_cast<std::size_t>(std::max<std::int64_t>(shape[axis], 1));
}

std::vector<double> numbers_of(const ops::Array& given, const ops::Array& reference) {
  std::vector<double> numbers = given.to_f64();
  const auto tell_apart = [&]<typename T>(std::span<const T> elements) {
    if (!reference.holds<T>() || elements.size() != reference.as<T>().size()) return;
    for (std::size_t i = 0; i < elements.size(); ++i) {
      const T expected = reference.as<T>()[i];
      if (elements[i] != expected && numbers[i] == static_cast<double>(expected))
        numbers[i] = std::nextafter(numbers[i], elements[i] < expected ? -INFINITY : INFINITY);
    }
  };
  if (given.holds<std::int64_t>()) tell_apart(given.as<std::int64_t>());
  if (given.holds<std::uint64_t>()) tell_apart(given.as<std::uint64_t>());
  return numbers;
}

double effective_bits(double rms_relative) {
  if (!(rms_relative > 0)) return exact_bits;
  return std::clamp(-std::log2(rms_relative), -exact_bits, exact_bits);
}

TensorComparison compare_tensors(std::span<const double> values, std::span<const double> reference,
                                 std::span<const std::int64_t> shape) {
  if (values.size() != reference.size()) {
    throw Error(Code::ShapeMismatch,
                fmt::format("{} elements against {}", values.size(), reference.size()));
  }
  TensorComparison result;
  result.count = static_cast<std::int64_t>(values.size());
  double error2 = 0, reference2 = 0, values2 = 0, product = 0, sum_abs = 0;
  std::int64_t finite = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double v = values[i], r = reference[i];
    if (!same_pattern(v, r)) ++result.pattern_mismatches;
    if (!std::isfinite(v) || !std::isfinite(r)) continue;
    const double error = std::abs(v - r);
    ++finite;
    error2 += error * error;
    reference2 += r * r;
    values2 += v * v;
    product += v * r;
    sum_abs += error;
    if (error > result.max_abs || result.worst_index < 0) {
      result.max_abs = error;
      result.worst_index = static_cast<std::int64_t>(i);
    }
    ++result.ulp_histogram[ulp_bin(ulp_distance(v, r))];
  }
  if (finite > 0) {
    const double n = static_cast<double>(finite);
    result.rms_error = std::sqrt(error2 / n);
    result.rms_reference = std::sqrt(reference2 / n);
    result.mean_abs = sum_abs / n;
  }
  result.exact = error2 == 0 && result.pattern_mismatches == 0;
  if (error2 > 0) {
    // Against a reference of zeros the error itself is all that can be said.
    result.rms_relative = reference2 > 0 ? std::sqrt(error2 / reference2) : result.rms_error;
    result.bits = effective_bits(result.rms_relative);
    result.snr_db = std::clamp(-20 * std::log10(result.rms_relative), -exact_snr_db, exact_snr_db);
    if (values2 > 0 && reference2 > 0)
      result.cosine = product / std::sqrt(values2) / std::sqrt(reference2);
  }
  if (result.worst_index >= 0 && shape.size() >= 2) {
    result.worst_channel =
        static_cast<std::int64_t>(Channels(shape).of(static_cast<std::size_t>(result.worst_index)));
  }
  return result;
}

}  // namespace ponte::verify
