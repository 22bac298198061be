#include "lab/goal.h"

#include "statistics/descriptive.h"
#include "statistics/trial_median.h"

namespace ponte::lab {

using statistics::Stop;

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
  return statistics::should_stop({.process_pairs = process_pairs(),
                                  .relative_width = relative_width(comparisons),
                                  .elapsed = time_.all,
                                  .set_up = time_.set_up},
                                 {.precision = rules.precision, .max_time = max_time});
}

}  // namespace ponte::lab
