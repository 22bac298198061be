#include "verify/matching.h"

#include <algorithm>
#include <ranges>
#include <set>

#include "ir/shapes.h"

namespace ponte::verify {
namespace {

// The source's name for a value that is its tensor as it stands; empty for all others.
std::string same_tensor_in_source(const ir::Value& value) {
  const auto& origin = value.origin;
  return origin && origin->permutation.empty() && !origin->reshaped ? origin->name : std::string();
}

std::vector<const ir::Value*> flowing(const ir::Graph& graph) {
  std::vector<const ir::Value*> values(graph.inputs().begin(), graph.inputs().end());
  for (const ir::Node& node : graph.nodes()) {
    for (const ir::Value* value : node.outputs()) {
      if (value) values.push_back(value);
    }
  }
  return values;
}

// Whether nothing that is known of two values says that their shapes differ.
bool may_be_of_one_shape(const ir::Value& a, const ir::Value& b) {
  const ir::TensorType *left = a.type().as_tensor(), *right = b.type().as_tensor();
  return !left || !right || !left->shape || !right->shape ||
         ir::may_be_equal(*left->shape, *right->shape);
}

class ValueMatcher {
 public:
  ValueMatcher(const ir::Graph& judged, const ir::Graph& other, const Interface& interface,
               Names names)
      : judged_(judged), other_(other), interface_(interface), names_(names) {}

  Matches match() {
    for (const auto& [value, counterpart] : interface_.inputs()) add(*value, *counterpart);
    for (const ir::Value* value : flowing(judged_)) by_name(*value);
    for (const ir::Node& node : judged_.nodes()) by_structure(node);
    by_interface();
    for (const ir::Node& node : judged_.nodes()) by_structure(node);
    return std::move(matches_);
  }

 private:
  void add(const ir::Value& value, const ir::Value& counterpart) {
    matches_[&value] = &counterpart;
    taken_.insert(&counterpart);
  }

  void by_interface() {
    for (std::size_t i = 0; i < judged_.outputs().size(); ++i) {
      const ir::Value &value = *judged_.outputs()[i], *found = interface_.output_value(i);
      if (found && !matches_.contains(&value) && !taken_.contains(found) &&
          may_be_of_one_shape(value, *found))
        add(value, *found);
    }
  }

  void by_name(const ir::Value& value) {
    if (matches_.contains(&value)) return;
    const ir::Value* found = other_.find(value.name());
    if (!found && !same_tensor_in_source(value).empty())
      found = of_source(same_tensor_in_source(value));
    if (!found) found = of_source(value.name());
    if (found && !found->is_constant() && !taken_.contains(found) &&
        (names_ == Names::AreTheSame || have_like_producers(value, *found)))
      add(value, *found);
  }

  static bool have_like_producers(const ir::Value& value, const ir::Value& found) {
    const ir::Node *a = value.producer(), *b = found.producer();
    if (!a || !b) return !a && !b;
    return is_same_op(*a, *b) && a->inputs().size() == b->inputs().size();
  }

  const ir::Value* of_source(const std::string& name) {
    if (sources_.empty()) {
      for (const ir::Value* value : flowing(other_)) {
        sources_.try_emplace(value->name(), value);
        const std::string tensor = same_tensor_in_source(*value);
        if (!tensor.empty()) sources_.try_emplace(tensor, value);
      }
    }
    const auto it = sources_.find(name);
    return it == sources_.end() ? nullptr : it->second;
  }

  bool does_the_same(const ir::Node& node, const ir::Node& candidate) const {
    if (!is_same_op(candidate, node) || candidate.inputs().size() != node.inputs().size() ||
        candidate.outputs().size() != node.outputs().size())
      return false;
    for (std::size_t i = 0; i < node.inputs().size(); ++i) {
      const ir::Value *a = node.input(i), *b = candidate.input(i);
      if (!a != !b || (a && a->is_constant() != b->is_constant())) return false;
      if (!a || a->is_constant()) continue;
      const auto it = matches_.find(a);
      if (it == matches_.end() || it->second != b) return false;
    }
    return true;
  }

