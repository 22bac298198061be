#include "ir/graph.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/error.h"
#include "ir/inference.h"

namespace ponte::ir {
namespace {

// The integers of a small constant, for shape arithmetic.
std::optional<KnownValue> known_value(const Tensor& tensor) {
  constexpr std::int64_t limit = 1024;
  // A u64 may be larger than what a dimension can be.
  const bool is_whole = (is_integer(tensor.dtype()) && tensor.dtype() != DType::Uint64) ||
                        tensor.dtype() == DType::Bool;
  if (tensor.count() > limit || !is_whole) return std::nullopt;
  KnownValue known{tensor.shape(), {}};
  for (const std::int64_t element : tensor.to_i64()) known.elements.emplace_back(element);
  return known;
}

}  // namespace

const Tensor* Value::fixed_tensor() const {
  if (fixed_) return tensor();
  if (!producer_ || !producer_->op() || producer_->op()->name != "Constant") return nullptr;
  const Attribute* value = producer_->attribute("value");
  return value ? std::get_if<Tensor>(value) : nullptr;
}

const Attribute* Node::attribute(std::string_view name) const {
  const auto it = attributes_.find(name);
  return it == attributes_.end() ? nullptr : &it->second;
}

Graph* Node::subgraph(std::string_view name) const {
  const auto it = std::ranges::find(subgraphs_, name, &Subgraph::name);
  return it == subgraphs_.end() ? nullptr : it->graph.get();
}

Graph::Graph(const OpSet& ops, Graph* outer)
    : ops_(ops), outer_(outer), shared_(outer ? outer->shared_ : std::make_shared<SharedState>()) {}

Graph::~Graph() {
  is_dying_ = true;
  let_go_of_outer_values();
  nodes_.clear();  // their subgraphs look at the values here
}

namespace {

void for_each_graph(Graph& graph, const std::function<void(Graph&)>& visit) {
  visit(graph);
  for (const Node& node : graph.nodes()) {
    for (const Subgraph& subgraph : node.subgraphs()) for_each_graph(*subgraph.graph, visit);
  }
}

}  // namespace

// Values of the graphs around it forget what this graph and its subgraphs do with them.
void Graph::let_go_of_outer_values() {
  bool any_stays = false;
  for (const Graph* graph = outer_; graph; graph = graph->outer_) {
    any_stays = any_stays || !graph->is_dying_;
  }
  if (!any_stays) return;
  std::set<const Graph*> inside;
  std::set<Value*> captured;
  for_each_graph(*this, [&](Graph& graph) { inside.insert(&graph); });
  const auto capture = [&](Value* value) {
    if (value && !inside.contains(value->graph_) && !value->graph_->is_dying_) {
      captured.insert(value);
    }
  };
  for_each_graph(*this, [&](Graph& graph) {
    for (const Node& node : graph.nodes_) std::ranges::for_each(node.inputs_, capture);
    std::ranges::for_each(graph.outputs_, capture);
  });
  for (Value* value : captured) {
    std::erase_if(value->uses_, [&](const Use& use) { return inside.contains(use.node->graph_); });
    std::erase_if(value->output_of_, [&](Graph* graph) { return inside.contains(graph); });
  }
}

Value& Graph::new_value(std::string value_name, Value::Kind kind) {
  if (value_name.empty()) throw Error(Code::InvalidGraph, "a value without a name");
  const auto [it, inserted] = values_.try_emplace(value_name);
  if (!inserted)
    throw Error(Code::DuplicateName, fmt::format("the name `{}` is used twice", value_name));
  it->second = std::make_unique<Value>();
  Value& value = *it->second;
  value.name_ = std::move(value_name);
  value.kind_ = kind;
  value.graph_ = this;
  ++shared_->values_made;
  return value;
}

void Graph::add_output(Value& value) {
  outputs_.push_back(&value);
  value.output_of_.push_back(this);
}

void Graph::set_output(std::size_t i, Value& value) {
  Value* old = outputs_.at(i);
  old->output_of_.erase(std::ranges::find(old->output_of_, this));
  outputs_[i] = &value;
  value.output_of_.push_back(this);
}

Value& Graph::add_input(std::string value_name, Type type, std::optional<Tensor> default_value,
                        Overriding overriding) {
  Value& value = new_value(std::move(value_name), Value::Kind::Input);
  value.type_ = std::move(type);
  value.declared_ = value.type_;
  value.tensor_ = std::move(default_value);
  value.fixed_ = value.tensor_ && overriding == Overriding::Never;
  if (value.fixed_) value.known_ = known_value(*value.tensor_);
  inputs_.push_back(&value);
  return value;
}

Value& Graph::add_constant(std::string value_name, Tensor tensor) {
  Value& value = new_value(std::move(value_name), Value::Kind::Constant);
  value.type_ = Type::tensor(tensor.dtype(), to_shape(tensor.shape()));
  value.known_ = known_value(tensor);
  value.tensor_ = std::move(tensor);
  value.fixed_ = true;
  constants_.push_back(&value);
  return value;
}

Node& Graph::add(NodeSpec spec, Node* before) {
  PONTE_CHECK(before == nullptr || before->graph_ == this);
  const auto position = nodes_.emplace(before ? before->position_ : nodes_.end());
  Node& node = *position;
  node.position_ = position;
  node.graph_ = this;
  node.name_ = std::move(spec.name);
  node.domain_ = std::move(spec.domain);
  node.op_name_ = std::move(spec.op);
  node.placeholder_ = spec.placeholder;
  node.op_ = spec.placeholder || spec.opaque ? nullptr : ops_.find(node.domain_, node.op_name_);
  node.inputs_ = std::move(spec.inputs);
  node.attributes_ = std::move(spec.attributes);
  node.subgraphs_ = std::move(spec.subgraphs);
  node.origins = std::move(spec.origins);
  node.record = std::move(spec.record);
  try {
    for (std::string& output : spec.outputs) {
      Value* value = output.empty() ? nullptr : &new_value(std::move(output), Value::Kind::Result);
      if (value) value->producer_ = &node;
      node.outputs_.push_back(value);
    }
    for (const Subgraph& subgraph : node.subgraphs_) subgraph.graph->owner_ = &node;
    link(node);
    infer_node(node);
    if (owner_) touch();
  } catch (...) {
    unlink(node);
    for (const Value* value : node.outputs_) {
      if (value) values_.erase(value->name_);
    }
    nodes_.erase(position);
    throw;
  }
  return node;
}

Value& Graph::add(std::string_view op, std::vector<Value*> inputs, Attributes attributes,
                  std::string_view name_hint, Node* before) {
  NodeSpec spec;
  spec.op = op;
  spec.inputs = std::move(inputs);
  spec.attributes = std::move(attributes);
  spec.outputs = {unique_name(name_hint.empty() ? op : name_hint)};
  return *add(std::move(spec), before).output(0);
}

void Graph::link(Node& node) {
  for (std::size_t i = 0; i < node.inputs_.size(); ++i) {
    if (node.inputs_[i]) node.inputs_[i]->uses_.push_back({&node, i});
  }
}

void Graph::unlink(Node& node) {
  for (Value* value : node.inputs_) {
    if (value) std::erase_if(value->uses_, [&](const Use& use) { return use.node == &node; });
  }
}

void Graph::touch(Node* node) {
  if (node) node->record = nullptr;
  for (Node* around = owner_; around; around = around->graph_->owner_) around->record = nullptr;
}

void Graph::declare(Value& value, const Type& type) {
  value.declared_ = refine(type, value.declared_);
  value.type_ = refine(value.type_, value.declared_);
}

void Graph::set_type(Value& value, Type type) {
  value.declared_ = Type();
  value.type_ = std::move(type);
  value.record = nullptr;
}

void Graph::forget_declarations() {
  for (const auto& entry : values_) {
    if (entry.second->kind_ != Value::Kind::Result) continue;
    entry.second->declared_ = Type();
    entry.second->record = nullptr;
  }
  for (const Node& node : nodes_) {
    for (const Subgraph& subgraph : node.subgraphs_) subgraph.graph->forget_declarations();
  }
}

void Graph::rename(Value& value, std::string wish) {
  if (wish == value.name_) return;
  rename_fresh(value, std::move(wish));
  value.record = nullptr;
  touch(value.producer_);
  for (const Use& use : value.uses_) use.node->graph().touch(use.node);
}

void Graph::rename_fresh(Value& value, std::string wish) {
  if (values_.contains(wish)) {
    throw Error(Code::DuplicateName, fmt::format("the name `{}` is used twice", wish));
  }
  auto handle = values_.extract(value.name_);
  PONTE_CHECK(!handle.empty() && handle.mapped().get() == &value);
  handle.key() = wish;
  values_.insert(std::move(handle));
  value.name_ = std::move(wish);
}

void Graph::set_tensor(Value& constant, Tensor tensor) {
  PONTE_CHECK(constant.is_constant());
  constant.type_ = Type::tensor(tensor.dtype(), to_shape(tensor.shape()));
  constant.known_ = known_value(tensor);
  constant.tensor_ = std::move(tensor);
  constant.record = nullptr;
  touch();
}

void Graph::set_input(Node& node, std::size_t index, Value* value) {
  PONTE_CHECK(node.graph_ == this);
  if (index >= node.inputs_.size()) node.inputs_.resize(index + 1, nullptr);
  if (Value* old = node.inputs_[index]) std::erase(old->uses_, Use{&node, index});
  node.inputs_[index] = value;
  if (value) value->uses_.push_back({&node, index});
  touch(&node);
}

void Graph::set_attribute(Node& node, const std::string& attribute_name, Attribute attribute) {
  node.attributes_.insert_or_assign(attribute_name, std::move(attribute));
  touch(&node);
}

void Graph::replace_uses(Value& from, Value& to) {
  std::vector<Use> kept;
  for (const Use& use : from.uses_) {
    if (use.node == to.producer_) {
      kept.push_back(use);
      continue;
    }
    use.node->inputs_[use.index] = &to;
    to.uses_.push_back(use);
    use.node->graph().touch(use.node);
  }
  from.uses_ = std::move(kept);
  const std::vector<Graph*> graphs = from.output_of_;
  for (Graph* graph : graphs) {
    const auto output = std::ranges::find(graph->outputs_, &from);
    graph->set_output(static_cast<std::size_t>(output - graph->outputs_.begin()), to);
    graph->touch();
  }
  for (State& state : states_) {
    if (state.output == &from) state.output = &to;
  }
}

void Graph::erase(Node& node) {
  PONTE_CHECK(node.graph_ == this);
  for (const Value* value : node.outputs_) {
    PONTE_CHECK(value == nullptr || (value->uses_.empty() && value->output_of_.empty()));
  }
  touch();
  unlink(node);
  for (const Value* value : node.outputs_) {
    if (value) values_.erase(std::string(value->name_));
  }
  nodes_.erase(node.position_);
}

void Graph::erase_constant(Value& constant) {
  PONTE_CHECK(constant.is_constant() && constant.uses_.empty() && constant.output_of_.empty());
  std::erase(constants_, &constant);
  values_.erase(std::string(constant.name_));
}

void Graph::erase_unused_constants() {
  std::erase_if(constants_, [&](Value* value) {
    const bool unused = value->uses_.empty() && value->output_of_.empty();
    if (unused) values_.erase(std::string(value->name_));
    return unused;
  });
}

void Graph::infer_all() {
  for (Node& node : nodes_) {
    try {
      infer_node(node);
    } catch (Error& error) {
      const Value* output = node.name().empty() ? node.output(0) : nullptr;
      error.fill_where({.file = {},
                        .node = output ? output->name() : node.name(),
                        .op = std::string(node.op_name()),
                        .byte = {}});
      throw;
    }
  }
}

Value* Graph::find(std::string_view value_name) const {
  const auto it = values_.find(std::string(value_name));
  return it == values_.end() ? nullptr : it->second.get();
}

Value* Graph::find_visible(std::string_view value_name) const {
  for (const Graph* graph = this; graph; graph = graph->outer_) {
    if (Value* value = graph->find(value_name)) return value;
  }
  return nullptr;
}

std::string Graph::unique_name(std::string_view wish) const {
  std::string candidate(wish);
  for (int i = 1; find_visible(candidate); ++i) candidate = fmt::format("{}_{}", wish, i);
  return candidate;
}

void for_each_node(const Graph& graph, const std::function<void(const Node&)>& visit) {
  for (const Node& node : graph.nodes()) {
    visit(node);
    for (const Subgraph& subgraph : node.subgraphs()) for_each_node(*subgraph.graph, visit);
  }
}

}  // namespace ponte::ir
