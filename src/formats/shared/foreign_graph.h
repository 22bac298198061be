// The only untyped form of a network: nodes as a file has them, before their meaning is known.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ir/graph.h"

namespace ponte::shared {

struct ForeignGraph;

// A named subgraph of a node.
struct ForeignSubgraph {
  std::string name;
  std::shared_ptr<ForeignGraph> graph;
  bool in_list = false;
};

// One node (layer, operator) of a file.
struct ForeignNode {
  std::string dialect;  // whose table reads it: usually the format's name
  std::string domain;   // where the dialect has domains
  std::string op;       // spelled as in the format's specification
  std::string name;
  std::vector<std::string> inputs;  // "" is an absent one
  std::vector<std::string> outputs;
  // Nested messages are flattened by path: "convolution_param.kernel_size", "shape[1].dim".
  ir::Attributes attributes;
  std::vector<ForeignSubgraph> subgraphs;
  std::vector<ir::Tensor> weights;           // of formats that keep them inside the node
  std::shared_ptr<const ir::Record> record;  // for writing it again as it was
  std::string doc;
  std::map<std::string, std::string> annotations;
  std::optional<std::uint64_t> byte;  // where it stands in the file
  std::int64_t version = 0;           // of the domain's ops, where they have versions
  std::string overload;  // which function of the name is called, where they have several
};

struct ForeignGraph {
  std::string name;
  std::vector<ForeignNode> nodes;
  std::vector<std::string> results{};  // of a body: names of its outputs, also of values around it
};

// The names that a node takes, those that its bodies take from outside them included.
std::vector<std::string> names_taken(const ForeignNode& node);

// The nodes in an order in which each one's inputs are made before it; nodes keep their places
// where that is already so. `known` says which names come from outside. Throws GraphNotAcyclic
// naming a node on the cycle.
std::vector<std::size_t> topological_order(const ForeignGraph& graph,
                                           const std::function<bool(std::string_view)>& known);

}  // namespace ponte::shared
