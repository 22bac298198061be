// Bounds of percentiles on simulated machines: where one is printed it holds, and at the advised
// count it is printed.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <vector>

#include "harness/acceptance.h"
#include "harness/noise_model.h"
#include "statistics/descriptive.h"
#include "statistics/tails.h"

namespace ponte::statistics {
namespace {

constexpr std::size_t processes = 10;

std::vector<double> measure_series(const harness::NoiseModel& model, std::size_t count,
                                   std::uint64_t seed, std::uint64_t stream) {
  harness::NoisyMachine machine(model, seed, stream);
  std::vector<double> series;
  series.reserve(count);
  for (std::size_t process = 0; process < processes; ++process) {
    auto state = machine.start_process(1e6);
    const std::size_t end = (process + 1) * count / processes;
    for (std::size_t i = 0; series.size() < end; ++i) {
      if (i % 3 == 0) machine.start_block(state);
      series.push_back(machine.execute(state));
    }
  }
  return series;
}

struct Result {
  int all = 0;
  int printed = 0;
  int held = 0;
};

Result& operator+=(Result& a, const Result& b) {
  a.all += b.all;
  a.printed += b.printed;
  a.held += b.held;
  return a;
}

Result simulate(const harness::NoiseModel& model, double share, std::size_t count, int few) {
  const double truth = 1e6 * harness::noise_quantile(model, share);
  Result result{.all = harness::experiments_of_each_kind(few)};
  for (int experiment = 0; experiment < result.all; ++experiment) {
    const TailBound bound =
        bound_tail(measure_series(model, count, 1, static_cast<std::uint64_t>(experiment)), share);
    result.printed += bound.bound_ns ? 1 : 0;
    result.held += bound.bound_ns && *bound.bound_ns >= truth ? 1 : 0;
  }
  return result;
}

void expect_sound(const Result& result) {
  ASSERT_GT(result.printed, 0);
  EXPECT_TRUE(harness::share_within(result.held, result.printed, 0.98, 1));
  EXPECT_TRUE(harness::share_within(result.all - result.printed, result.all, 0, 0.3));
}

// What series advise that are long enough for bursts of 30 (median of 5).
std::size_t advised_count(const harness::NoiseModel& model, double share) {
  std::vector<double> advice;
  for (std::uint64_t pilot = 0; pilot < 5; ++pilot) {
    const auto series = measure_series(model, 45 * independent_samples_needed(share, 2), 2, pilot);
    advice.push_back(static_cast<double>(bound_tail(series, share).samples_needed));
  }
  return static_cast<std::size_t>(median(advice));
}

// Bursts take twice the share of the executions that lies above the percentile, so that it lies
// among them.
void expect_advised_bounds_hold(double share, std::initializer_list<double> process_noises,
                                std::initializer_list<double> correlations,
                                std::initializer_list<int> burst_lengths,
                                std::initializer_list<double> disturbances, int few) {
  Result all;
  for (const double process_noise : process_noises) {
    for (const double correlation : correlations) {
      for (const int burst_length : burst_lengths) {
        for (const double disturbed : disturbances) {
          const harness::NoiseModel model{.process_noise = process_noise,
                                          .correlation = correlation,
                                          .burst_length = burst_length,
                                          .burst_share = 2 * (1 - share),
                                          .disturbed_blocks = disturbed};
          const std::size_t count = advised_count(model, share);
          const Result result = simulate(model, share, count, few);
          SCOPED_TRACE(testing::Message()
                       << "percentile " << share << ", process noise " << process_noise
                       << ", correlation " << correlation << ", bursts of " << burst_length
                       << ", disturbed " << disturbed << ", " << count << " executions");
          expect_sound(result);
          all += result;
        }
      }
    }
  }
  expect_sound(all);
  std::printf("percentile %g: bounds held %.2f %% of %d, null %.1f %% of %d\n", 100 * share,
              100.0 * all.held / all.printed, all.printed,
              100.0 * (all.all - all.printed) / all.all, all.all);
}

TEST(TailsSimulation, BoundsOfThe90thPercentileHoldAtTheAdvisedCount) {
  expect_advised_bounds_hold(0.9, {0, 0.002, 0.005, 0.01}, {0, 0.3, 0.7}, {1, 10, 30}, {0, 0.2},
                             60);
}

TEST(TailsSimulation, BoundsOfThe99thPercentileHoldAtTheAdvisedCount) {
  expect_advised_bounds_hold(0.99, {0, 0.01}, {0, 0.7}, {1, 10, 30}, {0, 0.2}, 30);
}

TEST(TailsSimulation, BoundsOfThe99Point9thPercentileHoldAtTheAdvisedCount) {
  expect_advised_bounds_hold(0.999, {0.005}, {0.3}, {1, 10}, {0}, 20);
}

TEST(TailsSimulation, LongSeriesOfDifferentProcessesHold) {
  for (const int burst_length : {1, 10}) {
    const Result result = simulate({.process_noise = 0.01,
                                    .correlation = 0.3,
                                    .burst_length = burst_length,
                                    .disturbed_blocks = 0},
                                   0.9, 8000, 200);
    SCOPED_TRACE(burst_length);
    expect_sound(result);
    EXPECT_EQ(result.printed, result.all);
  }
}

}  // namespace
}  // namespace ponte::statistics
