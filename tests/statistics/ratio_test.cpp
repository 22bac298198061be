// The rule: block differences, their median per process pair, Student t over the pairs.
#include "statistics/ratio.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "base/error.h"
#include "statistics/distributions.h"

namespace ponte::statistics {
namespace {

// One process pair per difference, with three block pairs of which the middle one is `difference`.
std::vector<ProcessPair> pairs_with(std::initializer_list<double> differences) {
  std::vector<ProcessPair> pairs;
  for (const double difference : differences) {
    ProcessPair pair;
    for (const double offset : {0.7, 0.0, -0.1}) {
      pair.block_pairs.push_back({1e6 * std::exp(difference + offset), 1e6});
    }
    pairs.push_back(pair);
  }
  return pairs;
}

TEST(Ratio, IsTheGeometricMeanOfTheMediansOfTheProcessPairs) {
  const auto estimate = estimate_ratio(pairs_with({-0.10, -0.12, -0.08, -0.11, -0.09, -0.10}));
  ASSERT_TRUE(estimate);
  EXPECT_NEAR(estimate->ratio, std::exp(-0.10), 1e-12);
  EXPECT_EQ(estimate->process_pairs, 6u);
  EXPECT_EQ(estimate->block_pairs, 18u);
  EXPECT_NEAR(estimate->standard_error, std::sqrt(0.001 / 5 / 6), 1e-12);
}

TEST(Ratio, IntervalsAreStudentTOnTheLogarithmsAtTheErrorPerLook) {
  const auto estimate = estimate_ratio(pairs_with({-0.10, -0.12, -0.08, -0.11, -0.09, -0.10}));
  ASSERT_TRUE(estimate);
  const double error = std::sqrt(0.001 / 5 / 6);
  const double t_9785 =
      2.6957878673260267;  // 5 degrees of freedom, by the incomplete beta function
  const double t_9975 = 4.773340604855489;
  const double t_90 = 1.4758840488244811;
  EXPECT_NEAR(estimate->interval_95.low, std::exp(-0.10 - t_9785 * error), 1e-12);
  EXPECT_NEAR(estimate->interval_95.high, std::exp(-0.10 + t_9785 * error), 1e-12);
  EXPECT_NEAR(estimate->interval_99.low, std::exp(-0.10 - t_9975 * error), 1e-12);
  EXPECT_NEAR(estimate->interval_99.high, std::exp(-0.10 + t_9975 * error), 1e-12);
  EXPECT_NEAR(estimate->min_detectable, std::exp((t_9975 + t_90) * error) - 1, 1e-12);
  EXPECT_EQ(estimate->verdict, RatioVerdict::Faster);
}

TEST(Ratio, FasterMeansThatATakesLessTime) {
  EXPECT_EQ(estimate_ratio(pairs_with({-0.1, -0.1001, -0.1002}))->verdict, RatioVerdict::Faster);
  EXPECT_EQ(estimate_ratio(pairs_with({0.1, 0.1001, 0.1002}))->verdict, RatioVerdict::Slower);
  EXPECT_EQ(estimate_ratio(pairs_with({-0.1, 0.1, 0.05}))->verdict,
            RatioVerdict::NoDifferenceDetected);
  EXPECT_EQ(to_string(RatioVerdict::Faster), "faster");
  EXPECT_EQ(to_string(RatioVerdict::Slower), "slower");
  EXPECT_EQ(to_string(RatioVerdict::NoDifferenceDetected), "no difference detected");
}

TEST(Ratio, ExchangingTheTrialsInvertsEverything) {
  auto pairs = pairs_with({-0.02, -0.03, 0.01, -0.04, 0.005, -0.01, -0.025});
  const auto forward = estimate_ratio(pairs);
  for (ProcessPair& pair : pairs) {
    for (BlockPair& blocks : pair.block_pairs) std::swap(blocks.median_a_ns, blocks.median_b_ns);
  }
  const auto backward = estimate_ratio(pairs);
  EXPECT_NEAR(forward->ratio * backward->ratio, 1, 1e-12);
  EXPECT_NEAR(forward->interval_99.low * backward->interval_99.high, 1, 1e-12);
  EXPECT_NEAR(forward->min_detectable, backward->min_detectable, 1e-12);
}

TEST(Ratio, SlowStretchesThatBothTrialsShareDontMatter) {
  auto pairs = pairs_with({-0.10, -0.12, -0.08});
  const auto calm = estimate_ratio(pairs);
  for (ProcessPair& pair : pairs) {
    for (BlockPair& blocks : pair.block_pairs) {
      blocks.median_a_ns *= 3;
      blocks.median_b_ns *= 3;
    }
  }
  EXPECT_NEAR(estimate_ratio(pairs)->interval_95.high, calm->interval_95.high, 1e-12);
}

TEST(Ratio, SeveralComparisonsWidenIntervalsAndVerdictTogether) {
  const auto pairs = pairs_with({-0.010, -0.014, -0.006, -0.013, -0.008, -0.009});
  for (const std::size_t comparisons : {1u, 2u, 5u, 20u, 100u}) {
    const auto estimate = estimate_ratio(pairs, comparisons);
    const auto m = static_cast<double>(comparisons);
    EXPECT_EQ(estimate->comparisons, comparisons);
    EXPECT_NEAR(std::log(estimate->interval_99.high / estimate->ratio),
                student_t_quantile(1 - 0.0025 / m, 5) * estimate->standard_error, 1e-12);
    EXPECT_EQ(estimate->verdict != RatioVerdict::NoDifferenceDetected,
              !estimate->interval_99.contains(1));
    EXPECT_LT(estimate->interval_99.low, estimate->interval_95.low);
  }
  EXPECT_EQ(estimate_ratio(pairs, 1)->verdict, RatioVerdict::Faster);
  EXPECT_EQ(estimate_ratio(pairs, 100)->verdict, RatioVerdict::NoDifferenceDetected);
}

TEST(Ratio, NeedsThreeProcessPairs) {
  EXPECT_FALSE(estimate_ratio({}));
  EXPECT_FALSE(estimate_ratio(pairs_with({0.1, 0.2})));
  EXPECT_TRUE(estimate_ratio(pairs_with({0.1, 0.2, 0.3})));
}

TEST(Ratio, RefusesBlocksWithoutADuration) {
  auto pairs = pairs_with({0.1, 0.2, 0.3});
  pairs[1].block_pairs[0].median_b_ns = 0;
  EXPECT_THROW(static_cast<void>(estimate_ratio(pairs)), Error);
  pairs[1].block_pairs[0].median_b_ns = std::nan("");
  EXPECT_THROW(static_cast<void>(estimate_ratio(pairs)), Error);
}

}  // namespace
}  // namespace ponte::statistics
