// The judge: a graph evaluated in double precision, and how far rounding alone may take a correct
// runtime from it. LAB.md, Judging 1 to 3: stochastic arithmetic after Vignes (2004) and Parker
// (1997).
#pragma once

#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "evaluate/evaluator.h"
#include "ops/error_scale.h"

namespace ponte::verify {

using Inputs = std::map<std::string, ops::Datum>;

// One output of the judged graph, over the runs on one set of inputs.
struct JudgedOutput {
  std::string name;
  ops::Datum reference;  // the unperturbed evaluation; of a container its elements in a row
  ops::Datum container;  // the sequence, optional or map that they are from; absent for tensors
  std::vector<double> squares;  // sum over the perturbed runs of (y_k - y)^2, per element
  std::vector<bool>
      unstable;  // elements that wide noise moves across a jump (or to another NaN or Inf pattern)
  std::vector<double> lowest, highest;  // of integers, over all runs; empty for floats
  bool has_unstable_shape = false;      // wide noise gives another shape
  bool is_number = false;               // a tensor or a row of numbers; others must be equal

  // A value of the same output as `reference` has it: a container of the same structure in a row,
  // anything else as it is.
  ops::Datum in_reference_form(const ops::Datum& value) const;
};

struct Judgement {
  std::vector<JudgedOutput> outputs;
  std::vector<evaluate::Overflow> overflows;
  int perturbed_runs = 0;
  double seconds_unperturbed = 0;
  std::int64_t steps_unperturbed = 0;
};

// What becomes of float elements that a jump moved: they are not judged, or what it did to them
// counts as noise. On inputs beyond what a model is made for, rounding may decide everything.
enum class Jumps : std::uint8_t { LeftOut, Pooled };

class Judge {
 public:
  // The graph must outlive the judge. `precision` is the arithmetic that the judged subject
  // declares; `computed` are constants that hold what a program computed in it, beside those that
  // the graph's reader computed.
  Judge(const ir::Graph& graph, evaluate::Options options, ops::Precision precision = {},
        std::vector<const ir::Value*> computed = {});

  // One unperturbed run and `perturbed_runs` with Gaussian noise of each node's error scale, and of
  // the rounding of each computed constant; each again with four times the same noise, of the other
  // sign, where the graph has ops that jump. What a cast leaves undefined is the dtype's lowest
  // value in one of the two, and its highest in the other.
  Judgement run(const Inputs& inputs, int perturbed_runs, std::uint64_t seed,
                Jumps jumps = Jumps::LeftOut);

  // Every result of the unperturbed graph by name, subgraphs excluded.
  std::map<std::string, ops::Datum> all_values(const Inputs& inputs);

  // Whether a node inside a subgraph was evaluated in any run.
  bool has_evaluated(const ir::Node& node) const { return evaluated_.contains(&node); }

  evaluate::Evaluator& evaluator() { return evaluator_; }
  ops::Precision precision() const { return precision_; }

 private:
  void round_constants(double factor, std::uint64_t seed);
  void restore_constants();

  const ir::Graph& graph_;
  ops::Precision precision_;
  std::int64_t most_traced_;  // bytes of error scales that are kept from run to run
  evaluate::Evaluator evaluator_;
  std::vector<const ir::Value*> computed_;
  bool has_jumps_ = false;
  bool has_subgraphs_ = false;
  std::set<const ir::Node*> evaluated_;  // of those in subgraphs
};

// What an element of a tensor like this moves by noise of rounding's size, at the most, unless it
// jumps; u is the unit roundoff.
double jump_limit(std::span<const double> reference, double u);

// The RMS error of each element of a constant that a program computed by a few operations on
// numbers that are not known; u is the unit roundoff.
std::vector<double> constant_scale(const ops::Array& constant, double u);

// The RMS error of each output of a node that rounding explains; empty lists where it is exact.
std::vector<std::vector<double>> error_scale(const ir::Node& node,
                                             const std::vector<ops::Datum>& inputs,
                                             const std::vector<ops::Datum>& outputs,
                                             ops::Precision precision, ops::Services& services);

}  // namespace ponte::verify
