// The typical duration of one trial.
#include "statistics/trial_median.h"

#include <cmath>
#include <vector>

#include "base/check.h"
#include "statistics/descriptive.h"
#include "statistics/distributions.h"

namespace ponte::statistics {

TrialMedian estimate_trial_median(std::span<const double> process_medians_ns, double confidence) {
  PONTE_CHECK(confidence > 0 && confidence < 1);
  require_durations(process_medians_ns);
  std::vector<double> logarithms;
  for (const double value : process_medians_ns) logarithms.push_back(std::log(value));
  const double centre = mean(logarithms);
  TrialMedian result{.median_ns = std::exp(centre), .interval = std::nullopt};
  if (logarithms.size() < 3) return result;
  const auto count = static_cast<double>(logarithms.size());
  const double half_width =
      student_t_quantile(0.5 + confidence / 2, count - 1) * std::sqrt(variance(logarithms) / count);
  result.interval = Interval{std::exp(centre - half_width), std::exp(centre + half_width)};
  return result;
}

}  // namespace ponte::statistics
