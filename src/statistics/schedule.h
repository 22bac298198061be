// In which order things are measured, and for how long at a time.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
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

// A block runs until it has both.
inline constexpr std::uint64_t block_executions = 3;
inline constexpr std::chrono::nanoseconds block_time = std::chrono::milliseconds(20);

}  // namespace ponte::statistics