  bool is_free(const ir::Node& candidate) const {
    return std::ranges::none_of(candidate.outputs(),
                                [&](const ir::Value* value) { return taken_.contains(value); });
  }

  static bool has_constants_of(const ir::Node& node, const ir::Node& candidate) {
    for (std::size_t i = 0; i < node.inputs().size(); ++i) {
      const ir::Value *a = node.input(i), *b = candidate.input(i);
      if (a && b && a->tensor() && b->tensor() &&
          ir::content_hash(*a->tensor()) != ir::content_hash(*b->tensor()))
        return false;
    }
    return true;
  }

  void by_structure(const ir::Node& node) {
    const bool unmatched = std::ranges::any_of(
        node.outputs(), [&](const ir::Value* value) { return value && !matches_.contains(value); });
    if (!unmatched) return;
    std::set<const ir::Node*> candidates;
    for (const ir::Value* input : node.inputs()) {
      const auto it = input ? matches_.find(input) : matches_.end();
      if (it == matches_.end()) continue;
      for (const ir::Use& use : it->second->uses()) {
        if (is_free(*use.node) && does_the_same(node, *use.node)) candidates.insert(use.node);
      }
    }
    if (candidates.size() > 1)
      std::erase_if(candidates, [&](const auto* other) { return !has_constants_of(node, *other); });
    if (candidates.size() != 1) return;
    const ir::Node& counterpart = **candidates.begin();
    for (std::size_t i = 0; i < node.outputs().size(); ++i) {
      const ir::Value *value = node.output(i), *found = counterpart.output(i);
      if (value && found && !matches_.contains(value) && !taken_.contains(found))
        add(*value, *found);
    }
  }

  const ir::Graph& judged_;
  const ir::Graph& other_;
  const Interface& interface_;
  Names names_;
  Matches matches_;
  std::set<const ir::Value*> taken_;
  std::unordered_map<std::string, const ir::Value*> sources_;
};

}  // namespace

std::string name_of(const ir::Node& node) {
  if (!node.name().empty() || node.outputs().empty() || !node.output(0)) return node.name();
  return node.output(0)->name();
}

Matches match_values(const ir::Graph& judged, const ir::Graph& other, const Interface& interface,
                     Names names) {
  return ValueMatcher(judged, other, interface, names).match();
}

void match_inputs(const std::vector<const ir::Node*>& nodes, Matches& matches) {
  for (const ir::Node* node : nodes | std::views::reverse) {
    const ir::Node* found = counterpart(*node, matches);
    if (!found) continue;
    for (std::size_t i = 0; i < node->inputs().size(); ++i) {
      const ir::Value *value = node->input(i), *read = found->input(i);
      if (value && read && !value->is_constant() && !read->is_constant())
        matches.try_emplace(value, read);
    }
  }
}

bool is_same_op(const ir::Node& a, const ir::Node& b) {
  return a.op_name() == b.op_name() && a.domain() == b.domain();
}

const ir::Node* counterpart(const ir::Node& node, const Matches& matches) {
  for (const ir::Value* value : node.outputs()) {
    const auto it = value ? matches.find(value) : matches.end();
    if (it == matches.end()) continue;
    const ir::Node* found = it->second->producer();
    if (found && is_same_op(node, *found)) return found;
  }
  return nullptr;
}

const ir::Node* node_in_place_of(const ir::Node& node, const ir::Graph& other,
                                 const Matches& matches) {
  const ir::Value* value = node.output(0);
  if (!value) return nullptr;
  if (const auto it = matches.find(value); it != matches.end()) return it->second->producer();
  const ir::Value* found = other.find(value->name());
  const std::string name = same_tensor_in_source(*value);
  if (!found && !name.empty()) found = other.find(name);
  return found ? found->producer() : nullptr;
}

bool match_node_by_node(const ir::Graph& judged, const Matches& matches) {
  return std::ranges::all_of(
      judged.nodes(), [&](const ir::Node& node) { return counterpart(node, matches) != nullptr; });
}

}  // namespace ponte::verify
