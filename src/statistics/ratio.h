// How much faster is one trial than another: the estimate, its intervals and the verdict.
// The unit of inference is the process pair, because two processes of the same program differ by
// themselves.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "statistics/interval.h"

namespace ponte::statistics {

// Two neighbouring blocks, one of each trial, and the slowest canary beside them where one ran.
struct BlockPair {
  double median_a_ns = 0;
  double median_b_ns = 0;
  std::optional<double> canary_ns = std::nullopt;
};

// Two processes, one of each trial, that were started together.
struct ProcessPair {
  std::vector<BlockPair> block_pairs;
};

// `a` is faster or slower than `b`.
enum class RatioVerdict { Faster, Slower, NoDifferenceDetected };
std::string_view to_string(RatioVerdict verdict);

struct RatioEstimate {
  double ratio = 1;             // time of a / time of b
  Interval interval_95{};       // printed; simultaneous over all comparisons
  Interval interval_99{};       // decides the verdict; simultaneous over all comparisons
  std::size_t comparisons = 1;  // that the two intervals are simultaneous over
  std::size_t process_pairs = 0;
  std::size_t block_pairs = 0;  // of all process pairs together
  double standard_error = 0;    // of the logarithm of the ratio
  double min_detectable = 0;    // relative difference that this run finds 9 times out of 10
  RatioVerdict verdict = RatioVerdict::NoDifferenceDetected;
};

// log median_a - log median_b of one block pair; throws Error(InvalidSample) unless both are
// durations.
double block_difference(const BlockPair& pair);

// Median over the block pairs of their differences; at least one block pair.
double pair_difference(const ProcessPair& pair);

inline constexpr std::size_t least_process_pairs = 3;

// Error probabilities of the two intervals at one look. A run is looked at several times and stops
// when its interval is narrow, so runs that stop early have, on average, a standard error that is
// too small: at 0.05 and 0.01 the printed interval covers in 92.8 % and equal trials are claimed to
// differ in 1.8 %, at a process noise near 1.4 % (simulated). That happens at the looks between the
// first, where quiet machines stop, and those that only noisy ones reach, which end by time: there
// the interval is wider. These bring the whole procedure near 95 % and below 1 %, whatever the
// noise.
constexpr double error_per_look_95(std::size_t process_pairs) {
  if (process_pairs <= 6) return 0.043;
  return process_pairs <= 14 ? 0.033 : 0.042;
}
inline constexpr double error_per_look_99 = 0.005;

// Student t intervals over the pair differences, exponentiated, each at its error probability over
// the number m of comparisons (Bonferroni). With t_99 the quantile of interval_99, min_detectable =
// exp((t_99 + t at 0.9) se) - 1. The verdict is whether interval_99 excludes 1. Null below
// least_process_pairs.
std::optional<RatioEstimate> estimate_ratio(std::span<const ProcessPair> pairs,
                                            std::size_t comparisons = 1);

}  // namespace ponte::statistics
