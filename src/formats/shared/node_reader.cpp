#include "formats/shared/node_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/check.h"
#include "base/counted.h"
#include "base/error.h"

namespace ponte::shared {

ir::Value* Bindings::find(const std::string& name) const {
  for (const Bindings* scope = this; scope; scope = scope->outer_) {
    if (const auto it = scope->values_.find(name); it != scope->values_.end()) return it->second;
  }
  return nullptr;
}

std::string unique_name(const ir::Graph& graph, const ReadContext& context, std::string_view wish) {
  const auto is_taken = [&](const std::string& name) {
    return graph.find_visible(name) || context.reserved.contains(name);
  };
  std::string name(wish);
  if (!is_taken(name)) return name;
  // Thousands of nodes may have the same wish: each goes on where the last one found a name.
  int& suffix = context.suffixes[name];
  do {
    name = fmt::format("{}_{}", wish, ++suffix);
  } while (is_taken(name));
  return name;
}

NodeReader::NodeReader(const ForeignNode& node, ir::Graph& graph, Bindings& bindings,
                       const ReadContext& context)
    : node_(node), graph_(graph), bindings_(bindings), context_(context) {}

NodeReader::~NodeReader() {
  if (committed_) return;
  for (auto it = added_.rbegin(); it != added_.rend(); ++it) graph_.erase(**it);
  for (ir::Value* value : constants_) graph_.erase_constant(*value);
}

ir::Value& NodeReader::input(std::size_t i) {
  if (!has_input(i)) throw Error(Code::InvalidForeignNode, fmt::format("input {} is missing", i));
  ir::Value* value = bindings_.find(node_.inputs[i]);
  if (!value) {
    throw Error(Code::UndefinedValue, fmt::format("nothing produces `{}`", node_.inputs[i]));
  }
  return *value;
}

bool NodeReader::is_taken(std::size_t output) const {
  if (output >= node_.outputs.size() || node_.outputs[output].empty()) return false;
  const std::string& name = node_.outputs[output];
  return context_.taken.contains(name) || !context_.reserved.contains(name);
}

std::vector<ir::Value*> NodeReader::inputs() {
  std::vector<ir::Value*> result;
  for (std::size_t i = 0; i < input_count(); ++i)
    result.push_back(has_input(i) ? &input(i) : nullptr);
  return result;
}

const ir::Shape& NodeReader::shape(std::size_t i) {
  const ir::TensorType* tensor = input(i).type().as_tensor();
  if (!tensor || !tensor->shape) {
    throw Error(Code::InvalidForeignNode,
                fmt::format("the shape of input `{}` must be known here", node_.inputs[i]));
  }
  return *tensor->shape;
}

const ir::Tensor& NodeReader::weight(std::size_t i) const {
  if (i >= node_.weights.size()) {
    throw Error(Code::MissingWeights,
                fmt::format("weight {} is missing, the layer has {}", i, node_.weights.size()));
  }
  return node_.weights[i];
}

bool NodeReader::has(std::string_view name) const { return node_.attributes.contains(name); }

const ir::Attribute* NodeReader::look(std::string_view name) {
  const auto it = node_.attributes.find(name);
  if (it == node_.attributes.end()) return nullptr;
  read_.emplace(name);
  return &it->second;
}

namespace {

[[noreturn]] void missing(std::string_view name) {
  throw Error(Code::MissingAttribute, fmt::format("`{}` is missing", name));
}

[[noreturn]] void wrong_kind(std::string_view name, std::string_view wanted) {
  throw Error(Code::InvalidAttribute, fmt::format("`{}` is no {}", name, wanted));
}

template <typename T>
T only_one(const std::vector<T>& values, std::string_view name) {
  if (values.size() != 1) {
    throw Error(Code::InvalidAttribute, fmt::format("`{}` has {}, not one", name,
                                                    counted(values.size(), "value", "values")));
  }
  return values.front();
}

}  // namespace

std::vector<std::int64_t> NodeReader::ints(std::string_view name) {
  const ir::Attribute* attribute = look(name);
  if (!attribute) return {};
  if (const auto* value = std::get_if<std::int64_t>(attribute)) return {*value};
  if (const auto* values = std::get_if<std::vector<std::int64_t>>(attribute)) return *values;
  std::vector<std::int64_t> result;
  for (const double value : floats(name)) {
    if (value != std::floor(value) || std::abs(value) > 0x1p53) wrong_kind(name, "integer");
    result.push_back(static_cast<std::int64_t>(value));
  }
  return result;
}

std::vector<double> NodeReader::floats(std::string_view name) {
  const ir::Attribute* attribute = look(name);
  if (!attribute) return {};
  std::vector<double> result;
  if (const auto* value = std::get_if<float>(attribute)) {
    result = {static_cast<double>(*value)};
  } else if (const auto* values = std::get_if<std::vector<float>>(attribute)) {
    result.assign(values->begin(), values->end());
  } else if (const auto* integer = std::get_if<std::int64_t>(attribute)) {
    result = {static_cast<double>(*integer)};
  } else if (const auto* integers = std::get_if<std::vector<std::int64_t>>(attribute)) {
    for (const std::int64_t element : *integers) result.push_back(static_cast<double>(element));
  } else {
    wrong_kind(name, "number");
  }
  return result;
}

std::int64_t NodeReader::i(std::string_view name) {
  if (!has(name)) missing(name);
  return only_one(ints(name), name);
}

std::int64_t NodeReader::i(std::string_view name, std::int64_t fallback) {
  return has(name) ? i(name) : fallback;
}

double NodeReader::f(std::string_view name) {
  if (!has(name)) missing(name);
  return only_one(floats(name), name);
}

double NodeReader::f(std::string_view name, double fallback) {
  return has(name) ? f(name) : fallback;
}

bool NodeReader::b(std::string_view name, bool fallback) {
  const ir::Attribute* attribute = look(name);
  if (!attribute) return fallback;
  if (const auto* word = std::get_if<std::string>(attribute)) {
    if (*word == "true") return true;
    if (*word == "false") return false;
    wrong_kind(name, "bool");
  }
  return i(name) != 0;
}

std::string NodeReader::s(std::string_view name) {
  const ir::Attribute* attribute = look(name);
  if (!attribute) missing(name);
  if (const auto* value = std::get_if<std::string>(attribute)) return *value;
  if (const auto* values = std::get_if<std::vector<std::string>>(attribute))
    return only_one(*values, name);
  wrong_kind(name, "text");
}

std::string NodeReader::s(std::string_view name, std::string_view fallback) {
  return has(name) ? s(name) : std::string(fallback);
}

void NodeReader::ignore(std::string_view path) {
  for (const auto& [name, attribute] : node_.attributes) {
    if (!name.starts_with(path)) continue;
    const std::string_view rest = std::string_view(name).substr(path.size());
    if (rest.empty() || rest.front() == '.' || rest.front() == '[') read_.insert(name);
  }
}

ir::Attributes NodeReader::take_attributes() {
  for (const auto& [name, attribute] : node_.attributes) read_.insert(name);
  return node_.attributes;
}

ir::Value& NodeReader::add(std::string_view op, std::vector<ir::Value*> inputs,
                           ir::Attributes attributes) {
  return *add_with_results(op, std::move(inputs), std::move(attributes), {std::string(op)})
              .output(0);
}

ir::Node& NodeReader::add_with_results(std::string_view op, std::vector<ir::Value*> inputs,
                                       ir::Attributes attributes,
                                       const std::vector<std::string>& results) {
  ir::NodeSpec spec;
  spec.op = op;
  spec.name = node_.name;
  spec.inputs = std::move(inputs);
  spec.attributes = std::move(attributes);
  for (const std::string& result : results) spec.outputs.push_back(name_of_value(result));
  return add(std::move(spec));
}

// The foreign node's name for the first node of its group; the others add their op to it.
std::string NodeReader::name_in_group(const ir::NodeSpec& spec) {
  if (spec.name.empty() || names_.insert(spec.name)) return spec.name;
  return names_.unique(fmt::format("{}/{}", spec.name, spec.op));
}

ir::Node& NodeReader::add(ir::NodeSpec spec) {
  spec.name = name_in_group(spec);
  spec.origins.insert({node_.name, node_.op});
  if (!spec.record) spec.record = node_.record;
  ir::Node& node = graph_.add(std::move(spec));
  added_.push_back(&node);
  return node;
}

ir::Value& NodeReader::constant(std::string_view name_hint, ir::Tensor tensor) {
  ir::Value& value = graph_.add_constant(name_of_value(name_hint), std::move(tensor));
  constants_.push_back(&value);
  return value;
}

std::string NodeReader::unique_name(std::string_view wish) const {
  return shared::unique_name(graph_, context_, wish);
}

std::string NodeReader::name_of_value(std::string_view hint) const {
  return unique_name(fmt::format("{}/{}", node_.name, hint));
}

std::vector<ir::Subgraph> NodeReader::subgraphs() {
  std::vector<ir::Subgraph> result;
  for (const ForeignSubgraph& subgraph : node_.subgraphs) {
    PONTE_CHECK(context_.read_subgraph);
    result.push_back({subgraph.name, context_.read_subgraph(*subgraph.graph, graph_, bindings_),
                      subgraph.in_list});
  }
  return result;
}

void NodeReader::warn(Code code, std::string message) {
  context_.problems.warn(code, std::move(message),
                         {context_.file, node_.name, node_.op, node_.byte});
}

void NodeReader::set_output(std::size_t i, ir::Value& value) {
  if (i >= node_.outputs.size()) {
    throw Error(Code::InvalidForeignNode, fmt::format("the node has no output {}", i));
  }
  const auto [it, is_new] = places_.try_emplace(node_.outputs[i], outputs_.size());
  if (is_new) outputs_.emplace_back(node_.outputs[i], nullptr);
  outputs_[it->second].second = &value;
}

void NodeReader::require_all_attributes_read() const {
  std::string unread;
  for (const auto& [name, attribute] : node_.attributes) {
    if (!read_.contains(name)) unread += fmt::format("{}`{}`", unread.empty() ? "" : ", ", name);
  }
  if (!unread.empty())
    throw Error(Code::UnreadAttribute, fmt::format("not interpreted: {}", unread));
}

void NodeReader::commit() {
  const std::unordered_set<const ir::Node*> group_nodes(added_.begin(), added_.end());
  for (const auto& [name, value] : outputs_) {
    const bool own = value->producer() && group_nodes.contains(value->producer());
    if (own && value->name() != name && !graph_.find_visible(name))
      graph_.rename_fresh(*value, name);
    bindings_[name] = value;
  }
  if (node_.record && added_.size() > 1) {
    auto group = std::make_shared<ir::Record>(*node_.record);
    group->group_size = added_.size();
    for (ir::Node* node : added_) node->record = group;
  }
  committed_ = true;
}

}  // namespace ponte::shared
