// A network that ends where the user says, not where its file does.
#pragma once

#include <span>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "formats/shared/foreign_graph.h"

namespace ponte::shared {

struct Cut {
  std::vector<std::string> found;         // of the names asked for; none: nothing is to be cut
  std::vector<std::string> outputs;       // the values that they mean, in their order
  std::vector<bool> leads;                // for each node, whether an output depends on it
  std::unordered_set<std::string> taken;  // all names that these nodes and the outputs need
};

// A name is that of a node, whose results are meant, or else that of a value that a node gives.
// What lies behind is not read, so that a network whose end nobody understands can be.
Cut cut_at(std::span<const ForeignNode* const> nodes, std::span<const std::string> names);

// Removes the nodes, or what holds one each, that lead nowhere.
template <typename Node>
void keep_leading(std::vector<Node>& nodes, const Cut& cut) {
  std::vector<Node> kept;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (cut.leads[i]) kept.push_back(std::move(nodes[i]));
  }
  nodes = std::move(kept);
}

}  // namespace ponte::shared
