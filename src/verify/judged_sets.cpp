#include "verify/judged_sets.h"

#include <algorithm>

#include "base/random.h"

namespace ponte::verify {
namespace {

// Adds the perturbed runs of `more` about the same reference.
void merge(Judgement& into, const Judgement& more) {
  into.perturbed_runs += more.perturbed_runs;
  for (std::size_t i = 0; i < into.outputs.size(); ++i) {
    JudgedOutput& output = into.outputs[i];
    output.has_unstable_shape = output.has_unstable_shape || more.outputs[i].has_unstable_shape;
    for (std::size_t k = 0; k < output.squares.size(); ++k) {
      output.squares[k] += more.outputs[i].squares[k];
      output.unstable[k] = output.unstable[k] || more.outputs[i].unstable[k];
    }
    for (std::size_t k = 0; k < output.lowest.size(); ++k) {
      output.lowest[k] = std::min(output.lowest[k], more.outputs[i].lowest[k]);
      output.highest[k] = std::max(output.highest[k], more.outputs[i].highest[k]);
    }
  }
}

}  // namespace

Judge& Judges::of(ops::Precision precision) {
  auto& judge = judges_[precision.f32];
  if (!judge) judge = std::make_unique<Judge>(graph_, options_, precision, computed_);
  return *judge;
}

bool Judges::have_evaluated(const ir::Node& node) const {
  return std::ranges::any_of(judges_,
                             [&](const auto& judge) { return judge.second->has_evaluated(node); });
}

const Judgement& JudgedSet::judgement(Judges& judges, ops::Precision precision,
                                      int perturbed_runs) {
  Judge& judge = judges.of(precision);
  const auto [it, is_new] = judgements_.try_emplace(precision.f32);
  Judgement& judgement = it->second;
  if (is_new) {
    judgement = judge.run(inputs_, perturbed_runs, seed_, jumps_);
  } else if (const int missing = perturbed_runs - judgement.perturbed_runs; missing > 0) {
    const auto done = static_cast<std::uint64_t>(judgement.perturbed_runs);
    merge(judgement, judge.run(inputs_, missing, mix_seed(seed_, done), jumps_));
  }
  return judgement;
}

JudgedSet& JudgedSet::counterpart(const ir::Graph& graph, const Inputs& inputs) {
  return counterparts_.try_emplace(&graph, name_, inputs, seed_, jumps_).first->second;
}

}  // namespace ponte::verify
