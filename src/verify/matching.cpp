#include "verify/matching.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "base/counted.h"

namespace ponte::verify {
namespace {

// The source's name for a value that is its tensor as it stands.
std::string source_name(const ir::Value& value) {
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

class Matcher {
 public:
  Matcher(const ir::Graph& judged, const ir::Graph& other, Names names)
      : judged_(judged), other_(other), names_(names) {}

  Matches match() {
    for (const ir::Value* value : flowing(judged_)) by_name(*value);
    for (const ir::Node& node : judged_.nodes()) by_structure(node);
    return std::move(matches_);
  }

 private:
  void add(const ir::Value& value, const ir::Value& counterpart) {
    matches_[&value] = &counterpart;
    taken_.insert(&counterpart);
  }

  void by_name(const ir::Value& value) {
    const ir::Value* found = other_.find(value.name());
    if (!found && !source_name(value).empty()) found = of_source(source_name(value));
    if (!found) found = of_source(value.name());
    if (found && !found->is_constant() && !taken_.contains(found) &&
        (names_ == Names::AreTheSame || have_like_producers(value, *found)))
      add(value, *found);
  }

  static bool have_like_producers(const ir::Value& value, const ir::Value& found) {
    const ir::Node *a = value.producer(), *b = found.producer();
    if (!a || !b) return !a && !b;
    return a->op_name() == b->op_name() && a->domain() == b->domain() &&
           a->inputs().size() == b->inputs().size();
  }

  const ir::Value* of_source(const std::string& name) {
    if (sources_.empty()) {
      for (const ir::Value* value : flowing(other_)) {
        sources_.try_emplace(value->name(), value);
        if (!source_name(*value).empty()) sources_.try_emplace(source_name(*value), value);
      }
    }
    const auto it = sources_.find(name);
    return it == sources_.end() ? nullptr : it->second;
  }

  bool does_the_same(const ir::Node& node, const ir::Node& candidate) const {
    if (candidate.op_name() != node.op_name() || candidate.domain() != node.domain() ||
        candidate.inputs().size() != node.inputs().size() ||
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

  void by_structure(const ir::Node& node) {
    const bool unmatched = std::ranges::any_of(
        node.outputs(), [&](const ir::Value* value) { return value && !matches_.contains(value); });
    if (!unmatched) return;
    std::set<const ir::Node*> candidates;
    for (const ir::Value* input : node.inputs()) {
      const auto it = input ? matches_.find(input) : matches_.end();
      if (it == matches_.end()) continue;
      for (const ir::Use& use : it->second->uses()) {
        if (does_the_same(node, *use.node)) candidates.insert(use.node);
      }
    }
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
  Names names_;
  Matches matches_;
  std::set<const ir::Value*> taken_;
  std::unordered_map<std::string, const ir::Value*> sources_;
};

const ir::Node* counterpart(const ir::Node& node, const Matches& matches) {
  for (const ir::Value* value : node.outputs()) {
    const auto it = value ? matches.find(value) : matches.end();
    if (it == matches.end()) continue;
    const ir::Node* found = it->second->producer();
    if (found && found->op_name() == node.op_name() && found->domain() == node.domain())
      return found;
  }
  return nullptr;
}

// The node of `other` that gives a value of the same name, or of the same source tensor.
const ir::Node* namesake(const ir::Node& node, const ir::Graph& other) {
  const ir::Value* value = node.outputs().empty() ? nullptr : node.output(0);
  const ir::Value* found = value ? other.find(value->name()) : nullptr;
  if (value && !found && !source_name(*value).empty()) found = other.find(source_name(*value));
  return found ? found->producer() : nullptr;
}

bool is_same_op(const ir::Node& a, const ir::Node& b) {
  return a.op_name() == b.op_name() && a.domain() == b.domain();
}

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

}  // namespace

std::string name_of(const ir::Node& node) {
  if (!node.name().empty() || node.outputs().empty() || !node.output(0)) return node.name();
  return node.output(0)->name();
}

Matches match_values(const ir::Graph& judged, const ir::Graph& other, Names names) {
  return Matcher(judged, other, names).match();
}

bool match_node_by_node(const ir::Graph& judged, const Matches& matches) {
  return std::ranges::all_of(
      judged.nodes(), [&](const ir::Node& node) { return counterpart(node, matches) != nullptr; });
}

std::vector<DifferentConstant> different_constants(const ir::Graph& judged, const ir::Graph& other,
                                                   const Matches& matches) {
  std::vector<DifferentConstant> result;
  for (const ir::Node& node : judged.nodes()) {
    const ir::Node* matched = counterpart(node, matches);
    const ir::Node* partner = matched ? matched : namesake(node, other);
    if (!partner || !is_same_op(node, *partner)) continue;
    for (std::size_t i = 0; i < node.inputs().size(); ++i) {
      const ir::Value* value = node.input(i);
      if (!value || !value->is_constant()) continue;
      const ir::Value* given = i < partner->inputs().size() ? partner->input(i) : nullptr;
      // A node that a name alone pairs may be another one with other constants, but not without.
      if (given && !matched) continue;
      if (const auto what = difference(*value, given))
        result.push_back({&node, value->name(), *what});
    }
  }
  return result;
}

std::string difference_of_node(const ir::Node& node, const ir::Graph& other) {
  const ir::Node* found = namesake(node, other);
  if (!found) return {};
  if (!is_same_op(node, *found)) return fmt::format("is of the op {}", found->op_name());
  const std::size_t expected = node.inputs().size(), given = found->inputs().size();
  if (expected != given)
    return fmt::format("has {} instead of {}", counted(given, "input", "inputs"), expected);
  return {};
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
