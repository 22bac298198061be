// From stored blocks to the numbers that statistics work on.
#pragma once

#include <optional>
#include <vector>

#include "base/clock.h"
#include "statistics/ratio.h"
#include "store/records.h"

namespace ponte::lab {

// ns per execution of each sample.
std::vector<double> per_execution_ns(const store::Block& block);

// Of the measured blocks of one process, in the order of time.
std::vector<double> measured_ns(const store::Process& process);
// One median for each measured block.
std::vector<double> block_medians_ns(const store::Process& process);

const store::Process* find_process(const store::ProcessPair& pair, store::TrialId trial);

// The blocks of `a` and `b` that lie in the same round; none where the pair lacks one of the two,
// or where no round has both.
std::optional<statistics::ProcessPair> paired_blocks(const store::ProcessPair& pair,
                                                     store::TrialId a, store::TrialId b);

// How long a pair took, as far as its blocks show: what a run that goes on counts for the pairs
// that were measured before.
struct PairTime {
  Nanoseconds all{0};
  Nanoseconds set_up{0};  // loading and warm-up
};
PairTime time_of(const store::ProcessPair& pair);

}  // namespace ponte::lab
