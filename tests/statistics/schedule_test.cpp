// The order and length of blocks.
#include "statistics/schedule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace ponte::statistics {
namespace {

using testing::ElementsAre;

TEST(Schedule, TwoTrialsAreMirroredAndMirroredAgain) {
  bool both_orders[2] = {};
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Random random(seed);
    const std::vector<Round> rounds = block_order(2, 20, random);
    ASSERT_EQ(rounds.size(), 20u);
    const std::size_t a = rounds[0][0];
    const std::size_t b = 1 - a;
    both_orders[a] = true;
    for (std::size_t i = 0; i < 20; i += 4) {
      EXPECT_THAT(rounds[i], ElementsAre(a, b));
      EXPECT_THAT(rounds[i + 1], ElementsAre(b, a));
      EXPECT_THAT(rounds[i + 2], ElementsAre(b, a));
      EXPECT_THAT(rounds[i + 3], ElementsAre(a, b));
    }
  }
  EXPECT_TRUE(both_orders[0] && both_orders[1]);
}

TEST(Schedule, MoreTrialsRunOncePerRoundInRandomOrder) {
  Random random(1);
  std::map<std::size_t, int> first;
  for (const Round& round : block_order(4, 4000, random)) {
    Round ascending = round;
    std::ranges::sort(ascending);
    ASSERT_THAT(ascending, ElementsAre(0, 1, 2, 3));
    ++first[round[0]];
  }
  for (std::size_t trial = 0; trial < 4; ++trial) EXPECT_NEAR(first[trial], 1000, 110);
}

TEST(Schedule, AllOrdersAreEquallyLikely) {
  Random random(2);
  std::map<std::vector<std::size_t>, int> counts;
  for (int i = 0; i < 6000; ++i) ++counts[random_order(3, random)];
  EXPECT_EQ(counts.size(), 6u);
  for (const auto& [order, count] : counts) EXPECT_NEAR(count, 1000, 115);
  EXPECT_TRUE(random_order(0, random).empty());
}

TEST(Schedule, TheSameSeedGivesTheSameOrder) {
  Random first(3);
  Random second(3);
  EXPECT_EQ(block_order(5, 20, first), block_order(5, 20, second));
}

TEST(Schedule, SlowModelsGetFiveBlockPairs) {
  EXPECT_EQ(block_pairs_for(1e6), 20u);
  EXPECT_EQ(block_pairs_for(0.5e9), 20u);
  EXPECT_EQ(block_pairs_for(0.51e9), 5u);
}

}  // namespace
}  // namespace ponte::statistics
