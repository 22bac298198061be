#include "jobs/inspect.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <system_error>

#include "base/checked.h"
#include "base/json.h"
#include "ir/text.h"
#include "jobs/problems.h"
#include "jobs/unevaluable_ops.h"

namespace ponte::jobs {
namespace {

// Symbols that no file names: `?0`.
bool is_anonymous(std::string_view symbol) { return symbol.starts_with('?'); }

Json dim_json(const ir::Dim& dim) {
  if (const auto known = dim.known()) return *known;
  return is_anonymous(dim.symbol_name()) ? Json() : Json(dim.to_string());
}

Json shape_json(const ir::TensorType* tensor) {
  if (!tensor || !tensor->shape) return {};
  Json list = Json::array();
  for (const ir::Dim& dim : *tensor->shape) list.push_back(dim_json(dim));
  return list;
}

Json dtype_json(const ir::Type& type) {
  if (type.is_unknown()) return {};
  const ir::TensorType* tensor = type.as_tensor();
  if (!tensor) return ir::to_string(type);
  return tensor->dtype == ir::DType::Undefined ? Json() : Json(ir::to_string(tensor->dtype));
}

std::vector<NamedType> named_types(const std::vector<ir::Value*>& values) {
  std::vector<NamedType> types;
  for (const ir::Value* value : values) {
    const bool is_input = value->kind() == ir::Value::Kind::Input;
    types.push_back({value->name(), value->type(), is_input && value->tensor()});
  }
  return types;
}

// Those that somebody may give a value.
std::vector<ir::Value*> open_inputs(const ir::Graph& graph) {
  std::vector<ir::Value*> inputs = graph.inputs();
  std::erase_if(inputs, [](const ir::Value* input) { return input->fixed_tensor() != nullptr; });
  return inputs;
}

// Whole numbers that only shape arithmetic has as a rule, truth values and texts are no parameters.
bool holds_parameters(const ir::Tensor& tensor) {
  return tensor.dtype() != ir::DType::Int64 && tensor.dtype() != ir::DType::Bool &&
         tensor.dtype() != ir::DType::String;
}

class Survey {
 public:
  explicit Survey(InspectResult& result) : result_(result) {}

  void look_at(const ir::Graph& graph) {
    for (const ir::Value* input : graph.inputs()) count_type(input->type());
    for (const ir::Value* input : graph.inputs()) count_tensor(input->tensor());
    for (const ir::Value* constant : graph.constants()) count_tensor(constant->tensor());
    for (const ir::Node& node : graph.nodes()) {
      ++result_.nodes;
      ++result_.ops[op_key(node)];
      for (const ir::Value* output : node.outputs()) look_at_output(output);
      for (const ir::Subgraph& subgraph : node.subgraphs()) look_at(*subgraph.graph);
    }
  }

 private:
  void look_at_output(const ir::Value* output) {
    if (!output) return;
    count_type(output->type());
    count_tensor(output->fixed_tensor());
  }

  void count_type(const ir::Type& type) {
    const ir::TensorType* tensor = type.as_tensor();
    if (!tensor || !tensor->shape) {
      ++result_.values.unknown;
    } else if (std::ranges::all_of(*tensor->shape, &ir::Dim::is_known)) {
      ++result_.values.known;
    } else {
      ++result_.values.ranked;
    }
  }

  void count_tensor(const ir::Tensor* tensor) {
    if (!tensor || !holds_parameters(*tensor)) return;
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    result_.parameters = checked_add(result_.parameters, tensor->count()).value_or(most);
    result_.parameter_bytes += tensor->size_bytes();
  }

