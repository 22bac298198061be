#include "formats/onnx/functions.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <unordered_map>
#include <utility>

#include "base/error.h"
#include "formats/onnx/opsets.h"

namespace ponte::onnx {
namespace {

using shared::ForeignNode;

std::size_t count_nodes(const std::vector<ForeignNode>& nodes) {
  std::size_t count = nodes.size();
  for (const ForeignNode& node : nodes) {
    for (const shared::ForeignSubgraph& subgraph : node.subgraphs)
      count += count_nodes(subgraph.graph->nodes);
  }
  return count;
}

// One call: the names of the body's values and attributes become those of the call.
class Unfolding {
 public:
  Unfolding(const Function& function, const ForeignNode& call,
            const std::function<std::string(const std::string&)>& unique_name)
      : function_(function),
        call_(call),
        unique_name_(unique_name),
        prefix_(call.name.empty() ? function.name : call.name) {}

  std::vector<ForeignNode> run() {
    for (std::size_t i = 0; i < function_.inputs.size(); ++i)
      names_[function_.inputs[i]] = i < call_.inputs.size() ? call_.inputs[i] : std::string();
    std::vector<ForeignNode> copies;
    for (std::size_t i = 0; i < std::min(function_.outputs.size(), call_.outputs.size()); ++i) {
      if (call_.outputs[i].empty()) continue;
      const std::string& inner = function_.outputs[i];
      if (!names_.try_emplace(inner, call_.outputs[i]).second)
        copies.push_back(identity(names_.at(inner), call_.outputs[i]));
    }
    std::vector<ForeignNode> nodes;
    for (const ForeignNode& node : function_.body) nodes.push_back(copy(node));
    std::ranges::move(copies, std::back_inserter(nodes));
    return nodes;
  }

 private:
  const std::string& name_of(const std::string& inner) {
    const auto [it, is_new] = names_.try_emplace(inner);
    if (is_new && !inner.empty()) it->second = unique_name_(prefix_ + "/" + inner);
    return it->second;
  }

  void rename(std::vector<std::string>& names) {
    for (std::string& name : names) name = name_of(name);
  }

  ForeignNode identity(const std::string& from, const std::string& to) const {
    ForeignNode node;
    node.dialect = "onnx";
    node.op = "Identity";
    node.name = prefix_ + "/" + to;
    node.inputs = {from};
    node.outputs = {to};
    node.byte = call_.byte;
    node.version = newest_opset;
    return node;
  }

  ForeignNode copy(const ForeignNode& source) {
    ForeignNode node = source;
    node.name = prefix_ + "/" + (source.name.empty() ? source.op : source.name);
    node.record = nullptr;
    node.byte = call_.byte;
    rename(node.inputs);
    rename(node.outputs);
    node.subgraphs.clear();
    for (const shared::ForeignSubgraph& subgraph : source.subgraphs) {
      node.subgraphs.push_back({subgraph.name,
                                copy(static_cast<const DecodedGraph&>(*subgraph.graph)),
                                subgraph.in_list});
    }
    resolve_references(source, node);
    return node;
  }

  std::shared_ptr<DecodedGraph> copy(const DecodedGraph& source) {
    auto graph = std::make_shared<DecodedGraph>(source);
    graph->message = {};
    for (ForeignNode& node : graph->nodes) node = copy(node);
    rename(graph->results);
    for (auto* values : {&graph->inputs, &graph->outputs, &graph->values}) {
      for (ValueInfo& value : *values) value = {name_of(value.name), value.type, {}};
    }
    for (NamedTensor& tensor : graph->initializers)
      tensor = {name_of(tensor.name), tensor.tensor, {}};
    for (NamedSparseTensor& tensor : graph->sparse_initializers)
      tensor = {name_of(tensor.name), tensor.tensor, {}};
    return graph;
  }

