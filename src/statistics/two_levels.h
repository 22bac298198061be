// A series that jumps between two levels has no typical value: both are reported.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace ponte::statistics {

struct TwoLevels {
  double low_ns = 0;         // median of the values on the lower level
  double high_ns = 0;        // and on the upper one
  double share_high = 0;     // of the values
  std::size_t switches = 0;  // how often the series changes its level
};

// The best split of the logarithms in two (least sum of squares about the two means, clipped at the
// 5th and 95th percentile). Two levels if each holds at least 10 % of the values, the split
// explains at least 90 % of the variance (a normal sample: 64 %, a uniform one: 75 %), and the
// medians are at least 2 % apart. Null otherwise, and below 20 values. Give it the medians of
// blocks, in the order of time.
std::optional<TwoLevels> find_two_levels(std::span<const double> series_ns);

}  // namespace ponte::statistics
