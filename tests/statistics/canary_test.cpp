// What the canary tells about a ratio.
#include "statistics/canary.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "base/random.h"

namespace ponte::statistics {
namespace {

// Equal trials; in `disturbed` of the 20 block pairs of each process pair, trial a and the canary
// are slower.
std::vector<ProcessPair> measure(std::size_t disturbed, double slow_a, double slow_canary) {
  Random random(4);
  std::vector<ProcessPair> pairs(10);
  for (ProcessPair& pair : pairs) {
    for (std::size_t i = 0; i < 20; ++i) {
      const bool hit = i < disturbed;
      pair.block_pairs.push_back(
          {1e6 * std::exp(0.002 * random.normal()) * (hit ? slow_a : 1),
           1e6 * std::exp(0.002 * random.normal()),
           1e6 * std::exp(0.01 * random.normal()) * (hit ? slow_canary : 1)});
    }
  }
  return pairs;
}

TEST(Canary, ACalmMachineChangesNothing) {
  const auto report = judge_canary(measure(0, 1, 1));
  ASSERT_TRUE(report);
  EXPECT_EQ(report->canaries, 200u);
  EXPECT_EQ(report->slow, 0u);
  EXPECT_NEAR(report->median_ns, 1e6, 5e3);
  EXPECT_NEAR(report->spread, 0.01, 0.003);
  EXPECT_NEAR(report->correlation_with_difference, 0, 0.2);
  ASSERT_TRUE(report->without_slow);
  EXPECT_EQ(report->without_slow->block_pairs, 200u);
  EXPECT_FALSE(report->conclusion_changes);
}

TEST(Canary, ADisturbanceThatMakesTheDifferenceIsShown) {
  const auto report = judge_canary(measure(9, 1.05, 1.3));
  ASSERT_TRUE(report);
  EXPECT_EQ(report->slow, 90u);
  EXPECT_GT(report->correlation_with_difference, 0.6);
  EXPECT_GT(report->correlation_with_duration, 0.6);
  EXPECT_EQ(estimate_ratio(measure(9, 1.05, 1.3))->verdict, RatioVerdict::Slower);
  ASSERT_TRUE(report->without_slow);
  EXPECT_EQ(report->without_slow->verdict, RatioVerdict::NoDifferenceDetected);
  EXPECT_EQ(report->without_slow->block_pairs, 110u);
  EXPECT_TRUE(report->conclusion_changes);
}

TEST(Canary, ASlowBlockAloneDropsNothing) {
  const auto report = judge_canary(measure(9, 1.5, 1.0));
  ASSERT_TRUE(report);
  EXPECT_EQ(report->without_slow->block_pairs, 200u);
}

TEST(Canary, TooFewUndisturbedPairsLeaveNoSecondConclusion) {
  auto pairs = measure(0, 1, 1);
  for (std::size_t i = 0; i < 4; ++i) {
    for (BlockPair& blocks : pairs[i].block_pairs) *blocks.canary_ns *= 1.5;
  }
  pairs.resize(6);  // the median canary is slow now in 4 of 6 pairs, so none counts as slow
  EXPECT_EQ(judge_canary(pairs)->slow, 0u);
  pairs = measure(0, 1, 1);
  for (std::size_t i = 0; i < 4; ++i) pairs[i].block_pairs.resize(1);
  for (std::size_t i = 0; i < 4; ++i) *pairs[i].block_pairs[0].canary_ns *= 1.5;
  const auto report = judge_canary(std::span(pairs).first(6));
  EXPECT_EQ(report->slow, 4u);
  EXPECT_FALSE(report->without_slow);
  EXPECT_FALSE(report->conclusion_changes);
}

TEST(Canary, WithoutCanariesThereIsNoReport) {
  auto pairs = measure(0, 1, 1);
  for (ProcessPair& pair : pairs) {
    for (BlockPair& blocks : pair.block_pairs) blocks.canary_ns.reset();
  }
  EXPECT_FALSE(judge_canary(pairs));
  pairs[0].block_pairs[0].canary_ns = 0;
  pairs[0].block_pairs[1].canary_ns = 1e6;
  EXPECT_THROW(judge_canary(pairs), Error);
}

}  // namespace
}  // namespace ponte::statistics
