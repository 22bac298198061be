// In which order things are measured, and for how long at a time.
#include "statistics/schedule.h"

#include <numeric>
#include <utility>

#include "base/check.h"

namespace ponte::statistics {
std::vector<std::size_t> random_order(std::size_t count, Random& random) {
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (std::size_t left = count; left > 1; --left) {
    std::swap(order[left - 1], order[random.below(left)]);
  }
  return order;
}

std::vector<Round> block_order(std::size_t trials, std::size_t block_pairs, Random& random) {
  PONTE_CHECK(trials >= 1);
  std::vector<Round> rounds;
  rounds.reserve(block_pairs);
  if (trials != 2) {
    for (std::size_t i = 0; i < block_pairs; ++i) rounds.push_back(random_order(trials, random));
    return rounds;
  }
  const Round forward = random_order(2, random);
  const Round backward = {forward[1], forward[0]};
  for (std::size_t i = 0; i < block_pairs; ++i) {
    const bool mirrored = i % 4 == 1 || i % 4 == 2;
    rounds.push_back(mirrored ? backward : forward);
  }
  return rounds;
}

std::size_t block_pairs_for(double execution_ns) { return execution_ns > 0.5e9 ? 5 : 20; }

}  // namespace ponte::statistics
