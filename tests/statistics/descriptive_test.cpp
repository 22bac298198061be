// Expected values: numpy 2.4 (quantile, var) and scipy 1.17 (median_abs_deviation) on the same
// list.
#include "statistics/descriptive.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/error.h"

namespace ponte::statistics {
namespace {

const std::vector<double> values = {3.1, 1.2, 9.9, 4.4, 4.4, 7.0, 2.5, 100.0};

TEST(Descriptive, QuantilesInterpolateAsType7) {
  EXPECT_DOUBLE_EQ(quantile(values, 0), 1.2);
  EXPECT_DOUBLE_EQ(quantile(values, 0.1), 2.11);
  EXPECT_DOUBLE_EQ(quantile(values, 0.25), 2.95);
  EXPECT_DOUBLE_EQ(quantile(values, 0.5), 4.4);
  EXPECT_DOUBLE_EQ(quantile(values, 0.75), 7.725);
  EXPECT_DOUBLE_EQ(quantile(values, 0.9), 36.93);
  EXPECT_DOUBLE_EQ(quantile(values, 1), 100);
}

TEST(Descriptive, MeanAndVarianceAreTheSampleOnes) {
  EXPECT_DOUBLE_EQ(mean(values), 16.5625);
  EXPECT_DOUBLE_EQ(variance(values), 1144.07125);
}

TEST(Descriptive, MedianIsTheMiddleOrTheMeanOfTheTwoMiddleValues) {
  EXPECT_DOUBLE_EQ(median(std::vector{5.0}), 5);
  EXPECT_DOUBLE_EQ(median(std::vector{5.0, 1.0, 2.0}), 2);
  EXPECT_DOUBLE_EQ(median(std::vector{5.0, 1.0, 2.0, 4.0}), 3);
  for (std::size_t n = 1; n <= values.size(); ++n) {
    const auto part = std::span(values).first(n);
    EXPECT_DOUBLE_EQ(median(part), quantile(part, 0.5));
  }
}

TEST(Descriptive, TheMedianAbsoluteDeviationComesWithAndWithoutTheNormalFactor) {
  EXPECT_DOUBLE_EQ(median_absolute_deviation(values), 2.25);
  EXPECT_NEAR(normal_consistent_mad(values), 3.3358549916376043, 1e-14);
}

TEST(Descriptive, OutliersAreCountedBeyondTukeysFences) {
  // Quartiles 2 and 8: fences at -7 and 17 (mild), at -16 and 26 (severe).
  const std::vector<double> list = {1, 2, 3, 4, 5, 6, 7, 8, 9, -20, -8, 18, 27};
  const OutlierCounts counts = count_outliers(list);
  EXPECT_EQ(counts.low_severe, 1u);
  EXPECT_EQ(counts.low_mild, 1u);
  EXPECT_EQ(counts.high_mild, 1u);
  EXPECT_EQ(counts.high_severe, 1u);
}

TEST(Descriptive, ValuesOnAFenceAreNoOutliers) {
  // Quartiles 2 and 8 again, with values on all four fences: those at 3 ranges count as mild.
  const OutlierCounts counts =
      count_outliers(std::vector<double>{1, 2, 3, 4, 5, 6, 7, 8, 9, -16, -7, 17, 26});
  EXPECT_EQ(counts.low_severe + counts.high_severe, 0u);
  EXPECT_EQ(counts.low_mild, 1u);
  EXPECT_EQ(counts.high_mild, 1u);
}

TEST(Descriptive, ValuesThatCantBeMeasurementsAreRefused) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinite = std::numeric_limits<double>::infinity();
  for (const double bad : {nan, infinite}) {
    try {
      static_cast<void>(median(std::vector{1.0, bad, 2.0}));
      FAIL() << "accepted " << bad;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::InvalidSample);
    }
  }
  for (const double bad : {nan, infinite, 0.0, -1.0}) {
    EXPECT_THROW(require_durations(std::vector{1.0, bad}), Error);
  }
  EXPECT_NO_THROW(require_durations(values));
}

}  // namespace
}  // namespace ponte::statistics
