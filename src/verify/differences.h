// Where the file of a subject is another graph than the judged one. LAB.md, Judging 5.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "verify/matching.h"
#include "verify/shown_values.h"

namespace ponte::verify {

// A constant of a node of `judged` that its counterpart in `other` has with other bytes, or not at
// all. Bodies of counterparts are compared node by node, in order.
struct DifferentConstant {
  const ir::Node* node = nullptr;
  std::string constant;
  std::string what;  // "is not there", "has other values", ...
};
std::vector<DifferentConstant> different_constants(const ir::Graph& judged, const ir::Graph& other,
                                                   const Matches& matches);

// How the node in its place in `other` is another one: "is of the op AveragePool", "has 2 inputs
// instead of 3", "is not there". Empty where there is nothing to see.
std::string difference_of_node(const ir::Node& node, const ir::Graph& other,
                               const Matches& matches);

// Whether `other` has the same nodes as `judged`, with the same attributes, bodies and constants.
bool are_the_same_nodes(const ir::Graph& judged, const ir::Graph& other, const Matches& matches);

// What is wrong in the other file, as a sentence without its end (" in file B").
struct Difference {
  std::vector<const ir::Node*> region;  // of `judged`, or nodes that `other` alone has; in order
  std::string what;
  std::vector<const ir::Node*> around = {};  // of `judged`, where the region is of `other`
};

// What the node's counterpart reads instead of the match of what the node reads: nodes of `other`
// that stand between the two, or another value. Only where `known` doesn't show both to be equal.
std::optional<Difference> difference_of_inputs(const ir::Node& node, const ir::Graph& other,
                                               const Matches& matches, const Known& known);

// The same of the outputs of `judged`, which are those that the interface pairs with them.
std::optional<Difference> difference_of_outputs(const ir::Graph& judged, const ir::Graph& other,
                                                const Interface& interface, const Matches& matches,
                                                const Known& known);

// The first node in a body (of If, Loop, Scan) that is another one in the counterpart's body, or
// reads something else of the graphs around.
std::optional<Difference> difference_of_bodies(const ir::Graph& judged, const ir::Graph& other,
                                               const Matches& matches, const Known& known);

// The float constants of `other` that `judged` has under no name, subgraphs excluded: what another
// program computed, as it does when it folds one node into another.
std::vector<const ir::Value*> own_constants(const ir::Graph& judged, const ir::Graph& other);

}  // namespace ponte::verify
