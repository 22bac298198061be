#include "ir/patch.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "base/error.h"

namespace ponte::ir {

// What to put back when a commit fails.
class Patch::Journal {
 public:
  // Remembers what stands here now.
  template <typename T>
  void keep(T& place) {
    undo_.push_back([&place, old = place] { place = old; });
  }
  void on_undo(std::function<void()> action) { undo_.push_back(std::move(action)); }
  void undo() {
    for (auto it = undo_.rbegin(); it != undo_.rend(); ++it) (*it)();
  }

 private:
  std::vector<std::function<void()>> undo_;
};

Patch::Patch(Graph& graph, Node& at) : graph_(graph), at_(at) {
  for (Node* around = graph.owner_; around; around = around->graph_->owner_)
    records_around_.emplace_back(around, around->record);
}

Patch::~Patch() {
  if (is_open_) take_back();
}

void Patch::take_back() {
  for (auto it = added_.rbegin(); it != added_.rend(); ++it) graph_.erase(**it);
  for (Value* value : constants_) graph_.erase_constant(*value);
  for (const auto& [node, record] : records_around_) node->record = record;
  is_open_ = false;
}

Node& Patch::add(NodeSpec spec) {
  Node& node = graph_.add(std::move(spec), &at_);
  added_.push_back(&node);
  return node;
}

Value& Patch::add(std::string_view op, std::vector<Value*> inputs, Attributes attributes,
                  std::string_view name_hint) {
  NodeSpec spec;
  spec.op = op;
  spec.inputs = std::move(inputs);
  spec.attributes = std::move(attributes);
  spec.outputs = {graph_.unique_name(name_hint.empty() ? op : name_hint)};
  return *add(std::move(spec)).output(0);
}

Value& Patch::constant(std::string_view name_hint, Tensor tensor) {
  Value& value = graph_.add_constant(graph_.unique_name(name_hint), std::move(tensor));
  constants_.push_back(&value);
  return value;
}

void Patch::replace(Value& from, Value& to) { replacements_.emplace_back(&from, &to); }

void Patch::check_order() const {
  std::unordered_set<const Node*> behind;  // `at` and what follows
  for (auto it = at_.position_; it != graph_.nodes_.end(); ++it) behind.insert(&*it);
  for (const auto& [from, to] : replacements_) {
    if (!from->producer_ || !behind.contains(from->producer_))
      throw Error(Code::InvalidGraph,
                  fmt::format("`{}` is defined before the patch", from->name()));
    if (to->producer_ && behind.contains(to->producer_))
      throw Error(Code::InvalidGraph, fmt::format("`{}` is defined behind the patch", to->name()));
  }
}

// The value to put in the place of an output of the graph: one that can have its name.
Value& Patch::with_name_of_output(Value& from, Value& to) {
  if (std::ranges::find(from.output_of_, &graph_) == from.output_of_.end()) return to;
  return is_own(to) && to.output_of_.empty() ? to : add("Identity", {&to}, {}, from.name());
}

bool Patch::is_own(const Value& value) const {
  return std::ranges::find(added_, value.producer_) != added_.end();
}

void Patch::hand_over(Value& from, Value& to, Journal& journal) {
  Type type = refine(to.type_, from.type_);
  if (is_own(to)) {
    to.declared_ = from.declared_;
    to.type_ = std::move(type);
    if (!to.origin) to.origin = from.origin;
    to.annotations.insert(from.annotations.begin(), from.annotations.end());
  }
  const bool takes_name =
      is_own(to) && std::ranges::find(from.output_of_, &graph_) != from.output_of_.end();
  take_over_uses(from, to, journal);
  if (takes_name) take_over_name(from, to, journal);
}

// Replaces `from` everywhere, so that it can be undone.
void Patch::take_over_uses(Value& from, Value& to, Journal& journal) {
  for (Value* value : {&from, &to}) {
    journal.keep(value->uses_);
    journal.keep(value->output_of_);
  }
  journal.keep(graph_.states_);
  const auto keep_records = [&journal](const Graph& graph) {
    for (Node* around = graph.owner_; around; around = around->graph_->owner_)
      journal.keep(around->record);
  };
  for (const Use& use : from.uses_) {
    journal.keep(use.node->inputs_);
    journal.keep(use.node->record);
    keep_records(*use.node->graph_);
  }
  for (Graph* graph : from.output_of_) {
    journal.keep(graph->outputs_);
    keep_records(*graph);
  }
  graph_.replace_uses(from, to);
}

void Patch::take_over_name(Value& from, Value& to, Journal& journal) {
  const std::string name = from.name();
  journal.on_undo([this, &from, &to, name] {
    graph_.rename_fresh(to, graph_.unique_name(name));
    graph_.rename_fresh(from, name);
  });
  journal.keep(from.producer_->record);
  graph_.touch(from.producer_);
  graph_.rename_fresh(from, graph_.unique_name(name));
  graph_.rename_fresh(to, name);
}

namespace {

bool takes_any(const Node& node, const std::unordered_set<const Value*>& values) {
  const auto is_in = [&](const Value* value) { return value && values.contains(value); };
  if (std::ranges::any_of(node.inputs(), is_in)) return true;
  return std::ranges::any_of(node.subgraphs(), [&](const Subgraph& subgraph) {
    return std::ranges::any_of(subgraph.graph->outputs(), is_in) ||
           std::ranges::any_of(subgraph.graph->nodes(),
                               [&](const Node& inner) { return takes_any(inner, values); });
  });
}

void for_each_value_inside(const Node& node, const std::function<void(Value&)>& visit) {
  for (Value* output : node.outputs()) {
    if (output) visit(*output);
  }
  for (const Subgraph& subgraph : node.subgraphs()) {
    for (Value* input : subgraph.graph->inputs()) visit(*input);
    for (const Node& inner : subgraph.graph->nodes()) for_each_value_inside(inner, visit);
  }
}

}  // namespace

void Patch::infer_downstream(Journal& journal) {
  std::unordered_set<const Value*> changed;
  for (const auto& [from, to] : replacements_) {
    if (to->type_ != from->type_ || to->known_ != from->known_) changed.insert(to);
  }
  Graph* graph = &graph_;
  auto position = at_.position_;
  while (!changed.empty()) {
    for (; position != graph->nodes_.end(); ++position) {
      Node& node = *position;
      if (!takes_any(node, changed)) continue;
      std::vector<std::pair<const Value*, std::pair<Type, std::optional<KnownValue>>>> before;
      for_each_value_inside(node, [&](Value& value) {
        journal.keep(value.type_);
        journal.keep(value.known_);
        before.push_back({&value, {value.type_, value.known_}});
      });
      infer_node(node);
      for (const auto& [value, old] : before) {
        if (value->type_ != old.first || value->known_ != old.second) changed.insert(value);
      }
    }
    const bool is_changed_outside = std::ranges::any_of(
        graph->outputs_, [&](const Value* output) { return changed.contains(output); });
    Node* owner = graph->owner_;
    if (!owner || !is_changed_outside) return;
    graph = owner->graph_;
    position = owner->position_;
    // The node around it takes the outputs of its body as its own.
    for (const Value* output : owner->outputs_) changed.insert(output);
    for_each_value_inside(*owner, [&](Value& value) {
      journal.keep(value.type_);
      journal.keep(value.known_);
    });
    infer_node(*owner);
    ++position;
  }
}

namespace {

bool is_used(const Value& value) {
  const auto& states = value.graph().states();
  return !value.uses().empty() || !value.output_of().empty() ||
         std::ranges::find(states, &value, &State::output) != states.end();
}

bool is_used(const Node& node) {
  return std::ranges::any_of(node.outputs(),
                             [](const Value* output) { return output && is_used(*output); });
}

// What a node takes, also inside its subgraphs.
void collect_taken(const Node& node, std::set<Value*>& taken) {
  taken.insert(node.inputs().begin(), node.inputs().end());
  for (const Subgraph& subgraph : node.subgraphs()) {
    taken.insert(subgraph.graph->outputs().begin(), subgraph.graph->outputs().end());
    for (const Node& inner : subgraph.graph->nodes()) collect_taken(inner, taken);
  }
}

bool is_inside(const Graph* graph, const Node& node) {
  for (; graph; graph = graph->outer()) {
    if (graph->owner() == &node) return true;
  }
  return false;
}

}  // namespace

std::set<NodeOrigin> Patch::erase_unused() {
  std::set<NodeOrigin> origins;
  std::set<Node*> candidates;
  for (const auto& [from, to] : replacements_) {
    candidates.insert(from->producer_);
    origins.insert(from->producer_->origins.begin(), from->producer_->origins.end());
  }
  while (!candidates.empty()) {
    Node& node = **candidates.begin();
    candidates.erase(candidates.begin());
    if (is_used(node)) continue;
    origins.insert(node.origins.begin(), node.origins.end());
    std::set<Value*> taken;
    collect_taken(node, taken);
    std::erase_if(taken, [&](Value* value) { return !value || is_inside(value->graph_, node); });
    node.graph_->erase(node);
    for (Value* value : taken) {
      if (value->producer_) candidates.insert(value->producer_);
      if (value->is_constant() && !is_used(*value)) value->graph_->erase_constant(*value);
    }
  }
  return origins;
}

void Patch::commit() {
  Journal journal;
  try {
    check_order();
    for (auto& [from, to] : replacements_) {
      to = &with_name_of_output(*from, *to);
      hand_over(*from, *to, journal);
    }
    infer_downstream(journal);
  } catch (...) {
    journal.undo();
    take_back();
    throw;
  }
  is_open_ = false;
  const std::set<NodeOrigin> origins = erase_unused();
  for (Node* node : added_) node->origins.insert(origins.begin(), origins.end());
}

}  // namespace ponte::ir
