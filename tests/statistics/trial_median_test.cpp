// The interval of a trial's median over its processes.
#include "statistics/trial_median.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "base/error.h"

namespace ponte::statistics {
namespace {

TEST(TrialMedian, IntervalIsStudentTOnTheLogarithms) {
  std::vector<double> medians;
  for (int i = 0; i < 10; ++i) medians.push_back(1e6 * std::exp(0.01 * i));
  const TrialMedian result = estimate_trial_median(medians);
  const double error =
      0.01 * std::sqrt(82.5 / 9 / 10);  // sum of squares about the mean of 0 to 9: 82.5
  EXPECT_NEAR(result.median_ns, 1e6 * std::exp(0.045), 1e-6);
  ASSERT_TRUE(result.interval);
  EXPECT_NEAR(result.interval->low, 1e6 * std::exp(0.045 - 2.2621571627982055 * error), 1e-5);
  EXPECT_NEAR(result.interval->high, 1e6 * std::exp(0.045 + 2.2621571627982055 * error), 1e-5);
}

TEST(TrialMedian, HasNoIntervalBelowThreeProcesses) {
  EXPECT_FALSE(estimate_trial_median(std::vector{1e6, 2e6}).interval);
  EXPECT_NEAR(estimate_trial_median(std::vector{1e6, 4e6}).median_ns, 2e6, 1e-6);
  EXPECT_TRUE(estimate_trial_median(std::vector{1e6, 2e6, 3e6}).interval);
}

TEST(TrialMedian, RefusesWhatIsNoDuration) {
  EXPECT_THROW(estimate_trial_median(std::vector{1e6, 0.0, 3e6}), Error);
}

}  // namespace
}  // namespace ponte::statistics
