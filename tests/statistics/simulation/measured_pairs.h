// Process pairs as the lab measures them, on a simulated machine.
#pragma once

#include <algorithm>
#include <array>

#include "harness/noise_model.h"
#include "statistics/ratio.h"
#include "statistics/schedule.h"

namespace ponte::statistics {

// Two processes, 20 block pairs of as many executions as a block has, in mirrored order; a takes
// `ratio` times as long as b.
inline ProcessPair measure_pair(harness::NoisyMachine& machine, Random& random, double ratio) {
  constexpr double median_ns = 1e7;
  std::array processes = {machine.start_process(median_ns * ratio),
                          machine.start_process(median_ns)};
  ProcessPair pair;
  for (const Round& round : block_order(2, block_pairs_for(median_ns), random)) {
    std::array<double, 2> medians{};
    for (const std::size_t trial : round) {
      auto& process = processes[trial];
      machine.start_block(process);
      std::array<double, block_executions> block{};
      for (double& duration : block) duration = machine.execute(process);
      std::ranges::sort(block);
      medians[trial] = block[block.size() / 2];
    }
    pair.block_pairs.push_back({medians[0], medians[1]});
  }
  return pair;
}

}  // namespace ponte::statistics
