// Upper bounds of high percentiles.
#include "statistics/tails.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/check.h"
#include "statistics/descriptive.h"
#include "statistics/distributions.h"

namespace ponte::statistics {
namespace {

constexpr std::array<std::size_t, 3> segment_counts = {40, 20, 10};
constexpr double safety = 1.5;

// Smallest n >= low for which `holds`, which is false up to some n and true from there on.
template <typename Predicate>
std::size_t first_that_holds(std::size_t low, const Predicate& holds) {
  std::size_t high = low + 1;
  while (!holds(high)) high *= 2;
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (holds(middle)) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

double probability_of_fewer(std::size_t successes, std::size_t trials, double probability) {
  return binomial_cdf(static_cast<std::int64_t>(successes) - 1, static_cast<std::int64_t>(trials),
                      probability);
}

// Variance of the exceedances per segment over the binomial one.
double variance_ratio(std::span<const bool> exceeds, std::size_t segments) {
  const auto count_of = [](std::span<const bool> part) {
    return static_cast<double>(std::ranges::count(part, true));
  };
  const double share = count_of(exceeds) / static_cast<double>(exceeds.size());
  double observed = 0;
  double binomial = 0;
  for (std::size_t i = 0; i < segments; ++i) {
    const std::size_t begin = i * exceeds.size() / segments;
    const std::size_t end = (i + 1) * exceeds.size() / segments;
    const auto length = static_cast<double>(end - begin);
    const double excess = count_of(exceeds.subspan(begin, end - begin)) - length * share;
    observed += excess * excess / static_cast<double>(segments - 1);
    binomial += length * share * (1 - share) / static_cast<double>(segments);
  }
  return binomial > 0 ? observed / binomial : 0;
}

double dependence_about(std::span<const double> series, double threshold) {
  if (series.size() < segment_counts.front()) return 1;
  const auto exceeds = std::make_unique<bool[]>(series.size());
  for (std::size_t i = 0; i < series.size(); ++i) exceeds[i] = series[i] > threshold;
  double largest = 0;
  for (const std::size_t segments : segment_counts) {
    largest = std::max(largest, variance_ratio({exceeds.get(), series.size()}, segments));
  }
  return std::max(1.0, safety * largest);
}

}  // namespace

std::size_t independent_samples_needed(double share, std::size_t place) {
  PONTE_CHECK(share > 0 && share < 1 && place >= 1);
  return first_that_holds(place, [&](std::size_t n) {
    return probability_of_fewer(place, n, 1 - share) <= 1 - tail_confidence;
  });
}

double tail_dependence(std::span<const double> series_ns, double share) {
  return dependence_about(series_ns, quantile(series_ns, share));
}

TailBound bound_tail(std::span<const double> series_ns, double share) {
  PONTE_CHECK(!series_ns.empty() && share > 0 && share < 1);
  require_durations(series_ns);
  const std::size_t count = series_ns.size();
  std::vector<double> ascending(series_ns.begin(),
                                series_ns.end());  // from the percentile on; no other part is read
  const auto percentile =
      ascending.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(count - 1));
  std::nth_element(ascending.begin(), percentile, ascending.end());
  std::sort(percentile, ascending.end());
  TailBound result{.share = share, .samples = count};
  result.estimate_ns = quantile_of_sorted(ascending, share);
  result.dependence = dependence_about(series_ns, result.estimate_ns);
  const std::size_t effective =
      static_cast<std::size_t>(static_cast<double>(count) / result.dependence);
  result.effective_samples = effective;
  result.samples_needed = static_cast<std::size_t>(
      std::ceil(static_cast<double>(independent_samples_needed(share, 3)) * result.dependence));
  if (effective < independent_samples_needed(share, 1)) return result;
  // P(the rank-th of `effective` values >= the percentile) = P(fewer than rank of them lie below
  // it)
  const std::size_t rank = first_that_holds(1, [&](std::size_t r) {
    return probability_of_fewer(r, effective, share) >= tail_confidence;
  });
  const std::size_t place = (count * rank + effective - 1) / effective;
  result.bound_ns = ascending[place - 1];
  return result;
}

}  // namespace ponte::statistics
