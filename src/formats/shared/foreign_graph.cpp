#include "formats/shared/foreign_graph.h"

#include <fmt/format.h>

#include <functional>
#include <queue>
#include <unordered_map>

#include "base/error.h"

namespace ponte::shared {
namespace {

// Names that the nodes of a subgraph take from outside it.
void collect_captures(const ForeignGraph& graph, std::vector<std::string>& names) {
  names.insert(names.end(), graph.results.begin(), graph.results.end());
  for (const ForeignNode& node : graph.nodes) {
    names.insert(names.end(), node.inputs.begin(), node.inputs.end());
    for (const ForeignSubgraph& subgraph : node.subgraphs) collect_captures(*subgraph.graph, names);
  }
}

}  // namespace

std::vector<std::string> names_taken(const ForeignNode& node) {
  std::vector<std::string> names = node.inputs;
  for (const ForeignSubgraph& subgraph : node.subgraphs) collect_captures(*subgraph.graph, names);
  return names;
}

std::vector<std::size_t> topological_order(const ForeignGraph& graph,
                                           const std::function<bool(std::string_view)>& known) {
  std::unordered_map<std::string_view, std::size_t> producer;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    for (const std::string& output : graph.nodes[i].outputs) {
      if (!output.empty()) producer.try_emplace(output, i);
    }
  }
  std::vector<std::vector<std::size_t>> consumers(graph.nodes.size());
  std::vector<std::size_t> missing(graph.nodes.size(), 0);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    for (const std::string& name : names_taken(graph.nodes[i])) {
      const auto it = producer.find(name);
      if (it == producer.end() || (it->second != i && known(name))) continue;
      consumers[it->second].push_back(i);
      ++missing[i];
    }
  }
  std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> ready;
  for (std::size_t i = 0; i < missing.size(); ++i) {
    if (missing[i] == 0) ready.push(i);
  }
  std::vector<std::size_t> order;
  while (!ready.empty()) {
    const std::size_t i = ready.top();
    ready.pop();
    order.push_back(i);
    for (const std::size_t consumer : consumers[i]) {
      if (--missing[consumer] == 0) ready.push(consumer);
    }
  }
  if (order.size() != graph.nodes.size()) {
    std::size_t stuck = 0;
    while (missing[stuck] == 0) ++stuck;
    const ForeignNode& node = graph.nodes[stuck];
    throw Error(Code::GraphNotAcyclic, "the node depends on its own result")
        .at({.file = {}, .node = node.name, .op = node.op, .byte = node.byte});
  }
  return order;
}

}  // namespace ponte::shared
