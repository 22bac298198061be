#include "lab/series.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "statistics/descriptive.h"

namespace ponte::lab {
namespace {

bool is_measured(const store::Block& block) {
  return block.phase == store::Phase::Measure && !block.samples_ns.empty();
}

std::uint64_t duration_of(const store::Block& block) {
  return std::accumulate(block.samples_ns.begin(), block.samples_ns.end(), std::uint64_t{0});
}

struct RoundBlock {
  double median_ns = 0;
  std::optional<double> canary_ns{};
};

std::map<std::int64_t, RoundBlock> blocks_by_round(const store::Process& process,
                                                   std::size_t processes) {
  std::map<std::int64_t, RoundBlock> rounds;
  for (const store::Block& block : process.blocks) {
    if (!is_measured(block)) continue;
    RoundBlock entry{.median_ns = statistics::median(per_execution_ns(block))};
    if (block.canary_ns) entry.canary_ns = static_cast<double>(*block.canary_ns);
    rounds[block.position / static_cast<std::int64_t>(processes)] = entry;
  }
  return rounds;
}

std::optional<double> slower(std::optional<double> a, std::optional<double> b) {
  if (!a || !b) return a ? a : b;
  return std::max(*a, *b);
}

}  // namespace

std::vector<double> per_execution_ns(const store::Block& block) {
  const auto executions = static_cast<double>(block.executions_per_sample);
  std::vector<double> values;
  values.reserve(block.samples_ns.size());
  // A clock that did not move between two looks shows half a step at least.
  for (const std::uint64_t sample : block.samples_ns)
    values.push_back(std::max(0.5, static_cast<double>(sample)) / executions);
  return values;
}

std::vector<double> measured_ns(const store::Process& process) {
  std::vector<double> values;
  for (const store::Block& block : process.blocks) {
    if (!is_measured(block)) continue;
    const std::vector<double> more = per_execution_ns(block);
    values.insert(values.end(), more.begin(), more.end());
  }
  return values;
}

std::vector<double> block_medians_ns(const store::Process& process) {
  std::vector<double> medians;
  for (const store::Block& block : process.blocks) {
    if (is_measured(block)) medians.push_back(statistics::median(per_execution_ns(block)));
  }
  return medians;
}

const store::Process* find_process(const store::ProcessPair& pair, store::TrialId trial) {
  const auto found = std::ranges::find(pair.processes, trial, &store::Process::trial);
  return found == pair.processes.end() ? nullptr : &*found;
}

std::optional<statistics::ProcessPair> paired_blocks(const store::ProcessPair& pair,
                                                     store::TrialId a, store::TrialId b) {
  const store::Process* process_a = find_process(pair, a);
  const store::Process* process_b = find_process(pair, b);
  if (!process_a || !process_b) return std::nullopt;
  const auto rounds_a = blocks_by_round(*process_a, pair.processes.size());
  const auto rounds_b = blocks_by_round(*process_b, pair.processes.size());
  statistics::ProcessPair paired;
  for (const auto& [round, block_a] : rounds_a) {
    const auto block_b = rounds_b.find(round);
    if (block_b == rounds_b.end()) continue;
    paired.block_pairs.push_back(
        {.median_a_ns = block_a.median_ns,
         .median_b_ns = block_b->second.median_ns,
         .canary_ns = slower(block_a.canary_ns, block_b->second.canary_ns)});
  }
  if (paired.block_pairs.empty()) return std::nullopt;
  return paired;
}

PairTime time_of(const store::ProcessPair& pair) {
  std::uint64_t begin = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t end = 0;
  std::uint64_t set_up = 0;
  std::uint64_t loading = 0;
  for (const store::Process& process : pair.processes) {
    loading += process.facts.load_ns.value_or(0) + process.facts.first_ns.value_or(0);
    for (const store::Block& block : process.blocks) {
      begin = std::min(begin, block.started_ns);
      end = std::max(end, block.started_ns + duration_of(block));
      if (block.phase == store::Phase::Warmup) set_up += duration_of(block);
    }
  }
  const std::uint64_t measured = end > begin ? end - begin : 0;
  return {.all = Nanoseconds(static_cast<std::int64_t>(measured + loading)),
          .set_up = Nanoseconds(static_cast<std::int64_t>(set_up + loading))};
}

}  // namespace ponte::lab
