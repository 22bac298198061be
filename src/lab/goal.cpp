#include "lab/goal.h"

#include "statistics/descriptive.h"
#include "statistics/trial_median.h"

namespace ponte::lab {

using statistics::Stop;

namespace {

constexpr std::size_t enough_pairs = 6;
constexpr double costly_set_up = 0.2;

bool is_look(std::size_t pairs) { return pairs > 0 && statistics::next_look(pairs - 1) == pairs; }

}  // namespace

void Goal::add(const store::ProcessPair& pair, const std::vector<store::TrialId>& ids,
               PairTime time) {
  const store::Process* process = find_process(pair, ids[trial_]);
  if (!process) return;
  if (baseline_) {
    auto paired = paired_blocks(pair, ids[trial_], ids[*baseline_]);
    if (!paired) return;
    pairs_.push_back(std::move(*paired));
  }
  const std::vector<double> samples = measured_ns(*process);
  if (samples.empty()) return;
  process_medians_ns_.push_back(statistics::median(samples));
  time_.all += time.all;
  time_.set_up += time.set_up;
}

std::size_t Goal::process_pairs() const {
  return baseline_ ? pairs_.size() : process_medians_ns_.size();
}

std::optional<double> Goal::relative_width(std::size_t comparisons) const {
  if (baseline_) {
    const auto estimate = statistics::estimate_ratio(pairs_, comparisons);
    return estimate ? std::optional(statistics::relative_width(*estimate)) : std::nullopt;
  }
  if (process_medians_ns_.empty()) return std::nullopt;
  const auto median = statistics::estimate_trial_median(process_medians_ns_);
  if (!median.interval) return std::nullopt;
  return (median.interval->high - median.interval->low) / median.median_ns;
}

Stop Goal::decide(const Rules& rules, Nanoseconds max_time, std::size_t comparisons) const {
  const std::size_t pairs = process_pairs();
  if (pairs < statistics::least_process_pairs) return Stop::GoOn;
  if (is_look(pairs) &&
      relative_width(comparisons).value_or(rules.precision + 1) <= rules.precision)
    return Stop::Precision;
  const bool is_costly = static_cast<double>(time_.set_up.count()) >
                         costly_set_up * static_cast<double>(max_time.count());
  const bool is_over = time_.all >= max_time;
  return is_over && (pairs >= enough_pairs || is_costly) ? Stop::Time : Stop::GoOn;
}

}  // namespace ponte::lab
