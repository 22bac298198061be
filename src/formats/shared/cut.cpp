#include "formats/shared/cut.h"

#include <algorithm>
#include <unordered_map>

namespace ponte::shared {
namespace {

using Producers = std::unordered_map<std::string_view, std::size_t>;

Producers producers_of(std::span<const ForeignNode* const> nodes) {
  Producers producers;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    for (const std::string& output : nodes[i]->outputs) {
      if (!output.empty()) producers.try_emplace(output, i);
    }
  }
  return producers;
}

std::vector<std::string> values_meant(std::span<const ForeignNode* const> nodes,
                                      const Producers& producers, const std::string& name) {
  std::vector<std::string> values;
  for (const ForeignNode* node : nodes) {
    if (!name.empty() && node->name == name)
      values.insert(values.end(), node->outputs.begin(), node->outputs.end());
  }
  std::erase(values, std::string());
  if (values.empty() && producers.contains(name)) values.push_back(name);
  return values;
}

// Marks the nodes that the names need, and adds what these take.
void follow(std::span<const ForeignNode* const> nodes, const Producers& producers, Cut& cut) {
  std::vector<std::string> open = cut.outputs;
  cut.taken.insert(open.begin(), open.end());
  while (!open.empty()) {
    const auto producer = producers.find(open.back());
    open.pop_back();
    if (producer == producers.end() || cut.leads[producer->second]) continue;
    cut.leads[producer->second] = true;
    for (std::string& name : names_taken(*nodes[producer->second])) {
      if (!name.empty() && cut.taken.insert(name).second) open.push_back(std::move(name));
    }
  }
}

}  // namespace

Cut cut_at(std::span<const ForeignNode* const> nodes, std::span<const std::string> names) {
  Cut cut;
  const Producers producers = producers_of(nodes);
  for (const std::string& name : names) {
    const std::vector<std::string> values = values_meant(nodes, producers, name);
    if (!values.empty()) cut.found.push_back(name);
    for (const std::string& value : values) {
      if (std::ranges::find(cut.outputs, value) == cut.outputs.end()) cut.outputs.push_back(value);
    }
  }
  cut.leads.assign(nodes.size(), cut.found.empty());
  if (!cut.found.empty()) follow(nodes, producers, cut);
  return cut;
}

}  // namespace ponte::shared
