// Did something outside the program disturb the measurement?
#include "statistics/canary.h"

#include <cmath>
#include <utility>
#include <vector>

#include "statistics/correlation.h"
#include "statistics/descriptive.h"

namespace ponte::statistics {
namespace {

constexpr double slow_factor = 1.1;

std::vector<ProcessPair> undisturbed(std::span<const ProcessPair> pairs, double slowest_ns) {
  std::vector<ProcessPair> kept;
  for (const ProcessPair& pair : pairs) {
    ProcessPair rest;
    for (const BlockPair& blocks : pair.block_pairs) {
      if (blocks.canary_ns.value_or(0) <= slowest_ns) rest.block_pairs.push_back(blocks);
    }
    if (!rest.block_pairs.empty()) kept.push_back(std::move(rest));
  }
  return kept;
}

}  // namespace

std::optional<CanaryReport> judge_canary(std::span<const ProcessPair> pairs,
                                         std::size_t comparisons) {
  std::vector<double> canaries;
  std::vector<double> differences;
  std::vector<double> durations;
  for (const ProcessPair& pair : pairs) {
    for (const BlockPair& blocks : pair.block_pairs) {
      if (!blocks.canary_ns) continue;
      canaries.push_back(*blocks.canary_ns);
      differences.push_back(block_difference(blocks));
      durations.push_back((std::log(blocks.median_a_ns) + std::log(blocks.median_b_ns)) / 2);
    }
  }
  if (canaries.size() < 2) return std::nullopt;
  require_durations(canaries);
  CanaryReport report{.canaries = canaries.size(), .median_ns = median(canaries)};
  report.spread = normal_consistent_mad(canaries) / report.median_ns;
  report.correlation_with_difference = rank_correlation(canaries, differences);
  report.correlation_with_duration = rank_correlation(canaries, durations);
  const double slowest = slow_factor * report.median_ns;
  for (const double canary : canaries) report.slow += canary > slowest ? 1 : 0;
  report.without_slow = estimate_ratio(undisturbed(pairs, slowest), comparisons);
  const std::optional<RatioEstimate> with_all = estimate_ratio(pairs, comparisons);
  report.conclusion_changes =
      with_all && report.without_slow && with_all->verdict != report.without_slow->verdict;
  return report;
}

}  // namespace ponte::statistics
