// Intervals for figures that have no formula.
#include "statistics/bootstrap.h"

#include <vector>

#include "base/check.h"
#include "statistics/descriptive.h"

namespace ponte::statistics {

Interval bootstrap_interval(std::span<const double> summaries,
                            const std::function<double(std::span<const double>)>& statistic,
                            double confidence, Random& random, int resamples) {
  PONTE_CHECK(!summaries.empty() && resamples >= 1 && confidence > 0 && confidence < 1);
  std::vector<double> results;
  results.reserve(static_cast<std::size_t>(resamples));
  std::vector<double> drawn(summaries.size());
  for (int resample = 0; resample < resamples; ++resample) {
    for (double& value : drawn) value = summaries[random.below(summaries.size())];
    results.push_back(statistic(drawn));
  }
  const std::vector<double> ascending = sorted(results);
  return {quantile_of_sorted(ascending, 0.5 - confidence / 2),
          quantile_of_sorted(ascending, 0.5 + confidence / 2)};
}

}  // namespace ponte::statistics