  InspectResult& result_;
};

std::vector<std::string> open_dims(const ir::Graph& graph) {
  std::set<std::string> names;
  for (const ir::Value* input : graph.inputs()) {
    const ir::TensorType* tensor = input->type().as_tensor();
    if (!tensor || !tensor->shape) continue;
    for (const ir::Dim& dim : *tensor->shape) {
      for (std::string& name : dim.symbols()) names.insert(std::move(name));
    }
  }
  std::erase_if(names, is_anonymous);
  return {names.begin(), names.end()};
}

void describe(const convert::Source& source, InspectResult& result) {
  const ir::Model& model = source.model;
  result.format = source.format->name;
  result.format_version = model.format_version;
  result.producer = model.producer;
  for (const auto& [domain, version] : model.opsets)
    result.opsets[domain.empty() ? "ai.onnx" : domain] = version;
  result.signatures = model.signatures;
  result.states = states_of(model);
  result.inputs = named_types(open_inputs(*model.graph));
  result.outputs = named_types(model.graph->outputs());
  result.dynamic_dims = open_dims(*model.graph);
  Survey(result).look_at(*model.graph);
  result.macs = count_macs(*model.graph);
  result.is_read = true;
}

Json macs_json(const OperationCount& macs) {
  return macs && macs->is_known() ? Json(macs->value()) : Json();
}

// The count as an expression over the open dims: "98304*batch".
Json macs_expression_json(const OperationCount& macs) {
  if (!macs || macs->is_known() || std::ranges::any_of(macs->symbols(), is_anonymous)) return {};
  return macs->to_string();
}

}  // namespace

std::string op_key(const ir::Node& node) {
  if (node.domain().empty()) return std::string(node.op_name());
  return fmt::format("{}::{}", node.domain(), node.op_name());
}

std::vector<StateNames> states_of(const ir::Model& model) {
  std::vector<StateNames> states;
  for (const ir::State& state : model.graph->states())
    states.push_back({state.input->name(), state.output->name(), state.input->type()});
  return states;
}

InspectResult inspect(const ModelOptions& options, ModelText text) {
  InspectResult result;
  result.file = options.path.string();
  std::error_code no_size;
  const auto size = std::filesystem::file_size(options.path, no_size);
  if (!no_size) result.bytes = size;
  try {
    const convert::Source source = read_model(options, result.problems);
    if (source.model.graph) describe(source, result);
    if (source.model.graph)
      result.problems.append(unevaluable_ops(*source.model.graph, result.file, Severity::Warning));
    if (source.model.graph && text == ModelText::Wanted) result.text = ir::print(source.model);
  } catch (const Error& error) {
    result.problems.add(error);
  }
  return result;
}

Json to_json(const NamedType& value) {
  Json json = {{"name", value.name},
               {"dtype", dtype_json(value.type)},
               {"shape", shape_json(value.type.as_tensor())}};
  if (value.has_default) json["has_default"] = true;
  return json;
}

Json to_json(const std::vector<StateNames>& states) {
  Json list = Json::array();
  for (const StateNames& state : states) {
    list.push_back({{"input", state.input},
                    {"output", state.output},
                    {"dtype", dtype_json(state.type)},
                    {"shape", shape_json(state.type.as_tensor())}});
  }
  return list;
}

Json to_json(const InspectResult& result) {
  Json json = {{"schema", "ponte/inspect/1"}, {"file", result.file}};
  const auto list = [](const std::vector<NamedType>& values) {
    Json items = Json::array();
    for (const NamedType& value : values) items.push_back(to_json(value));
    return items;
  };
  const auto opset = result.opsets.find("ai.onnx");
  const bool is_read = result.is_read;
  const auto if_read = [is_read](Json value) { return is_read ? std::move(value) : Json(); };
  json["format"] = text_or_null(result.format);
  json["format_version"] = text_or_null(result.format_version);
  json["bytes"] = result.bytes ? Json(*result.bytes) : Json();
  json["producer"] = text_or_null(result.producer);
  json["opset"] = opset == result.opsets.end() ? Json() : Json(opset->second);
  json["inputs"] = list(result.inputs);
  json["outputs"] = list(result.outputs);
  json["nodes"] = if_read(result.nodes);
  json["ops"] = result.ops.empty() ? Json::object() : Json(result.ops);
  json["parameters"] = if_read(result.parameters);
  json["parameter_bytes"] = if_read(result.parameter_bytes);
  json["macs"] = if_read(macs_json(result.macs));
  json["macs_expression"] = if_read(macs_expression_json(result.macs));
  json["opsets"] = result.opsets.empty() ? Json::object() : Json(result.opsets);
  json["signatures"] = result.signatures;
  json["states"] = to_json(result.states);
  json["values"] = if_read({{"known", result.values.known},
                            {"ranked", result.values.ranked},
                            {"unknown", result.values.unknown}});
  json["dynamic_dims"] = result.dynamic_dims;
  if (!result.text.empty()) json["text"] = result.text;
  json["problems"] = problems_json(result.problems);
  return json;
}

}  // namespace ponte::jobs
