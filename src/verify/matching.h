// Which value of one graph stands for which of another: by name and origin, then by structure.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "ir/graph.h"

namespace ponte::verify {

using Matches = std::unordered_map<const ir::Value*, const ir::Value*>;

// What the names of two files say of each other. Those of files that different programs wrote are
// a hint: `185` may be a convolution in one and the same with its normalisation folded in the
// other.
enum class Names : std::uint8_t { AreTheSame, AreHints };

// For inputs and results of `judged`, the value of `other` of the same name, or of the same source
// tensor (as a hint: where the nodes that give them are of the same op with as many inputs); then
// the result of the only node that does the same with values that match.
Matches match_values(const ir::Graph& judged, const ir::Graph& other,
                     Names names = Names::AreTheSame);

// Whether every node of `judged` has a counterpart in `other`, of the same op.
bool match_node_by_node(const ir::Graph& judged, const Matches& matches);

// A node's name; of one that has none, as is usual in ONNX files, the name of its first output.
std::string name_of(const ir::Node& node);

// A constant of a node of `judged` that its counterpart in `other` has with other bytes, or not at
// all.
struct DifferentConstant {
  const ir::Node* node = nullptr;
  std::string constant;
  std::string what;  // "is not there", "has other values", ...
};
std::vector<DifferentConstant> different_constants(const ir::Graph& judged, const ir::Graph& other,
                                                   const Matches& matches);

// What the node of `other` that gives a value of the same name is or has instead: "is of the op
// AveragePool", "has 2 inputs instead of 3". Empty where there is none, or nothing to see.
std::string difference_of_node(const ir::Node& node, const ir::Graph& other);

// The float constants of `other` that `judged` has under no name, subgraphs excluded: what another
// program computed, as it does when it folds one node into another.
std::vector<const ir::Value*> own_constants(const ir::Graph& judged, const ir::Graph& other);

}  // namespace ponte::verify
