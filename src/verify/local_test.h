// The local test: every node, or fused region, judged on the subject's own intermediate values.
// LAB.md, Judging 5.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "verify/judge.h"
#include "verify/tensor_comparison.h"

namespace ponte::verify {

inline constexpr double local_kappa = 16;

// What one known value of the subject shows against the judge, fed with the subject's own earlier
// values.
struct LocalError {
  std::string value;               // the subject's value that was compared
  const ir::Node* node = nullptr;  // that gives it
  // All nodes between it and the subject's values before, in order, `node` the last one.
  std::vector<const ir::Node*> region;
  double error = 0;  // RMS: of the whole value, or of its first channel that fails
  double bound = 0;  // local_kappa times the RMS scale of the same elements
  bool fails = false;
  double bits = exact_bits;  // the precision signature of this node
};

// In topological order. `known` maps values of the graph to what the subject gave; inputs are among
// them. Nodes with subgraphs, random ones and those that the subject's values make impossible are
// left out. Float elements that a jump inside a region moves are judged by how far it does
// (`Pooled`), which may hide a fault behind it, or not at all.
std::vector<LocalError> local_errors(const ir::Graph& graph, Judge& judge,
                                     const std::unordered_map<const ir::Value*, ops::Datum>& known,
                                     std::uint64_t seed, Jumps jumps = Jumps::Pooled);

}  // namespace ponte::verify
