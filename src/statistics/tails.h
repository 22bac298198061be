// Upper bounds of high percentiles that hold although slow executions come in bursts.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace ponte::statistics {

inline constexpr double tail_confidence = 0.99;

struct TailBound {
  double share = 0;                  // 0.9, 0.99, 0.999
  double estimate_ns = 0;            // the sample quantile, always given
  std::optional<double> bound_ns{};  // the percentile is not larger; null: too few samples
  std::size_t samples = 0;
  double dependence = 1;              // D: how many executions say as much as one independent one
  std::size_t effective_samples = 0;  // samples / D
  std::size_t samples_needed = 0;     // D times the count for the third largest: hardly ever null
};

// Independent samples that a bound of this percentile by the `place`-th largest one takes (1: the
// largest): the smallest n with P(binomial(n, 1 - share) < place) <= 1 - tail_confidence. 44, 459,
// 4603 and 64, 662, 6636 for places 1 and 2.
std::size_t independent_samples_needed(double share, std::size_t place);

// D = max(1, 1.5 V / V0): V the variance over consecutive segments of the exceedances of the sample
// quantile, V0 what a binomial would show; the largest ratio over 40, 20 and 10 segments counts,
// because bursts longer than a segment and the differences between processes show in long segments
// only. 1 for a series of fewer than 40 values.
double tail_dependence(std::span<const double> series_ns, double share);

// Distribution-free upper bound: the order statistic at the binomial's rank for samples / D
// independent ones (David and Nagaraja, "Order Statistics", 2003, section 7.1). `series_ns` is in
// the order of time, one process after the other. No rule knows of bursts that the series does not
// contain: where they are rarer than one per series, and the percentile lies among them, the bound
// is too low and nothing here can tell.
TailBound bound_tail(std::span<const double> series_ns, double share);

}  // namespace ponte::statistics
