// Which value of one graph stands for which of another: by the interface, by name and origin, then
// by structure.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "verify/interfaces.h"

namespace ponte::verify {

using Matches = std::unordered_map<const ir::Value*, const ir::Value*>;

// What the names of two files say of each other. Those of files that different programs wrote are
// a hint: `185` may be a convolution in one and the same with its normalisation folded in the
// other.
enum class Names : std::uint8_t { AreTheSame, AreHints };

// The inputs that the interface pairs; then, for results of `judged`, the value of `other` of the
// same name, or of the same source tensor (as a hint: where the nodes that give them are of the
// same op with as many inputs); then the result of the only node that does the same with values
// that match. An output that has no match by then is what the interface says.
Matches match_values(const ir::Graph& judged, const ir::Graph& other, const Interface& interface,
                     Names names = Names::AreTheSame);

// Backwards through these nodes of `judged`, in order: where two nodes of one op give values that
// match, so do what they read.
void match_inputs(const std::vector<const ir::Node*>& nodes, Matches& matches);

// The node of the same op that gives the match of one of the node's results; null where none does.
const ir::Node* counterpart(const ir::Node& node, const Matches& matches);

// The node that gives the match of its first result, of whatever op; by the name or the source
// tensor of that result where it has no match.
const ir::Node* node_in_place_of(const ir::Node& node, const ir::Graph& other,
                                 const Matches& matches);

bool is_same_op(const ir::Node& a, const ir::Node& b);

// Whether every node of `judged` has a counterpart in `other`.
bool match_node_by_node(const ir::Graph& judged, const Matches& matches);

// A node's name; of one that has none, as is usual in ONNX files, the name of its first output.
std::string name_of(const ir::Node& node);

}  // namespace ponte::verify
