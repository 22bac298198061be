// From foreign nodes to a graph: the only loop that does it.
#pragma once

#include <functional>
#include <string_view>

#include "base/diagnostics.h"
#include "formats/shared/node_reader.h"

namespace ponte::shared {

// One row of a format's table: which function reads a foreign op, and the main op that it becomes.
// A null function says that the op is known and not read.
struct ReadRow {
  std::string_view foreign;
  void (*read)(NodeReader&);
  std::string_view becomes;
};

// The row of a node; null when no table knows its op.
using FindRow = std::function<const ReadRow*(const ForeignNode&)>;

// The row of a foreign op in a table sorted by it; null when absent.
const ReadRow* find_row(std::span<const ReadRow> rows, std::string_view foreign);

// Adds a node to the graph. A problem is collected with its node; a node that can't be read leaves
// placeholders of unknown type, behind which only problems that come from the unknown types are
// suppressed.
void read_node(const ForeignNode& node, const FindRow& find, ir::Graph& graph, Bindings& bindings,
               const ReadContext& context);

// The same for every node in the order given.
void read_nodes(const ForeignGraph& nodes, const FindRow& find, ir::Graph& graph,
                Bindings& bindings, const ReadContext& context);

}  // namespace ponte::shared
