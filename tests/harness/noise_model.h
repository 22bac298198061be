// A machine that disturbs what is measured on it, as real ones do; the lab's tests script the fake
// runtime with it. All noise multiplies, so the ratio of two programs is known exactly, and so is
// every percentile of one.
#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>

#include "base/random.h"

namespace ponte::harness {

struct NoiseModel {
  double process_noise = 0.005;   // standard deviation of the logarithm of a process's speed
  double execution_noise = 0.03;  // of one execution
  double correlation = 0.3;       // of neighbouring executions within a block
  int burst_length = 1;           // executions, one after the other, that are slow together
  double burst_share = 0.02;      // of all executions
  double burst_slowdown = 0.4;    // mean over the bursts of the logarithm of their slowdown
  double burst_noise = 0.1;       // its standard deviation
  double disturbed_blocks = 0.2;  // share of the blocks that something else slows down
  double disturbed_noise = 0.4;   // the logarithm of this slowdown is |N(0, disturbed_noise^2)|
};

// What one machine does in the order of time, to whichever process runs. Bursts cross the borders
// of blocks.
class NoisyMachine {
 public:
  struct Process {
    double log_duration = 0;  // of this process without any other noise
    double correlated = 0;    // state of the noise within a block
    double disturbance = 0;   // of this block
    bool block_started = false;
  };

  NoisyMachine(const NoiseModel& model, std::uint64_t seed, std::uint64_t stream = 0)
      : model_(model), random_(seed, stream) {
    if (model_.burst_share <= 0) return;
    start_burst();
    const bool begins_in_burst = random_.uniform() < model_.burst_share;
    burst_left_ =
        begins_in_burst ? burst_left_ - static_cast<int>(random_.below(burst_length())) : 0;
  }

  Process start_process(double median_ns) {
    return {.log_duration = std::log(median_ns) + model_.process_noise * random_.normal()};
  }

  void start_block(Process& process) {
    const bool disturbed = random_.uniform() < model_.disturbed_blocks;
    process.disturbance = disturbed ? model_.disturbed_noise * std::abs(random_.normal()) : 0;
    process.block_started = false;
  }

  // The duration of the next execution, in ns.
  double execute(Process& process) {
    const double rho = process.block_started ? model_.correlation : 0;
    process.correlated = rho * process.correlated + std::sqrt(1 - rho * rho) * random_.normal();
    process.block_started = true;
    return std::exp(process.log_duration + model_.execution_noise * process.correlated +
                    process.disturbance + next_burst());
  }

 private:
  std::uint64_t burst_length() const { return static_cast<std::uint64_t>(model_.burst_length); }

  // Draws a burst and the gap after it, of a length that gives bursts their share of the time.
  void start_burst() {
    burst_left_ = model_.burst_length;
    burst_ = model_.burst_slowdown + model_.burst_noise * random_.normal();
    const double mean = model_.burst_length * (1 - model_.burst_share) / model_.burst_share;
    gap_left_ =
        static_cast<std::int64_t>(std::log1p(-random_.uniform()) / std::log(mean / (1 + mean)));
  }

  double next_burst() {
    if (burst_left_ == 0) {
      if (model_.burst_share <= 0 || gap_left_-- > 0) return 0;
      start_burst();
    }
    --burst_left_;
    return burst_;
  }

  NoiseModel model_;
  Random random_;
  double burst_ = 0;
  int burst_left_ = 0;
  std::int64_t gap_left_ = 0;
};

// P(log duration <= log median_ns + excess) of one execution of any process: what percentiles are
// compared with. The disturbance is integrated by Simpson's rule.
inline double noise_cdf(const NoiseModel& model, double excess) {
  const auto normal = [](double x, double deviation) {
    return 0.5 * std::erfc(-x / (deviation * std::numbers::sqrt2));
  };
  const double calm = std::hypot(model.process_noise, model.execution_noise);
  const auto with_burst = [&](double x) {
    return (1 - model.burst_share) * normal(x, calm) +
           model.burst_share *
               normal(x - model.burst_slowdown, std::hypot(calm, model.burst_noise));
  };
  constexpr int steps = 400;
  constexpr double widest = 8;
  constexpr double step = widest / steps;
  double disturbed = 0;
  for (int i = 0; i <= steps; ++i) {
    const double z = step * i;
    const double weight = i == 0 || i == steps ? 1 : (i % 2 == 1 ? 4 : 2);
    disturbed += weight * std::exp(-z * z / 2) * with_burst(excess - model.disturbed_noise * z);
  }
  disturbed *= step / 3 * std::sqrt(2 / std::numbers::pi);
  return (1 - model.disturbed_blocks) * with_burst(excess) + model.disturbed_blocks * disturbed;
}

// The share-quantile of one execution of any process over median_ns.
inline double noise_quantile(const NoiseModel& model, double share) {
  double low = -10;
  double high = 10;
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (noise_cdf(model, middle) < share ? low : high) = middle;
  }
  return std::exp(high);
}

}  // namespace ponte::harness
