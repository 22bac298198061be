// The invariants of graphs and models. They hold after every reader and every pass.
//
// I1  A value is assigned once: it is an input, a constant or one output of one node, under its
//     own name in its own graph.
// I2  Nodes stand in topological order: what a node or a subgraph takes is defined before it, in
//     its graph or in one around it.
// I3  A value's uses are exactly the inputs and outputs that it is.
// I4  Every graph output exists and is visible.
// I5  A node fits the signature of its op, and the types of its results do not contradict what
//     inference says of them.
// I6  A constant has a tensor, and its type is the tensor's.
// I7  A subgraph knows the node and the graph around it.
// I8  A state leads from a value of the graph to one of its inputs and starts with a tensor that
//     the input takes; no input has two.
// I9  No placeholder, unless they are allowed.
// I10 No attribute refers to one of a function: readers put the bodies of functions where they are
//     called.
#pragma once

#include "base/diagnostics.h"
#include "ir/graph.h"

namespace ponte::ir {

enum class Placeholders : std::uint8_t { Refused, Allowed };

// Adds every violation, with its node: InvalidGraph as a rule, PlaceholderLeft for I9, and for I5
// the codes of signatures and inference. Takes time linear in the size of the model.
void check(const Model& model, Diagnostics& problems,
           Placeholders placeholders = Placeholders::Refused);
void check(const Graph& graph, Diagnostics& problems,
           Placeholders placeholders = Placeholders::Refused);

// Throws the first violation.
void require_valid(const Model& model);
void require_valid(const Graph& graph);

}  // namespace ponte::ir
