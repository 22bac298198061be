// Expected values: scipy 1.17 (rankdata, spearmanr).
#include "statistics/correlation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ponte::statistics {
namespace {

TEST(Correlation, EqualValuesShareTheMeanOfTheirRanks) {
  EXPECT_THAT(ranks(std::vector<double>{1, 2, 2, 5, 3, 8, 8, 8}),
              testing::ElementsAre(1, 2.5, 2.5, 5, 4, 7, 7, 7));
}

TEST(Correlation, RankCorrelationMatchesSpearman) {
  const std::vector<double> x = {1, 2, 2, 5, 3, 8, 8, 8};
  const std::vector<double> y = {2, 1, 4, 3, 3, 9, 7, 10};
  EXPECT_NEAR(rank_correlation(x, y), 0.8274127538189437, 1e-14);
  EXPECT_NEAR(rank_correlation(x, x), 1, 1e-14);
  EXPECT_EQ(rank_correlation(x, std::vector<double>(8, 3.0)), 0);
}

}  // namespace
}  // namespace ponte::statistics
