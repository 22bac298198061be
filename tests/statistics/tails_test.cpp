// Upper bounds of percentiles: the constants, the dependence, the rank.
#include "statistics/tails.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/error.h"
#include "base/random.h"
#include "statistics/distributions.h"

namespace ponte::statistics {
namespace {

std::vector<double> independent_series(std::size_t count, std::uint64_t seed) {
  Random random(seed);
  std::vector<double> series(count);
  for (double& value : series) value = 1e6 * std::exp(0.05 * random.normal());
  return series;
}

// The same with every value repeated `length` times: D is about 1.5 length.
std::vector<double> repeated_series(std::size_t count, std::size_t length, std::uint64_t seed) {
  const std::vector<double> source = independent_series(count, seed);
  std::vector<double> series(count);
  for (std::size_t i = 0; i < count; ++i) series[i] = source[i / length];
  return series;
}

TEST(Tails, SampleCountsFollowFromTheBinomial) {
  struct Case {
    double share;
    std::size_t place;
    std::size_t needed;
  };
  for (const Case& c : {Case{0.9, 1, 44}, Case{0.99, 1, 459}, Case{0.999, 1, 4603},
                        Case{0.9, 2, 64}, Case{0.99, 2, 662}, Case{0.999, 2, 6636}}) {
    EXPECT_EQ(independent_samples_needed(c.share, c.place), c.needed);
    const double p = 1 - c.share;
    const auto chance = [&](std::size_t n) {  // of fewer than `place` values above the percentile
      const auto count = static_cast<double>(n);
      const double none = std::pow(c.share, count);
      return c.place == 1 ? none : none + count * p * std::pow(c.share, count - 1);
    };
    EXPECT_LE(chance(c.needed), 0.01);
    EXPECT_GT(chance(c.needed - 1), 0.01);
  }
}

TEST(Tails, ABoundIsPrintedFromTheFirstSampleCountOnWhichItCanHold) {
  for (const std::size_t count : {20u, 39u, 44u, 60u, 70u, 90u, 200u, 1000u}) {
    const TailBound bound = bound_tail(independent_series(count, count), 0.9);
    EXPECT_EQ(bound.bound_ns.has_value(), bound.effective_samples >= 44) << count;
    EXPECT_EQ(bound.samples, count);
    EXPECT_EQ(bound.effective_samples,
              static_cast<std::size_t>(static_cast<double>(count) / bound.dependence));
    EXPECT_EQ(bound.samples_needed,
              static_cast<std::size_t>(std::ceil(
                  static_cast<double>(independent_samples_needed(0.9, 3)) * bound.dependence)));
  }
}

TEST(Tails, TheBoundIsTheOrderStatisticAtTheBinomialRank) {
  const std::vector<double> series = independent_series(20000, 5);
  const TailBound bound = bound_tail(series, 0.9);
  ASSERT_TRUE(bound.bound_ns);
  std::vector<double> ascending = series;
  std::ranges::sort(ascending);
  const auto below =
      static_cast<double>(std::ranges::lower_bound(ascending, *bound.bound_ns) - ascending.begin());
  const auto effective = static_cast<double>(bound.effective_samples);
  const double normal_rank =
      0.9 * effective + 2.3263 * std::sqrt(effective * 0.09);  // its normal approximation
  EXPECT_NEAR((below + 1) / 20000, normal_rank / effective, 2 / effective);
  EXPECT_GT(*bound.bound_ns, bound.estimate_ns);
}

TEST(Tails, AtTheSmallestCountTheBoundIsTheMaximum) {
  std::vector<double> constant(50, 1e6);  // no exceedance, so D is 1
  EXPECT_EQ(bound_tail(constant, 0.9).effective_samples, 50u);
  EXPECT_EQ(bound_tail(constant, 0.9).dependence, 1);
  EXPECT_EQ(*bound_tail(constant, 0.9).bound_ns, 1e6);
  std::vector<double> few_exceed(44, 1e6);
  few_exceed[7] = 2e6;
  const TailBound bound = bound_tail(std::span(few_exceed).first(39), 0.9);
  EXPECT_FALSE(bound.bound_ns);
  EXPECT_EQ(bound.dependence, 1);
}

TEST(Tails, DependenceGrowsWithTheLengthOfBursts) {
  EXPECT_NEAR(tail_dependence(independent_series(40000, 1), 0.9), 1.8, 0.7);
  EXPECT_NEAR(tail_dependence(repeated_series(40000, 10, 2), 0.9) / 10, 1.8, 0.7);
  EXPECT_NEAR(tail_dependence(repeated_series(40000, 30, 3), 0.9) / 30, 1.8, 0.7);
}

TEST(Tails, DifferencesBetweenProcessesShowInLongSegments) {
  // Ten processes whose speed differs by 3 %, executions by 5 %: far more than 40 short segments
  // alone would show.
  Random random(9);
  std::vector<double> series;
  for (int process = 0; process < 10; ++process) {
    const double speed = 0.03 * random.normal();
    for (int i = 0; i < 2000; ++i) series.push_back(1e6 * std::exp(speed + 0.05 * random.normal()));
  }
  EXPECT_GT(tail_dependence(series, 0.9), 100);
}

TEST(Tails, RefusesSharesOfBlankOrImpossibleSamples) {
  EXPECT_THROW(bound_tail(std::vector{1.0, -2.0}, 0.9), Error);
  EXPECT_THROW(bound_tail({}, 0.9), Error);
  EXPECT_THROW(bound_tail(std::vector{1.0}, 1.0), Error);
}

}  // namespace
}  // namespace ponte::statistics
