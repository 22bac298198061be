// The judge's answers to sets of inputs, for each arithmetic that a subject declares: nobody's
// error widens another one's bound. LAB.md, Judging 3 and 4.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "verify/judge.h"

namespace ponte::verify {

// One judge for each arithmetic.
class Judges {
 public:
  Judges(const ir::Graph& graph, evaluate::Options options,
         std::vector<const ir::Value*> computed = {})
      : graph_(graph), options_(std::move(options)), computed_(std::move(computed)) {}

  const ir::Graph& graph() const { return graph_; }
  Judge& of(ops::Precision precision);
  // Whether any of them has evaluated a node inside a subgraph.
  bool have_evaluated(const ir::Node& node) const;

 private:
  const ir::Graph& graph_;
  evaluate::Options options_;
  std::vector<const ir::Value*> computed_;  // see Judge
  std::map<double, std::unique_ptr<Judge>> judges_;
};

class JudgedSet {
 public:
  JudgedSet(std::string name, Inputs inputs, std::uint64_t seed, Jumps jumps)
      : name_(std::move(name)), inputs_(std::move(inputs)), seed_(seed), jumps_(jumps) {}

  const std::string& name() const { return name_; }
  const Inputs& inputs() const { return inputs_; }

  // The judgement with at least this many perturbed runs; what was evaluated before is kept.
  const Judgement& judgement(Judges& judges, ops::Precision precision, int perturbed_runs);

  // The same inputs as another graph of the network takes them, with judgements of its own.
  JudgedSet& counterpart(const ir::Graph& graph, const Inputs& inputs);

 private:
  std::string name_;
  Inputs inputs_;
  std::uint64_t seed_;
  Jumps jumps_;
  std::map<double, Judgement> judgements_;
  std::map<const ir::Graph*, JudgedSet> counterparts_;
};

}  // namespace ponte::verify
