// Series that jump between two levels.
#include "statistics/two_levels.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "base/random.h"

namespace ponte::statistics {
namespace {

std::vector<double> noise(std::size_t count, double deviation, std::uint64_t seed) {
  Random random(seed);
  std::vector<double> series(count);
  for (double& value : series) value = 1e6 * std::exp(deviation * random.normal());
  return series;
}

TEST(TwoLevels, BothLevelsAreReportedWithShareAndSwitches) {
  std::vector<double> series = noise(100, 0.01, 1);
  for (std::size_t i = 40; i < 70; ++i) series[i] *= 1.2;
  const auto levels = find_two_levels(series);
  ASSERT_TRUE(levels);
  EXPECT_NEAR(levels->low_ns / 1e6, 1, 0.005);
  EXPECT_NEAR(levels->high_ns / 1e6, 1.2, 0.006);
  EXPECT_DOUBLE_EQ(levels->share_high, 0.3);
  EXPECT_EQ(levels->switches, 2u);
}

TEST(TwoLevels, AFewOutliersHideNothingAndAreNoLevel) {
  std::vector<double> series = noise(100, 0.01, 2);
  series[10] *= 5;
  series[50] *= 8;
  EXPECT_FALSE(find_two_levels(series));
  for (std::size_t i = 0; i < 100; i += 2) series[i] *= 1.3;
  EXPECT_TRUE(find_two_levels(series));
}

TEST(TwoLevels, LevelsNeedTwoPercentAndTenPercentOfTheValues) {
  std::vector<double> close = noise(100, 0.0005, 3);
  std::vector<double> rare = close;
  for (std::size_t i = 0; i < 50; ++i) close[i] *= 1.015;
  for (std::size_t i = 0; i < 8; ++i) rare[i] *= 1.3;
  EXPECT_FALSE(find_two_levels(close));
  EXPECT_FALSE(find_two_levels(rare));
  EXPECT_FALSE(find_two_levels(std::vector<double>(50, 1e6)));
}

TEST(TwoLevels, OneLevelIsHardlyEverSplit) {
  int split = 0;
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    split += find_two_levels(noise(30, 0.1, seed)) ? 1 : 0;
    Random random(seed);
    std::vector<double> uniform(30);
    for (double& value : uniform) value = 1 + random.uniform();
    split += find_two_levels(uniform) ? 1 : 0;
  }
  EXPECT_LE(split, 8);  // of 4000
}

}  // namespace
}  // namespace ponte::statistics
