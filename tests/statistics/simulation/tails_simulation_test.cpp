// Bounds of percentiles on simulated machines: where one is printed it holds, and at the advised
// count it is printed.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

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
  double held = 0;     // share of the printed bounds
  double missing = 0;  // share of all
};

Result simulate(const harness::NoiseModel& model, double share, std::size_t count,
                int experiments) {
  const double truth = 1e6 * harness::noise_quantile(model, share);
  int printed = 0;
  int held = 0;
  for (int experiment = 0; experiment < experiments; ++experiment) {
    const TailBound bound =
        bound_tail(measure_series(model, count, 1, static_cast<std::uint64_t>(experiment)), share);
    printed += bound.bound_ns ? 1 : 0;
    held += bound.bound_ns && *bound.bound_ns >= truth ? 1 : 0;
  }
  return {static_cast<double>(held) / std::max(printed, 1),
          1 - static_cast<double>(printed) / experiments};
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
                                std::initializer_list<double> disturbances, int experiments) {
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
          const Result result = simulate(model, share, count, experiments);
          SCOPED_TRACE(testing::Message()
                       << "percentile " << share << ", process noise " << process_noise
                       << ", correlation " << correlation << ", bursts of " << burst_length
                       << ", disturbed " << disturbed << ", " << count << " executions");
          EXPECT_GE(result.held, 0.98);
          EXPECT_LE(result.missing, 0.3);
        }
      }
    }
  }
}

TEST(TailsSimulation, BoundsOfThe90thPercentileHoldAtTheAdvisedCount) {
  expect_advised_bounds_hold(0.9, {0, 0.002, 0.005, 0.01}, {0, 0.3, 0.7}, {1, 10, 30}, {0, 0.2},
                             500);
}

TEST(TailsSimulation, BoundsOfThe99thPercentileHoldAtTheAdvisedCount) {
  expect_advised_bounds_hold(0.99, {0, 0.01}, {0, 0.7}, {1, 10, 30}, {0, 0.2}, 200);
}

TEST(TailsSimulation, BoundsOfThe99Point9thPercentileHoldAtTheAdvisedCount) {
  expect_advised_bounds_hold(0.999, {0.005}, {0.3}, {1, 10}, {0}, 100);
}

TEST(TailsSimulation, LongSeriesOfDifferentProcessesHold) {
  for (const int burst_length : {1, 10}) {
    const Result result = simulate({.process_noise = 0.01,
                                    .correlation = 0.3,
                                    .burst_length = burst_length,
                                    .disturbed_blocks = 0},
                                   0.9, 8000, 1000);
    EXPECT_GE(result.held, 0.98) << burst_length;
    EXPECT_EQ(result.missing, 0) << burst_length;
  }
}

}  // namespace
}  // namespace ponte::statistics
