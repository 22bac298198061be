// Expected values: pymannkendall 1.4.3, original_test and hamed_rao_modification_test.
#include "statistics/mann_kendall.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/random.h"

namespace ponte::statistics {
namespace {

TEST(MannKendall, ARisingSeriesMatchesTheOriginalTest) {
  // The modified test's correction is 0.217 here, from negative correlations at long lags; it is
  // not let below 1.
  const std::vector<double> series = {10,   10.2, 10.1, 10.4, 10.9, 11.0, 10.8, 10.7, 11.2, 11.5,
                                      11.9, 12.1, 11.8, 12.0, 12.4, 12.3, 12.2, 12.8, 13.1, 13.0};
  const Trend trend = mann_kendall(series);
  EXPECT_EQ(trend.s, 164);
  EXPECT_NEAR(trend.slope, 0.1630681818181819, 1e-12);
  EXPECT_EQ(trend.correction, 1);
  EXPECT_NEAR(trend.z, 5.288418328862859, 1e-12);
  EXPECT_NEAR(trend.p_value, 1.233785547061217e-07, 1e-15);
}

TEST(MannKendall, ACorrelatedSeriesMatchesTheCorrectionOfHamedAndRao) {
  const std::vector<double> series = {
      100.0,  100.126, 99.968,  100.615, 100.597, 99.942,  100.315, 101.556, 102.192, 101.05,
      99.574, 99.036,  99.27,   97.091,  97.454,  96.717,  96.642,  96.769,  97.099,  98.091,
      99.515, 99.484,  100.953, 100.097, 100.429, 101.247, 101.092, 100.13,  99.182};
  const Trend trend = mann_kendall(series);
  EXPECT_EQ(trend.s, -30);
  EXPECT_NEAR(trend.slope, -0.020256340579710104, 1e-12);
  EXPECT_NEAR(trend.correction, 1.8156165993944147, 1e-12);
  EXPECT_NEAR(trend.z, -0.40371407309699936, 1e-12);
  EXPECT_NEAR(trend.p_value, 0.686422989631853, 1e-12);
}

TEST(MannKendall, AConstantSeriesHasNoTrend) {
  const Trend trend = mann_kendall(std::vector<double>(10, 5.0));
  EXPECT_EQ(trend.z, 0);
  EXPECT_EQ(trend.p_value, 1);
}

TEST(MannKendall, WarnsAboutNoiseHardlyEverAndAboutDriftAlways) {
  int false_alarms = 0;
  int found = 0;
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    Random random(seed);
    std::vector<double> noise(40);
    std::vector<double> drift(40);
    for (std::size_t i = 0; i < noise.size(); ++i) {
      noise[i] = random.normal();
      drift[i] = noise[i] + 0.1 * static_cast<double>(i);
    }
    false_alarms += mann_kendall(noise).p_value < 0.05 ? 1 : 0;
    found += mann_kendall(drift).p_value < 0.05 ? 1 : 0;
  }
  EXPECT_LE(false_alarms, 65);
  EXPECT_GE(found, 980);
}

}  // namespace
}  // namespace ponte::statistics
