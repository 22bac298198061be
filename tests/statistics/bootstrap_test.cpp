// Percentile intervals by drawing with replacement.
#include "statistics/bootstrap.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "statistics/descriptive.h"

namespace ponte::statistics {
namespace {

TEST(Bootstrap, SameSeedGivesTheSameInterval) {
  const std::vector<double> values = {3.1, 1.7, 4.3, 1.9, 5.2, 9.4, 2.6, 6.8};
  Random first(7);
  Random second(7);
  Random third(8);
  const Interval a = bootstrap_interval(values, mean, 0.95, first);
  const Interval b = bootstrap_interval(values, mean, 0.95, second);
  const Interval c = bootstrap_interval(values, mean, 0.95, third);
  EXPECT_EQ(a.low, b.low);
  EXPECT_EQ(a.high, b.high);
  EXPECT_TRUE(a.low != c.low || a.high != c.high);
}

TEST(Bootstrap, ConstantSummariesGiveAPoint) {
  Random random(1);
  const Interval interval = bootstrap_interval(std::vector<double>(9, 4.0), median, 0.95, random);
  EXPECT_EQ(interval.low, 4);
  EXPECT_EQ(interval.high, 4);
}

TEST(Bootstrap, IntervalOfTheMeanHasTheWidthOfTheNormalTheory) {
  // 400 values: the mean's interval is 2 x 1.96 s sqrt((n - 1) / n) / sqrt n wide, up to the noise
  // of drawing (2 %).
  Random random(3);
  std::vector<double> values(400);
  for (double& value : values) value = random.normal();
  const Interval interval = bootstrap_interval(values, mean, 0.95, random, 20000);
  const double expected = 2 * 1.96 * std::sqrt(variance(values) / 400);
  EXPECT_NEAR((interval.high - interval.low) / expected, 1, 0.03);
  EXPECT_TRUE(interval.contains(mean(values)));
}

}  // namespace
}  // namespace ponte::statistics
