// A series that jumps between two levels.
#include "statistics/two_levels.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "statistics/descriptive.h"

namespace ponte::statistics {
namespace {

constexpr std::size_t least_values = 20;
constexpr double least_share = 0.1;
constexpr double least_explained = 0.9;
constexpr double least_ratio = 1.02;

struct Split {
  std::size_t lower_count = 0;
  double explained = 0;  // share of the variance
};

Split best_split(std::span<const double> ascending) {
  const auto n = static_cast<double>(ascending.size());
  const double centre = std::accumulate(ascending.begin(), ascending.end(), 0.0) / n;
  double total = 0;
  for (const double value : ascending) total += (value - centre) * (value - centre);
  Split best;
  if (total == 0) return best;
  double sum = 0;
  for (std::size_t count = 1; count < ascending.size(); ++count) {
    sum += ascending[count - 1] - centre;
    const auto below = static_cast<double>(count);
    if (below < least_share * n || n - below < least_share * n) continue;
    const double between = sum * sum * n / (below * (n - below));
    if (between / total > best.explained) best = {count, between / total};
  }
  return best;
}

}  // namespace

std::optional<TwoLevels> find_two_levels(std::span<const double> series_ns) {
  require_durations(series_ns);
  if (series_ns.size() < least_values) return std::nullopt;
  const std::vector<double> ascending = sorted(series_ns);
  const double lowest = quantile_of_sorted(ascending, 0.05);
  const double highest = quantile_of_sorted(ascending, 0.95);
  std::vector<double> logarithms;
  for (const double value : ascending) {
    logarithms.push_back(std::log(std::clamp(value, lowest, highest)));
  }
  const Split split = best_split(logarithms);
  if (split.explained < least_explained) return std::nullopt;
  const auto lower = std::span(ascending).first(split.lower_count);
  const auto upper = std::span(ascending).subspan(split.lower_count);
  TwoLevels levels{.low_ns = median(lower), .high_ns = median(upper)};
  if (levels.high_ns < least_ratio * levels.low_ns) return std::nullopt;
  levels.share_high = static_cast<double>(upper.size()) / static_cast<double>(ascending.size());
  const auto is_high = [&](double value) { return value > lower.back(); };
  for (std::size_t i = 1; i < series_ns.size(); ++i) {
    if (is_high(series_ns[i]) != is_high(series_ns[i - 1])) ++levels.switches;
  }
  return levels;
}

}  // namespace ponte::statistics
