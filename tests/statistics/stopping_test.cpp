// Precision and time end a run; significance doesn't.
#include "statistics/stopping.h"

#include <gtest/gtest.h>

#include <optional>

namespace ponte::statistics {
namespace {

using std::chrono::seconds;

Stop stop(std::size_t process_pairs, std::optional<double> relative_width, seconds elapsed,
          const StoppingRule& rule = {}, seconds set_up = seconds(0)) {
  return should_stop({process_pairs, relative_width, elapsed, set_up}, rule);
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
  EXPECT_EQ(stop(6, 0.019, seconds(1)), Stop::Precision);
  EXPECT_EQ(stop(6, 0.021, seconds(1)), Stop::GoOn);
  EXPECT_EQ(stop(6, std::nullopt, seconds(1)), Stop::GoOn);
  EXPECT_EQ(stop(6, 0.021, seconds(1), {.precision = 0.05}), Stop::Precision);
}

TEST(Stopping, TheWidthIsRelativeToTheRatio) {
  RatioEstimate estimate;
  estimate.ratio = 0.5;
  estimate.interval_95 = {0.49, 0.51};
  EXPECT_NEAR(relative_width(estimate), 0.04, 1e-12);
}

TEST(Stopping, BetweenLooksPrecisionEndsNothing) {
  for (const std::size_t pairs : {3u, 5u, 7u, 13u, 15u, 29u, 31u})
    EXPECT_EQ(stop(pairs, 0.001, seconds(1)), Stop::GoOn) << pairs;
}

TEST(Stopping, TimeEndsTheRunAnywhereFrom6ProcessPairsOn) {
  EXPECT_EQ(stop(5, 0.5, seconds(600)), Stop::GoOn);
  EXPECT_EQ(stop(6, 0.5, seconds(60)), Stop::Time);
  EXPECT_EQ(stop(7, 0.5, seconds(60)), Stop::Time);
  EXPECT_EQ(stop(6, 0.001, seconds(60)), Stop::Precision);
  EXPECT_EQ(stop(7, 0.5, seconds(60), {.max_time = seconds(90)}), Stop::GoOn);
}

TEST(Stopping, ThreeProcessPairsAreEnoughWhereSettingUpEatsTheTime) {
  EXPECT_EQ(stop(3, 0.5, seconds(60), {}, seconds(12)), Stop::GoOn);
  EXPECT_EQ(stop(3, 0.5, seconds(60), {}, seconds(13)), Stop::Time);
  EXPECT_EQ(stop(3, 0.5, seconds(59), {}, seconds(50)), Stop::GoOn);
  EXPECT_EQ(stop(2, std::nullopt, seconds(600), {}, seconds(300)), Stop::GoOn);
}

}  // namespace
}  // namespace ponte::statistics
