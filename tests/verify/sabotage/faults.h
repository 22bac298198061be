// Faults that conversions have in practice, for planting one of them into one node of a graph.
#pragma once

#include <span>
#include <string_view>

#include "ir/graph.h"

namespace ponte::sabotage {

struct Fault {
  std::string_view kind;
  // Changes the node; false when it has nothing of this kind. Then the graph is of no more use.
  bool (*plant)(ir::Graph& graph, ir::Node& node);
};

// In the order in which they are tried.
std::span<const Fault> all_faults();

// Plants the fault into the node at this place of the graph's order, and infers the graph again.
// False when it does not apply, or nothing could be read or run with it: that is no silent fault.
bool plant(ir::Graph& graph, std::size_t node, const Fault& fault);

}  // namespace ponte::sabotage
