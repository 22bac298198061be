// The simulated machine is what the other simulations take it for.
#include "harness/noise_model.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace ponte::harness {
namespace {

TEST(NoiseModel, PercentilesAreTheComputedOnes) {
  for (const int burst_length : {1, 30}) {
    const NoiseModel model{.process_noise = 0.02, .correlation = 0.7, .burst_length = burst_length};
    std::vector<double> durations;
    NoisyMachine machine(model, 1);
    for (int run = 0; run < 3000; ++run) {
      auto process = machine.start_process(1);
      for (int i = 0; i < 300; ++i) {
        if (i % 3 == 0) machine.start_block(process);
        durations.push_back(machine.execute(process));
      }
    }
    for (const double share : {0.1, 0.5, 0.9, 0.99}) {
      const double value = noise_quantile(model, share);
      const auto below = std::ranges::count_if(durations, [&](double d) { return d <= value; });
      const double error = 5 * std::sqrt(share * (1 - share) * 3 * burst_length / 900000.0) + 0.002;
      EXPECT_NEAR(static_cast<double>(below) / 900000, share, error)
          << share << " " << burst_length;
    }
  }
}

TEST(NoiseModel, BurstsHaveTheirLengthAndShare) {
  const NoiseModel model{.process_noise = 0,
                         .execution_noise = 0,
                         .correlation = 0,
                         .burst_length = 10,
                         .burst_share = 0.05,
                         .burst_slowdown = 0.5,
                         .disturbed_blocks = 0};
  NoisyMachine machine(model, 2);
  auto process = machine.start_process(1);
  int slow = 0;
  int bursts = 0;
  double before = 1;
  for (int i = 0; i < 400000; ++i) {
    const double duration = machine.execute(process);
    slow += duration != 1 ? 1 : 0;
    bursts += duration != 1 && duration != before ? 1 : 0;
    before = duration;
  }
  EXPECT_NEAR(slow / 400000.0, 0.05, 0.005);
  EXPECT_NEAR(static_cast<double>(slow) / bursts, 10, 0.02);
}

}  // namespace
}  // namespace ponte::harness
