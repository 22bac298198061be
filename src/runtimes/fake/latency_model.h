// Latencies with known properties: what the fake worker reports, and what tests of the lab simulate
// without a process.
#pragma once

#include <cstdint>

#include "base/random.h"

namespace ponte::runtimes::fake {

// Noise is the standard deviation of the logarithm, so 0.01 is about one per cent.
struct LatencyParameters {
  double base_ns = 1e6;
  double process_noise = 0;  // one draw per process
  double noise = 0;          // one draw per execution
  double correlation = 0;    // of neighbouring executions (autoregressive, first order)
  double burst_rate = 0;     // probability that a burst begins at an execution
  std::uint64_t burst_length = 1;
  double burst_factor = 3;  // of every execution inside a burst
  double noisy_block_share = 0;
  double noisy_block_noise = 0;  // one draw per noisy block, always slower
  double warm_up_factor = 1;     // of the first execution, decaying to 1 over warm_up_length
  std::uint64_t warm_up_length = 0;
  std::uint64_t seed = 0;
  std::uint64_t process = 0;
};

// The same parameters give the same latencies, on every machine.
class LatencyModel {
 public:
  explicit LatencyModel(const LatencyParameters& parameters);

  // What follows belongs to the next block of executions.
  void begin_block();
  std::uint64_t next_ns();

 private:
  double warm_up() const;
  double burst();

  LatencyParameters parameters_;
  Random random_;
  double process_factor_ = 1;
  double block_factor_ = 1;
  double level_ = 0;
  std::uint64_t burst_left_ = 0;
  std::uint64_t executions_ = 0;
};

}  // namespace ponte::runtimes::fake
