#include "verify/bounds.h"

#include <fmt/format.h>

#include <functional>
#include <unordered_set>
#include <vector>

#include "ir/op.h"

namespace ponte::verify {
namespace {

std::string described(const ir::Node& node) {
  return node.name().empty() ? std::string(node.op_name())
                             : fmt::format("`{}` ({})", node.name(), node.op_name());
}

bool has_bound(const ir::Node& node) {
  return node.op() && (node.op()->exactness != ir::Exactness::Rounds || node.op()->scale);
}

// Every node that a value depends on, bodies included.
void visit_ancestors(const ir::Value& output, const std::function<void(const ir::Node&)>& visit) {
  std::unordered_set<const ir::Node*> seen;
  std::vector<const ir::Value*> open{&output};
  const auto add_inputs = [&](const ir::Node& node) {
    for (const ir::Value* input : node.inputs()) {
      if (input) open.push_back(input);
    }
  };
  while (!open.empty()) {
    const ir::Node* node = open.back()->producer();
    open.pop_back();
    if (!node || !seen.insert(node).second) continue;
    visit(*node);
    add_inputs(*node);
    for (const ir::Subgraph& body : node->subgraphs()) {
      ir::for_each_node(*body.graph, [&](const ir::Node& inner) {
        visit(inner);
        add_inputs(inner);
      });
    }
  }
}

}  // namespace

Unbounded why_unbounded(const ir::Value& output) {
  Unbounded result;
  visit_ancestors(output, [&](const ir::Node& node) {
    if (result.is_random) return;
    if (node.op() && node.op()->exactness == ir::Exactness::Random) {
      result = {fmt::format("{} draws its own numbers in each subject", described(node)), true};
    } else if (!has_bound(node) && result.why.empty()) {
      result.why = fmt::format("{} before it has no error scale", described(node));
    }
  });
  return result;
}

}  // namespace ponte::verify
