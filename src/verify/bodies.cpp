#include "verify/bodies.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "ir/text.h"
#include "verify/matching.h"

namespace ponte::verify {
namespace {

void add_untaken(const ir::Graph& graph, const Judges& judges, std::vector<UntakenBody>& bodies) {
  for (const ir::Node& node : graph.nodes()) {
    for (const ir::Subgraph& body : node.subgraphs()) {
      const bool is_taken = std::ranges::any_of(
          body.graph->nodes(), [&](const ir::Node& inner) { return judges.have_evaluated(inner); });
      if (is_taken) {
        add_untaken(*body.graph, judges, bodies);
      } else if (!body.graph->nodes().empty()) {
        bodies.push_back({&node, body.name, body.graph.get()});
      }
    }
  }
}

bool depends_on_elements(const ir::Value& value, std::set<const ir::Value*>& seen) {
  if (value.fixed_tensor() || !seen.insert(&value).second) return false;
  const ir::Node* node = value.producer();
  if (!node || !node->subgraphs().empty()) return true;
  if (node->op_name() == "Shape" || node->op_name() == "Size") return false;
  const bool is_random = !node->op() || node->op()->exactness == ir::Exactness::Random;
  return is_random || std::ranges::any_of(node->inputs(), [&](const ir::Value* input) {
           return input && depends_on_elements(*input, seen);
         });
}

}  // namespace

bool depends_on_elements(const ir::Value& value) {
  std::set<const ir::Value*> seen;
  return depends_on_elements(value, seen);
}

bool is_left_by_sizes(const UntakenBody& body) {
  const ir::Value* condition = body.node->input(0);
  return body.node->op_name() == "If" && condition && !depends_on_elements(*condition);
}

std::vector<UntakenBody> untaken_bodies(const Judges& judges) {
  std::vector<UntakenBody> bodies;
  add_untaken(judges.graph(), judges, bodies);
  return bodies;
}

std::string untaken_text(const std::vector<UntakenBody>& bodies) {
  constexpr std::size_t most_named = 3;
  std::vector<std::string> named;
  for (std::size_t i = 0; i < std::min(bodies.size(), most_named); ++i)
    named.push_back(fmt::format("the {} of `{}`", bodies[i].name, name_of(*bodies[i].node)));
  const std::size_t rest = bodies.size() - named.size();
  return fmt::format("{}{} never ran on these inputs", fmt::join(named, ", "),
                     rest > 0 ? fmt::format(" and {} more", rest) : "");
}

bool has_body(const ir::Graph& file, const UntakenBody& body) {
  const std::string wanted = ir::print(*body.graph);
  bool is_there = false;
  ir::for_each_node(file, [&](const ir::Node& node) {
    if (is_there || node.op_name() != body.node->op_name()) return;
    is_there = std::ranges::any_of(node.subgraphs(), [&](const ir::Subgraph& other) {
      return other.name == body.name && ir::print(*other.graph) == wanted;
    });
  });
  return is_there;
}

}  // namespace ponte::verify