  // Takes the value from the call, or else the default; without both the attribute is absent.
  void resolve_references(const ForeignNode& source, ForeignNode& node) const {
    for (const auto& [name, attribute] : source.attributes) {
      const auto* reference = std::get_if<ir::AttributeReference>(&attribute);
      if (!reference) continue;
      node.attributes.erase(name);
      for (const ForeignNode* given : {&call_, &function_.defaults}) {
        if (take_attribute(*given, reference->name, name, node)) break;
      }
    }
  }

  static bool take_attribute(const ForeignNode& given, const std::string& given_name,
                             const std::string& name, ForeignNode& node) {
    if (const auto it = given.attributes.find(given_name); it != given.attributes.end()) {
      node.attributes.emplace(name, it->second);
      return true;
    }
    bool found = false;
    for (const shared::ForeignSubgraph& subgraph : given.subgraphs) {
      if (subgraph.name != given_name) continue;
      node.subgraphs.push_back({name, subgraph.graph, subgraph.in_list});
      found = true;
    }
    return found;
  }

  const Function& function_;
  const ForeignNode& call_;
  const std::function<std::string(const std::string&)>& unique_name_;
  std::string prefix_;
  std::unordered_map<std::string, std::string> names_;
};

void sort_body(Function& function) {
  const auto is_input = [&](std::string_view name) {
    return std::ranges::find(function.inputs, name) != function.inputs.end();
  };
  shared::ForeignGraph unsorted{function.name, std::move(function.body)};
  function.body.clear();
  for (const std::size_t i : shared::topological_order(unsorted, is_input))
    function.body.push_back(std::move(unsorted.nodes[i]));
}

void require_outputs(const Function& function) {
  std::set<std::string_view> made(function.inputs.begin(), function.inputs.end());
  for (const ForeignNode& node : function.body)
    made.insert(node.outputs.begin(), node.outputs.end());
  for (const std::string& output : function.outputs) {
    if (!output.empty() && made.contains(output)) continue;
    throw Error(
        Code::UndefinedValue,
        fmt::format("nothing produces the output `{}` of function `{}`", output, function.name));
  }
}

}  // namespace

Function decode_function(WireReader reader, ExternalFiles& files) {
  Function function;
  Opsets opsets;
  std::vector<ByteRange> nodes;
  std::vector<ByteRange> defaults;
  while (reader.next()) {
    switch (reader.field()) {
      case 1:
        function.name = reader.text();
        break;
      case 4:
        function.inputs.push_back(reader.text());
        break;
      case 5:
        function.outputs.push_back(reader.text());
        break;
      case 7:
        nodes.push_back(reader.bytes());
        break;
      case 9:
        decode_opset(WireReader(reader, reader.bytes()), opsets);
        break;
      case 10:
        function.domain = reader.text();
        break;
      case 11:
        defaults.push_back(reader.bytes());
        break;
      case 13:
        function.overload = reader.text();
        break;
      default:
        break;
    }
  }
  if (function.domain == "ai.onnx") function.domain.clear();
  for (const ByteRange& node : nodes)
    function.body.push_back(decode_node(WireReader(reader, node), files, opsets));
  for (const ByteRange& message : defaults)
    decode_attribute(WireReader(reader, message), files, opsets, function.defaults);
  function.size = count_nodes(function.body);
  sort_body(function);
  require_outputs(function);
  return function;
}

void Functions::add(Function function) {
  std::tuple key(function.domain, function.name, function.overload);
  const auto [place, is_new] = functions_.try_emplace(std::move(key));
  if (!is_new)
    throw Error(Code::DuplicateName, fmt::format("two functions are called `{}`", function.name));
  place->second = std::move(function);
}

const Function* Functions::find(const ForeignNode& call) const {
  if (functions_.empty()) return nullptr;
  const auto it = functions_.find(std::tie(call.domain, call.op, call.overload));
  return it == functions_.end() ? nullptr : &it->second;
}

std::vector<ForeignNode> unfold(const Function& function, const ForeignNode& call,
                                const std::function<std::string(const std::string&)>& unique_name) {
  return Unfolding(function, call, unique_name).run();
}

}  // namespace ponte::onnx
