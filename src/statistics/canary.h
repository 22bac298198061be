// Did something outside the program disturb the measurement? A fixed piece of work that runs
// between the blocks tells. It informs the reader; it never decides which blocks count.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "statistics/ratio.h"

namespace ponte::statistics {

struct CanaryReport {
  std::size_t canaries = 0;  // block pairs that have one
  std::size_t slow = 0;      // of these more than 10 % over the median canary
  double median_ns = 0;
  double spread = 0;                            // 1.4826 MAD over the median
  double correlation_with_difference = 0;       // rank correlation with log a - log b
  double correlation_with_duration = 0;         // rank correlation with (log a + log b) / 2
  std::optional<RatioEstimate> without_slow{};  // null if too few block pairs are left
  bool conclusion_changes = false;              // the verdict is another one without them
};

// Null where fewer than two block pairs have a canary. A block pair without a canary counts as
// undisturbed; a process pair of which nothing is left is left out.
std::optional<CanaryReport> judge_canary(std::span<const ProcessPair> pairs,
                                         std::size_t comparisons = 1);

}  // namespace ponte::statistics
