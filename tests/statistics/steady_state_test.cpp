// When a worker counts as warm.
#include "statistics/steady_state.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "base/random.h"

namespace ponte::statistics {
namespace {

constexpr double ms = 1e6;

// Window medians as given: each window holds 10 executions of 10 ms times its level.
std::vector<double> windows_at(std::initializer_list<double> levels) {
  std::vector<double> executions;
  for (const double level : levels) executions.insert(executions.end(), 10, 10 * ms * level);
  return executions;
}

TEST(SteadyState, ThreeEqualWindowsAreSteady) {
  EXPECT_EQ(judge_warm_up(windows_at({1, 1})).status, WarmUp::GoOn);
  EXPECT_EQ(judge_warm_up(windows_at({1, 1, 1})).status, WarmUp::Steady);
}

TEST(SteadyState, AWindowNeeds10ExecutionsAnd100Milliseconds) {
  EXPECT_EQ(judge_warm_up(std::vector(9, 50 * ms)).window_medians_ns.size(), 0u);
  EXPECT_EQ(judge_warm_up(std::vector(10, 50 * ms)).window_medians_ns.size(), 1u);
  EXPECT_EQ(judge_warm_up(std::vector(99, 1 * ms)).window_medians_ns.size(), 0u);
  EXPECT_EQ(judge_warm_up(std::vector(100, 1 * ms)).window_medians_ns.size(), 1u);
}

TEST(SteadyState, AWindowOfASlowModelNeeds3ExecutionsAnd2Seconds) {
  EXPECT_EQ(judge_warm_up(std::vector(2, 1500 * ms)).window_medians_ns.size(), 0u);
  EXPECT_EQ(judge_warm_up(std::vector(3, 600 * ms)).window_medians_ns.size(), 0u);
  EXPECT_EQ(judge_warm_up(std::vector(4, 600 * ms)).window_medians_ns.size(), 1u);
  EXPECT_EQ(judge_warm_up(std::vector(8, 1000 * ms)).status, WarmUp::GoOn);
  EXPECT_EQ(judge_warm_up(std::vector(9, 1000 * ms)).status, WarmUp::Steady);
}

TEST(SteadyState, MediansMayDifferByTwoPercent) {
  EXPECT_EQ(judge_warm_up(windows_at({1, 1.019, 1})).status, WarmUp::Steady);
  EXPECT_EQ(judge_warm_up(windows_at({1, 1.021, 1})).status, WarmUp::GoOn);
}

TEST(SteadyState, TheFirstOfTheThreeMayNotBeTheLargest) {
  EXPECT_EQ(judge_warm_up(windows_at({1.01, 1.005, 1})).status, WarmUp::GoOn);
  EXPECT_EQ(judge_warm_up(windows_at({1.01, 1.005, 1, 1.002})).status, WarmUp::GoOn);
  EXPECT_EQ(judge_warm_up(windows_at({1.01, 1.005, 1, 1.006})).status, WarmUp::Steady);
  EXPECT_EQ(judge_warm_up(windows_at({1.005, 1.005, 1})).status, WarmUp::Steady);
}

TEST(SteadyState, OnlyTheLastThreeWindowsCount) {
  EXPECT_EQ(judge_warm_up(windows_at({3, 2, 1.5, 1, 1, 1})).status, WarmUp::Steady);
  EXPECT_EQ(judge_warm_up(windows_at({3, 2, 1.5, 1.2, 1, 1})).status, WarmUp::GoOn);
}

TEST(SteadyState, NoisyExecutionsWidenTheTolerance) {
  // Median deviation within each window 5 %: medians may differ by 10 %.
  std::vector<double> executions;
  for (const double level : {1.0, 1.08, 1.0}) {
    for (int i = 0; i < 10; ++i)
      executions.push_back(20 * ms * (level + (i % 2 == 0 ? 0.05 : -0.05)));
  }
  EXPECT_EQ(judge_warm_up(executions).status, WarmUp::Steady);
  for (std::size_t i = 10; i < 20; ++i) executions[i] += 20 * ms * 0.03;
  EXPECT_EQ(judge_warm_up(executions).status, WarmUp::GoOn);
}

TEST(SteadyState, ASlowFallIsNotSteadyUntilTheLimit) {
  std::vector<double> executions;
  while (executions.size() < 499) {
    executions.push_back(15 * ms * std::exp(-0.003 * static_cast<double>(executions.size())));
    ASSERT_NE(judge_warm_up(executions).status, WarmUp::Steady) << executions.size();
  }
  EXPECT_EQ(judge_warm_up(executions).status, WarmUp::GoOn);
  executions.push_back(3 * ms);
  EXPECT_EQ(judge_warm_up(executions).status, WarmUp::LimitReached);
}

TEST(SteadyState, TenSecondsAreTheLimitOfSlowModels) {
  EXPECT_EQ(judge_warm_up(std::vector(4, 2400 * ms)).status, WarmUp::GoOn);
  EXPECT_EQ(judge_warm_up(std::vector(5, 2400 * ms)).status, WarmUp::LimitReached);
}

TEST(SteadyState, FastModelsGetFiveWindowsBeforeTheLimit) {
  std::vector<double> executions;
  double level = 1;
  for (int window = 0; window < 5; ++window, level *= 0.9) {
    EXPECT_EQ(judge_warm_up(executions).status, WarmUp::GoOn);
    for (double elapsed = 0; elapsed < 100 * ms; elapsed += 0.1 * ms * level)
      executions.push_back(0.1 * ms * level);
  }
  EXPECT_EQ(judge_warm_up(executions).status, WarmUp::LimitReached);
}

TEST(SteadyState, SteadyNoiseIsRecognisedWithinTheLimit) {
  int steady = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Random random(seed);
    std::vector<double> executions;
    WarmUp status = WarmUp::GoOn;
    while (status == WarmUp::GoOn) {
      for (int i = 0; i < 10; ++i) executions.push_back(12 * ms * std::exp(0.05 * random.normal()));
      status = judge_warm_up(executions).status;
    }
    steady += status == WarmUp::Steady ? 1 : 0;
  }
  EXPECT_GE(steady, 198);
}

TEST(SteadyState, RefusesWhatIsNoDuration) {
  EXPECT_THROW(judge_warm_up(std::vector{1 * ms, -1 * ms}), Error);
}

}  // namespace
}  // namespace ponte::statistics
