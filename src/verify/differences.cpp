#include "verify/differences.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <ranges>
#include <set>

#include "base/counted.h"
#include "ir/text.h"
#include "verify/verdict.h"

namespace ponte::verify {
namespace {

// In the order of their first use.
std::vector<const ir::Value*> constants_of(const ir::Graph& graph) {
  std::vector<const ir::Value*> constants;
  std::set<const ir::Value*> seen;
  for (const ir::Node& node : graph.nodes()) {
    for (const ir::Value* value : node.inputs()) {
      if (value && value->is_constant() && seen.insert(value).second) constants.push_back(value);
    }
  }
  return constants;
}

std::optional<std::string> difference(const ir::Value& constant, const ir::Value* other) {
  if (!other) return "is not there";
  const ir::Tensor *a = constant.fixed_tensor(), *b = other->fixed_tensor();
  if (!a || !b) return std::nullopt;
  if (a->dtype() != b->dtype() || a->shape() != b->shape()) return "has another type or shape";
  if (ir::content_hash(*a) != ir::content_hash(*b)) return "has other values";
  return std::nullopt;
}

// Of numbers and text; tensors are compared as constants.
bool differ(const ir::Attribute& a, const ir::Attribute& b) {
  const auto differ_as = [&]<typename T>(const T* left) {
    const T* right = std::get_if<T>(&b);
    return left && (!right || *left != *right);
  };
  return differ_as(std::get_if<float>(&a)) || differ_as(std::get_if<std::int64_t>(&a)) ||
         differ_as(std::get_if<std::string>(&a)) ||
         differ_as(std::get_if<std::vector<float>>(&a)) ||
         differ_as(std::get_if<std::vector<std::int64_t>>(&a)) ||
         differ_as(std::get_if<std::vector<std::string>>(&a));
}

std::string difference_of_attributes(const ir::Node& node, const ir::Node& other) {
  for (const auto& [name, attribute] : node.attributes()) {
    const ir::Attribute* given = other.attribute(name);
    if (given && differ(attribute, *given)) return fmt::format("has another `{}`", name);
  }
  return {};
}

// What a node of some op is or has instead of another.
std::string difference_of_nodes(const ir::Node& node, const ir::Node& other) {
  if (!is_same_op(node, other)) return fmt::format("is of the op {}", other.op_name());
  const std::size_t expected = node.inputs().size(), given = other.inputs().size();
  if (expected != given)
    return fmt::format("has {} instead of {}", counted(given, "input", "inputs"), expected);
  return difference_of_attributes(node, other);
}

// Pairs of nodes in the bodies of two nodes, by their places, as long as their ops are the same.
// What follows on the first pair of different ops has lost its place.
using Visit = std::function<void(const ir::Node& node, const ir::Node* other)>;

void visit_bodies(const ir::Node& node, const ir::Node& other, const Visit& visit) {
  for (const ir::Subgraph& body : node.subgraphs()) {
    const ir::Graph* given = other.subgraph(body.name);
    if (body.in_list || !given) continue;
    auto next = given->nodes().begin();
    for (const ir::Node& inner : body.graph->nodes()) {
      const ir::Node* partner = next == given->nodes().end() ? nullptr : &*next++;
      visit(inner, partner);
      if (!partner || !is_same_op(inner, *partner)) break;
      visit_bodies(inner, *partner, visit);
    }
  }
}

// To the letter.
bool have_the_same_bodies(const ir::Node& node, const ir::Node& other) {
  return std::ranges::equal(node.subgraphs(), other.subgraphs(),
                            [](const ir::Subgraph& a, const ir::Subgraph& b) {
                              return a.name == b.name && ir::print(*a.graph) == ir::print(*b.graph);
                            });
}

void add_different_constants(const ir::Node& node, const ir::Node& other,
                             std::vector<DifferentConstant>& result) {
  for (std::size_t i = 0; i < node.inputs().size(); ++i) {
    const ir::Value* value = node.input(i);
    if (!value || !value->fixed_tensor()) continue;
    if (const auto what = difference(*value, other.input(i)))
      result.push_back({&node, value->name(), *what});
  }
}

// The nodes by which `to` comes from `from`, in order, other matches being left aside.
std::vector<const ir::Node*> nodes_between(const ir::Graph& graph, const ir::Value& from,
                                           const ir::Value& to,
                                           const std::set<const ir::Value*>& matched) {
  const auto any_in = [](const std::vector<ir::Value*>& values,
                         const std::set<const ir::Value*>& set) {
    return std::ranges::any_of(values, [&](const ir::Value* value) { return set.contains(value); });
  };
  std::set<const ir::Value*> behind{&from};
  for (const ir::Node& node : graph.nodes()) {
    if (!any_in(node.inputs(), behind)) continue;
    for (const ir::Value* value : node.outputs()) {
      if (value && !matched.contains(value)) behind.insert(value);
    }
  }
  if (!behind.contains(&to)) return {};
  std::set<const ir::Value*> before{&to};
  std::vector<const ir::Node*> nodes;
  for (const ir::Node& node : graph.nodes() | std::views::reverse) {
    if (!any_in(node.outputs(), before) || !any_in(node.inputs(), behind)) continue;
    nodes.push_back(&node);
    before.insert(node.inputs().begin(), node.inputs().end());
    before.erase(&from);
  }
  std::ranges::reverse(nodes);
  return nodes;
}

std::set<const ir::Value*> matched_values(const Matches& matches) {
  std::set<const ir::Value*> values;
  for (const auto& [value, match] : matches) values.insert(match);
  return values;
}

bool are_equal(const ir::Value& a, const ir::Value& b, const Known& known) {
  const auto left = known.find(&a), right = known.find(&b);
  return left != known.end() && right != known.end() && equal_data(left->second, right->second);
}

std::string describe(const ir::Node& node) {
  return fmt::format("`{}` ({})", name_of(node), node.op_name());
}

std::string between(const std::vector<const ir::Node*>& nodes, const ir::Value& from,
                    const std::string& to) {
  const std::string first = describe(*nodes.front());
  const std::string which = nodes.size() == 1
                                ? first + " stands"
                                : fmt::format("{} to {} stand", first, describe(*nodes.back()));
  return fmt::format("{} between `{}` and {}", which, from.name(), to);
}

std::vector<const ir::Node*> with_producer(const ir::Value& value,
                                           std::vector<const ir::Node*> nodes) {
  if (value.producer()) nodes.insert(nodes.begin(), value.producer());
  return nodes;
}

// What `found` reads otherwise than `node`, of what the graphs around both of them match.
std::optional<Difference> difference_of_reading(const ir::Node& node, const ir::Node& found,
                                                const ir::Graph& other, const Matches& matches,
                                                const Known& known) {
  for (std::size_t i = 0; i < node.inputs().size(); ++i) {
    const auto match = node.input(i) ? matches.find(node.input(i)) : matches.end();
    const ir::Value* read = found.input(i);
    if (match == matches.end() || !read || read == match->second ||
        are_equal(*read, *match->second, known))
      continue;
    const auto nodes = nodes_between(other, *match->second, *read, matched_values(matches));
    if (!nodes.empty())
      return Difference{nodes, between(nodes, *match->second, fmt::format("`{}`", name_of(found))),
                        with_producer(*node.input(i), {&node})};
    return Difference{{&node},
                      fmt::format("`{}` reads `{}` instead of `{}`", name_of(found), read->name(),
                                  match->second->name())};
  }
  return std::nullopt;
}

}  // namespace

std::vector<DifferentConstant> different_constants(const ir::Graph& judged, const ir::Graph& other,
                                                   const Matches& matches) {
  std::vector<DifferentConstant> result;
  const auto add_inner = [&](const ir::Node& node, const ir::Node* partner) {
    if (partner && is_same_op(node, *partner)) add_different_constants(node, *partner, result);
  };
  for (const ir::Node& node : judged.nodes()) {
    const ir::Node* matched = counterpart(node, matches);
    const ir::Node* partner = matched ? matched : node_in_place_of(node, other, matches);
    if (!partner || !is_same_op(node, *partner)) continue;
    for (std::size_t i = 0; i < node.inputs().size(); ++i) {
      const ir::Value* value = node.input(i);
      if (!value || !value->is_constant()) continue;
      const ir::Value* given = partner->input(i);
      // A node that a name alone pairs may be another one with other constants, but not without.
      if (given && !matched) continue;
      if (const auto what = difference(*value, given))
        result.push_back({&node, value->name(), *what});
    }
    if (matched) visit_bodies(node, *matched, add_inner);
  }
  return result;
}

bool are_the_same_nodes(const ir::Graph& judged, const ir::Graph& other, const Matches& matches) {
  const auto are_the_same = [&](const ir::Node& node) {
    const ir::Node* found = counterpart(node, matches);
    return found && node.attributes().size() == found->attributes().size() &&
           difference_of_nodes(node, *found).empty() && have_the_same_bodies(node, *found);
  };
  return judged.nodes().size() == other.nodes().size() &&
         std::ranges::all_of(judged.nodes(), are_the_same) &&
         different_constants(judged, other, matches).empty();
}

std::string difference_of_node(const ir::Node& node, const ir::Graph& other,
                               const Matches& matches) {
  const ir::Node* found = node_in_place_of(node, other, matches);
  if (!found) return {};
  const auto is_read = [&](const ir::Value* value) {
    const auto it = value ? matches.find(value) : matches.end();
    return it != matches.end() && it->second->producer() == found;
  };
  if (std::ranges::any_of(node.inputs(), is_read)) return "is not there";
  return difference_of_nodes(node, *found);
}

std::optional<Difference> difference_of_inputs(const ir::Node& node, const ir::Graph& other,
                                               const Matches& matches, const Known& known) {
  const ir::Node* found = counterpart(node, matches);
  return found ? difference_of_reading(node, *found, other, matches, known) : std::nullopt;
}

std::optional<Difference> difference_of_outputs(const ir::Graph& judged, const ir::Graph& other,
                                                const Interface& interface, const Matches& matches,
                                                const Known& known) {
  for (std::size_t i = 0; i < judged.outputs().size(); ++i) {
    const ir::Value &value = *judged.outputs()[i], *given = interface.output_value(i);
    const auto match = matches.find(&value);
    if (!given || match == matches.end() || match->second == given ||
        are_equal(*given, *match->second, known))
      continue;
    const auto nodes = nodes_between(other, *match->second, *given, matched_values(matches));
    if (!nodes.empty())
      return Difference{
          nodes, between(nodes, *match->second, fmt::format("the output `{}`", given->name())),
          with_producer(value, {})};
    if (value.producer())
      return Difference{
          {value.producer()},
          fmt::format("the output is `{}` instead of `{}`", given->name(), match->second->name())};
  }
  return std::nullopt;
}

std::optional<Difference> difference_of_bodies(const ir::Graph& judged, const ir::Graph& other,
                                               const Matches& matches, const Known& known) {
  std::optional<Difference> first;
  for (const ir::Node& node : judged.nodes()) {
    const ir::Node* found = counterpart(node, matches);
    if (!found) continue;
    visit_bodies(node, *found, [&](const ir::Node& inner, const ir::Node* partner) {
      if (first) return;
      const std::string what = partner ? difference_of_nodes(inner, *partner) : "is not there";
      if (!what.empty()) {
        first = {{&inner},
                 fmt::format("`{}`, inside `{}`, {}", name_of(inner), name_of(node), what)};
      } else {
        first = difference_of_reading(inner, *partner, other, matches, known);
      }
    });
  }
  return first;
}

std::vector<const ir::Value*> own_constants(const ir::Graph& judged, const ir::Graph& other) {
  std::set<std::string> known;
  for (const ir::Value* value : constants_of(judged))
    known.insert(ir::content_hash(*value->tensor()));
  std::vector<const ir::Value*> own = constants_of(other);
  std::erase_if(own, [&](const ir::Value* value) {
    const ir::Tensor& tensor = *value->tensor();
    return !ir::is_float(tensor.dtype()) || known.contains(ir::content_hash(tensor));
  });
  return own;
}

}  // namespace ponte::verify
