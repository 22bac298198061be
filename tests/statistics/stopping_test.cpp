// Precision and time end a run; significance doesn't.
#include "statistics/stopping.h"

#include <gtest/gtest.h>

namespace ponte::statistics {
namespace {

using std::chrono::seconds;

RatioEstimate estimate(std::size_t process_pairs, double ratio, double relative_width) {
  RatioEstimate result;
  result.process_pairs = process_pairs;
  result.ratio = ratio;
  result.interval_95 = {ratio * (1 - relative_width / 2), ratio * (1 + relative_width / 2)};
  return result;
}

TEST(Stopping, LooksComeAfter6And10And14And20And30ProcessPairs) {
  EXPECT_EQ(next_look(0), 6u);
  EXPECT_EQ(next_look(5), 6u);
  EXPECT_EQ(next_look(6), 10u);
  EXPECT_EQ(next_look(10), 14u);
  EXPECT_EQ(next_look(14), 20u);
  EXPECT_EQ(next_look(29), 30u);
  EXPECT_EQ(next_look(30), 45u);
  EXPECT_EQ(next_look(45), 67u);
}

TEST(Stopping, APreciseIntervalEndsTheRunAtALook) {
  EXPECT_EQ(should_stop(estimate(6, 0.5, 0.019), {}, seconds(1)), Stop::Precision);
  EXPECT_EQ(should_stop(estimate(6, 0.5, 0.021), {}, seconds(1)), Stop::GoOn);
  EXPECT_EQ(should_stop(estimate(6, 3.0, 0.021), {.precision = 0.05}, seconds(1)), Stop::Precision);
}

TEST(Stopping, BetweenLooksPrecisionEndsNothing) {
  for (const std::size_t pairs : {3u, 5u, 7u, 13u, 15u, 29u, 31u}) {
    EXPECT_EQ(should_stop(estimate(pairs, 1, 0.001), {}, seconds(1)), Stop::GoOn) << pairs;
  }
}

TEST(Stopping, TimeEndsTheRunAnywhere) {
  EXPECT_EQ(should_stop(estimate(7, 1, 0.5), {}, seconds(60)), Stop::Time);
  EXPECT_EQ(should_stop(estimate(6, 1, 0.001), {}, seconds(60)), Stop::Precision);
  EXPECT_EQ(should_stop(estimate(7, 1, 0.5), {.max_time = seconds(90)}, seconds(60)), Stop::GoOn);
}

TEST(Stopping, SignificanceHasNoSay) {
  RatioEstimate wide = estimate(6, 2.0, 0.1);
  wide.interval_99 = {1.5, 2.5};
  wide.verdict = RatioVerdict::Slower;
  EXPECT_EQ(should_stop(wide, {}, seconds(1)), Stop::GoOn);
}

}  // namespace
}  // namespace ponte::statistics
