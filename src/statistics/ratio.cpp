// How much faster is one trial than another.
#include "statistics/ratio.h"

#include <array>
#include <cmath>

#include "base/check.h"
#include "statistics/descriptive.h"
#include "statistics/distributions.h"

namespace ponte::statistics {
namespace {

Interval exponentiated(double centre, double half_width) {
  return {std::exp(centre - half_width), std::exp(centre + half_width)};
}

RatioVerdict verdict_of(const Interval& interval) {
  if (interval.high < 1) return RatioVerdict::Faster;
  if (interval.low > 1) return RatioVerdict::Slower;
  return RatioVerdict::NoDifferenceDetected;
}

}  // namespace

std::string_view to_string(RatioVerdict verdict) {
  switch (verdict) {
    case RatioVerdict::Faster:
      return "faster";
    case RatioVerdict::Slower:
      return "slower";
    case RatioVerdict::NoDifferenceDetected:
      break;
  }
  return "no difference detected";
}

double block_difference(const BlockPair& pair) {
  require_durations(std::array{pair.median_a_ns, pair.median_b_ns});
  return std::log(pair.median_a_ns) - std::log(pair.median_b_ns);
}

double pair_difference(const ProcessPair& pair) {
  std::vector<double> differences;
  differences.reserve(pair.block_pairs.size());
  for (const BlockPair& blocks : pair.block_pairs) differences.push_back(block_difference(blocks));
  return median(differences);
}

std::optional<RatioEstimate> estimate_ratio(std::span<const ProcessPair> pairs,
                                            std::size_t comparisons) {
  PONTE_CHECK(comparisons >= 1);
  if (pairs.size() < least_process_pairs) return std::nullopt;
  RatioEstimate estimate{.comparisons = comparisons, .process_pairs = pairs.size()};
  std::vector<double> differences;
  differences.reserve(pairs.size());
  for (const ProcessPair& pair : pairs) {
    differences.push_back(pair_difference(pair));
    estimate.block_pairs += pair.block_pairs.size();
  }
  const auto count = static_cast<double>(pairs.size());
  const auto family = static_cast<double>(comparisons);
  const double centre = mean(differences);
  const double error = std::sqrt(variance(differences) / count);
  const double t_95 =
      student_t_quantile(1 - error_per_look_95(pairs.size()) / 2 / family, count - 1);
  const double t_99 = student_t_quantile(1 - error_per_look_99 / 2 / family, count - 1);
  const double t_90 = student_t_quantile(0.90, count - 1);
  estimate.ratio = std::exp(centre);
  estimate.standard_error = error;
  estimate.interval_95 = exponentiated(centre, t_95 * error);
  estimate.interval_99 = exponentiated(centre, t_99 * error);
  estimate.min_detectable = std::expm1((t_99 + t_90) * error);
  estimate.verdict = verdict_of(estimate.interval_99);
  return estimate;
}

}  // namespace ponte::statistics
