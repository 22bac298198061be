// Plants every fault into the nodes of a model, on both sides, and counts what `verify` finds.
// sabotage_sweep MODEL [NODES_PER_OP [RANDOM_WEIGHTS_SEED]]
#include <fmt/format.h>

#include <cstdlib>
#include <exception>
#include <map>

#include "base/temporary_folder.h"
#include "verify/sabotage/trial.h"

namespace {

using namespace ponte;
using namespace ponte::sabotage;

struct Counts {
  std::map<Outcome, int> of;
};

// Spread over the model: the nodes of one op that are tried.
std::vector<std::size_t> sampled(const std::vector<std::size_t>& nodes, std::size_t most) {
  std::vector<std::size_t> result;
  for (std::size_t i = 0; i < std::min(most, nodes.size()); ++i)
    result.push_back(nodes[i * nodes.size() / std::min(most, nodes.size())]);
  return result;
}

void sweep(const jobs::ModelOptions& model, std::size_t nodes_per_op) {
  const test::TemporaryFolder scratch;
  Saboteur saboteur(model, scratch.path());
  std::map<std::string, std::vector<std::size_t>> nodes;
  for (std::size_t i = 0; i < saboteur.node_count(); ++i) nodes[saboteur.op(i)].push_back(i);
  std::map<std::string, Counts> rows;
  for (const auto& [op, places] : nodes) {
    for (const std::size_t node : sampled(places, nodes_per_op)) {
      for (const Fault& fault : all_faults()) {
        for (const Side side : {Side::Writer, Side::Reader}) {
          const Trial trial = saboteur.run(node, fault, side);
          if (trial.outcome == Outcome::NotApplicable) continue;
          const std::string_view name = side == Side::Writer ? "writer" : "reader";
          ++rows[fmt::format("{} {}", name, op)].of[trial.outcome];
          if (trial.outcome != Outcome::Found) {
            fmt::print("{} {} `{}` {}: {}: {}\n", name, trial.op, trial.node, trial.fault,
                       to_string(trial.outcome), trial.detail);
          }
        }
      }
    }
  }
  Counts all;
  for (const auto& [row, counts] : rows) {
    fmt::print("{:40}", row);
    for (const auto& [outcome, count] : counts.of) {
      all.of[outcome] += count;
      fmt::print(" {} {}", count, to_string(outcome));
    }
    fmt::print("\n");
  }
  fmt::print("{:40}", model.path.filename().string());
  for (const auto& [outcome, count] : all.of) fmt::print(" {} {}", count, to_string(outcome));
  fmt::print("\n");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  jobs::ModelOptions model;
  model.path = argv[1];
  if (argc > 3) model.random_weights = std::strtoull(argv[3], nullptr, 10);
  try {
    sweep(model, argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 2);
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
  return 0;
}
