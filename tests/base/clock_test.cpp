#include "base/clock.h"

#include <gtest/gtest.h>

namespace ponte {
namespace {

using namespace std::chrono_literals;

TEST(Clock, RealTimeDoesNotGoBack) {
  Nanoseconds last = monotonic_raw_now();
  for (int i = 0; i < 1000; ++i) {
    const Nanoseconds now = monotonic_raw_now();
    ASSERT_GE(now, last);
    last = now;
  }
}

TEST(Clock, RealSleepDoesNotEndEarly) {
  RealClock clock;
  const Nanoseconds end = clock.now() + 3ms;
  clock.sleep_until(end);
  EXPECT_GE(clock.now(), end);
  clock.sleep_until(end - 1h);  // returns at once
}

TEST(Clock, FakeTimePassesWhenItIsToldTo) {
  FakeClock clock(100ns);
  EXPECT_EQ(clock.now(), 100ns);
  clock.advance(50ns);
  clock.sleep_until(400ns);
  clock.sleep_until(10ns);
  EXPECT_EQ(clock.now(), 400ns);
  EXPECT_EQ(clock.sleeps(), std::vector<Nanoseconds>{250ns});
}

TEST(Clock, TheResolutionOfAFakeClockIsItsStep) {
  FakeClock clock(0ns, 25ns);
  const ClockResolution resolution = clock_resolution(clock);
  EXPECT_EQ(resolution.step, 25ns);
  EXPECT_DOUBLE_EQ(resolution.cost.count(), 25.0);
}

// Ticks once in so many looks.
class CoarseClock final : public Clock {
 public:
  explicit CoarseClock(int looks_per_tick) : looks_per_tick_(looks_per_tick) {}
  Nanoseconds now() override { return 4ms * (++looks_ / looks_per_tick_); }
  void sleep_until(Nanoseconds) override {}

 private:
  int looks_per_tick_;
  int looks_ = 0;
};

TEST(Clock, TheResolutionOfACoarseClockIsItsTick) {
  for (const int looks : {10, 5000, 100'000}) {
    CoarseClock clock(looks);
    EXPECT_EQ(clock_resolution(clock).step, 4ms) << looks;
  }
}

TEST(Clock, TheRealClockHasAResolution) {
  RealClock clock;
  const ClockResolution resolution = clock_resolution(clock);
  EXPECT_GT(resolution.step, 0ns);
  EXPECT_LT(resolution.step, 1s);
  EXPECT_GT(resolution.cost.count(), 0);
}

}  // namespace
}  // namespace ponte
