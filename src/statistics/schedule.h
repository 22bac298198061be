// In which order things are measured, and for how long at a time.
#pragma once

#include <cstddef>
#include <vector>

#include "base/random.h"

namespace ponte::statistics {

// The order of one round: trials by index, each of which runs one block.
using Round = std::vector<std::size_t>;

// The numbers 0 to count - 1 in random order, each order equally likely (Fisher and Yates): in
// which order the workers of a process pair are started.
std::vector<std::size_t> random_order(std::size_t count, Random& random);

// The rounds of one process pair. Two trials: mirrored, AB BA, then BA AB, and again from the
// start; which of the two is A is drawn once. More than two: a random order in each round. A
// trial's block is compared with the baseline's of its round.
std::vector<Round> block_order(std::size_t trials, std::size_t block_pairs, Random& random);

// Block pairs per process pair: 20, or 5 where one execution takes over 0.5 s.
std::size_t block_pairs_for(double execution_ns);

// Executions in one block: 3, or as many as fill 20 ms at this duration of one execution, whichever
// is more.
std::size_t executions_per_block(double execution_ns);

// A block under way ends here: at least 3 executions and 20 ms.
bool block_is_complete(std::size_t executions, double elapsed_ns);

}  // namespace ponte::statistics
