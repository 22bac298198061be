// How far one tensor is from another: the figures of LAB.md, Judging 7 and 8.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "ops/array.h"

namespace ponte::verify {

inline constexpr double exact_bits = 53;  // what identical tensors show
inline constexpr double exact_snr_db = 320;

struct TensorComparison {
  std::int64_t count = 0;
  bool exact = false;
  double rms_error = 0;  // over the elements that are finite on both sides
  double rms_reference = 0;
  double rms_relative = 0;   // rms_error / rms_reference
  double bits = exact_bits;  // -log2(rms_relative), at most 53
  double snr_db = exact_snr_db;
  double max_abs = 0;
  double mean_abs = 0;
  double cosine = 1;
  std::int64_t worst_index = -1;
  std::int64_t worst_channel = -1;      // along axis 1, where there is one
  std::int64_t pattern_mismatches = 0;  // NaN or Inf on one side only, or of another sign
  // Elements whose distance in float32 steps is 0, 1, 2, 3-4, 5-8, 9-16, 17-256, more.
  std::array<std::int64_t, 8> ulp_histogram{};
};

// Axis 1 of a row-major tensor, along which errors are judged one by one; a single channel below
// rank 2.
class Channels {
 public:
  explicit Channels(std::span<const std::int64_t> shape);
  std::size_t count() const { return count_; }
  std::size_t of(std::size_t element) const { return element / inner_ % count_; }

 private:
  std::size_t count_ = 1;
  std::size_t inner_ = 1;
};

// Both NaN, both the same infinity, or both finite.
bool same_pattern(double a, double b);

// Both row-major of the same shape. Throws ShapeMismatch when the counts differ.
TensorComparison compare_tensors(std::span<const double> values, std::span<const double> reference,
                                 std::span<const std::int64_t> shape);

// The elements of `given` as doubles. A 64-bit integer that is another one than the reference's,
// though both are the same double, is the next double: it differs.
std::vector<double> numbers_of(const ops::Array& given, const ops::Array& reference);

// Effective bits of an RMS-relative error, within [-53, 53].
double effective_bits(double rms_relative);

}  // namespace ponte::verify
