#include "formats/onnx/read.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "base/error.h"
#include "formats/onnx/decode.h"
#include "formats/onnx/opsets.h"
#include "formats/shared/read_nodes.h"

namespace ponte::onnx {
namespace {

using shared::Bindings;

// The fields of a ModelProto; the large ones as ranges.
struct ModelFields {
  std::int64_t ir_version = 0;
  Opsets opsets;
  std::string producer;
  std::string producer_version;
  std::map<std::string, std::string> metadata;
  std::optional<ByteRange> graph;
  std::vector<ByteRange> functions;
};

void add_opset(WireReader reader, Opsets& opsets) {
  std::string domain;
  std::int64_t version = 1;
  while (reader.next()) {
    if (reader.field() == 1) domain = reader.text();
    if (reader.field() == 2) version = reader.integer();
  }
  opsets[domain == "ai.onnx" ? "" : domain] = version;
}

ModelFields decode_model(WireReader& reader) {
  ModelFields fields;
  while (reader.next()) {
    switch (reader.field()) {
      case 1:
        fields.ir_version = reader.integer();
        break;
      case 2:
        fields.producer = reader.text();
        break;
      case 3:
        fields.producer_version = reader.text();
        break;
      case 7:
        fields.graph = reader.bytes();
        break;
      case 8:
        add_opset(WireReader(reader, reader.bytes()), fields.opsets);
        break;
      case 14:
        fields.metadata.insert(decode_entry(WireReader(reader, reader.bytes())));
        break;
      case 25:
        fields.functions.push_back(reader.bytes());
        break;
      default:
        break;
    }
  }
  return fields;
}

std::shared_ptr<const ir::Record> record_of(const ByteRange& message) {
  auto record = std::make_shared<ir::Record>();
  record->format = "onnx";
  record->bytes = message;
  return record;
}

// Dims that the file leaves open without a name get a symbol each.
ir::Type with_fresh_dims(const ir::Type& type, ir::FreshDims& fresh) {
  const ir::TensorType* tensor = type.as_tensor();
  if (!tensor || !tensor->shape) return type;
  ir::Shape shape = *tensor->shape;
  for (ir::Dim& dim : shape) {
    if (!dim.is_known() && dim == unnamed_dim()) dim = fresh.next();
  }
  return ir::Type::tensor(tensor->dtype, std::move(shape));
}

// Builds graphs from their decoded messages; one object per model or function.
class Builder {
 public:
  Builder(std::string file, std::int64_t ir_version, Diagnostics& problems)
      : ir_version_(ir_version),
        context_{
            problems, std::move(file),
            [this](const shared::ForeignGraph& body, ir::Graph& outer, const Bindings& bindings) {
              auto graph = outer.make_subgraph();
              fill(static_cast<const DecodedGraph&>(body), *graph, bindings);
              return graph;
            }} {}

  void fill(const DecodedGraph& source, ir::Graph& graph, Bindings bindings) {
    graph.name = source.name;
    graph.doc = source.doc;
    graph.annotations = source.metadata;
    graph.record = record_of(source.message);
    add_inputs(source, graph, bindings);
    add_constants(source, graph, bindings);
    fill_nodes(source, declared_types(source, graph), graph, bindings);
    for (const ValueInfo& output : source.outputs) {
      const auto it = bindings.find(output.name);
      if (it == bindings.end()) {
        context_.problems.add(Error(Code::UndefinedValue,
                                    fmt::format("nothing produces the output `{}`", output.name)),
                              {context_.file, {}, {}, output.message.offset});
        continue;
      }
      graph.add_output(*it->second);
    }
  }

  void fill_nodes(const shared::ForeignGraph& source,
                  const std::map<std::string, ir::Type>& declared, ir::Graph& graph,
                  Bindings& bindings) {
    check_names(source, graph);
    // Files whose nodes are out of order are read all the same; a cycle is not.
    shared::ForeignGraph sorted{source.name, {}};
    for (const std::size_t i : shared::topological_order(
             source, [&](std::string_view name) { return bindings.contains(std::string(name)); })) {
      sorted.nodes.push_back(source.nodes[i]);
    }
    for (const shared::ForeignNode& node : sorted.nodes) {
      shared::read_nodes({source.name, {node}}, find_node_row, graph, bindings, context_);
      declare(node, declared, graph, bindings);
    }
  }

 private:
  static const shared::ReadRow* find_node_row(const shared::ForeignNode&) {
    static constexpr shared::ReadRow any_node{"", read_node, ""};
    return &any_node;
  }

  // Values are assigned once, in a graph and in what it sees.
  void check_names(const shared::ForeignGraph& source, const ir::Graph& graph) {
    std::set<std::string_view> names;
    for (const shared::ForeignNode& node : source.nodes) {
      for (const std::string& output : node.outputs) {
        if (!output.empty() && (!names.insert(output).second || graph.find(output))) {
          throw Error(Code::DuplicateName, fmt::format("`{}` is assigned twice", output))
              .at({context_.file, node.name, node.op, node.byte});
        }
      }
    }
  }

  void add_inputs(const DecodedGraph& source, ir::Graph& graph, Bindings& bindings) {
    // Before IR version 4 every initialiser had to be an input as well: that says nothing about
    // overriding it.
    const auto overriding = ir_version_ < 4 ? ir::Overriding::Never : ir::Overriding::Allowed;
    for (const ValueInfo& info : source.inputs) {
      const auto initial = std::ranges::find(source.initializers, info.name, &NamedTensor::name);
      std::optional<ir::Tensor> tensor;
      ir::Type type = with_fresh_dims(info.type, graph.fresh_dims());
      if (initial != source.initializers.end()) {
        tensor = initial->tensor;
        type = refine(ir::Type::tensor(tensor->dtype(), ir::to_shape(tensor->shape())), type);
      }
      ir::Value& input = graph.add_input(info.name, std::move(type), std::move(tensor), overriding);
      if (initial != source.initializers.end()) input.record = record_of(initial->message);
      bindings[info.name] = &input;
    }
  }

  void add_constants(const DecodedGraph& source, ir::Graph& graph, Bindings& bindings) {
    for (const NamedTensor& initializer : source.initializers) {
      if (graph.find(initializer.name) &&
          std::ranges::find(source.inputs, initializer.name, &ValueInfo::name) !=
              source.inputs.end()) {
        continue;
      }
      ir::Value& constant = graph.add_constant(initializer.name, initializer.tensor);
      constant.record = record_of(initializer.message);
      bindings[initializer.name] = &constant;
    }
    for (const auto& [name, sparse] : source.sparse_initializers) {
      ir::NodeSpec spec;
      spec.op = "Constant";
      spec.attributes = {{"sparse_value", sparse}};
      spec.outputs = {name};
      ir::Node& node = graph.add(std::move(spec));
      node.annotations["onnx.sparse_initializer"] = "1";
      bindings[name] = node.output(0);
    }
  }

  static std::map<std::string, ir::Type> declared_types(const DecodedGraph& source,
                                                        ir::Graph& graph) {
    std::map<std::string, ir::Type> declared;
    for (const auto* list : {&source.values, &source.outputs}) {
      for (const ValueInfo& info : *list) {
        declared.insert_or_assign(info.name, with_fresh_dims(info.type, graph.fresh_dims()));
      }
    }
    return declared;
  }

  void declare(const shared::ForeignNode& node, const std::map<std::string, ir::Type>& declared,
               ir::Graph& graph, const Bindings& bindings) {
    for (const std::string& output : node.outputs) {
      const auto type = declared.find(output);
      const auto value = bindings.find(output);
      if (type == declared.end() || value == bindings.end()) continue;
      try {
        graph.declare(*value->second, type->second);
      } catch (const Error& error) {
        context_.problems.warn(error.code(), fmt::format("`{}`: {}", output, error.what()),
                               {context_.file, node.name, node.op, node.byte},
                               "the inferred type is used");
      }
    }
  }

  std::int64_t ir_version_;
  shared::ReadContext context_;
};

// The fields of a FunctionProto.
struct FunctionFields {
  ir::Function function;
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
  std::vector<ByteRange> nodes;
  std::vector<ByteRange> defaults;
};

FunctionFields decode_function(WireReader& reader) {
  FunctionFields fields;
  fields.function.record = record_of(reader.message());
  while (reader.next()) {
    switch (reader.field()) {
      case 1:
        fields.function.name = reader.text();
        break;
      case 4:
        fields.inputs.push_back(reader.text());
        break;
      case 5:
        fields.outputs.push_back(reader.text());
        break;
      case 6:
        fields.function.attributes.push_back(reader.text());
        break;
      case 7:
        fields.nodes.push_back(reader.bytes());
        break;
      case 9:
        add_opset(WireReader(reader, reader.bytes()), fields.function.opsets);
        break;
      case 10:
        fields.function.domain = reader.text();
        break;
      case 11:
        fields.defaults.push_back(reader.bytes());
        break;
      case 13:
        fields.function.overload = reader.text();
        break;
      default:
        break;
    }
  }
  return fields;
}

ir::Function read_function(WireReader reader, Builder& builder, ExternalFiles& files) {
  FunctionFields fields = decode_function(reader);
  shared::ForeignGraph body{fields.function.name, {}};
  for (const ByteRange& node : fields.nodes) {
    body.nodes.push_back(decode_node(WireReader(reader, node), files, fields.function.opsets));
  }
  for (const ByteRange& message : fields.defaults) {
    shared::ForeignNode holder;
    decode_attribute(WireReader(reader, message), files, fields.function.opsets, holder);
    fields.function.defaults.merge(holder.attributes);
  }
  fields.function.body = std::make_unique<ir::Graph>(ops::all_ops());
  Bindings bindings;
  for (const std::string& input : fields.inputs) {
    bindings[input] = &fields.function.body->add_input(input, ir::Type());
  }
  builder.fill_nodes(body, {}, *fields.function.body, bindings);
  for (const std::string& output : fields.outputs) {
    const auto it = bindings.find(output);
    if (it == bindings.end()) {
      throw Error(Code::UndefinedValue,
                  fmt::format("nothing produces the output `{}` of function `{}`", output,
                              fields.function.name));
    }
    fields.function.body->add_output(*it->second);
  }
  return std::move(fields.function);
}

}  // namespace

bool recognise(std::span<const std::byte> head, std::string_view file_name) {
  // ModelProto starts with ir_version (field 1, varint, at most two digits) in what every exporter
  // writes.
  const bool starts = head.size() >= 2 && head[0] == std::byte{0x08} && head[1] < std::byte{0x20};
  return starts || file_name.ends_with(".onnx");
}

ir::Model read(const std::filesystem::path& path, const ReadOptions& options,
               Diagnostics& problems) {
  const auto file = open_file(path);
  WireReader reader(whole(file));
  reader.set_depth(options.max_depth);
  try {
    ModelFields fields = decode_model(reader);
    if (!fields.graph)
      throw Error(Code::MissingField, "the file has no graph; it is no ONNX model");
    if (fields.opsets.empty()) fields.opsets[""] = 1;
    ExternalFiles files(path);
    Builder builder(path.string(), fields.ir_version, problems);
    ir::Model model;
    model.format = "onnx";
    model.format_version = fmt::format("IR version {}", fields.ir_version);
    model.producer = fields.producer;
    if (!fields.producer_version.empty()) model.producer += " " + fields.producer_version;
    model.opsets = fields.opsets;
    model.metadata = std::move(fields.metadata);
    model.record = record_of(whole(file));
    for (const ByteRange& function : fields.functions) {
      model.functions.push_back(read_function(WireReader(reader, function), builder, files));
    }
    const auto decoded = decode_graph(WireReader(reader, *fields.graph), files, fields.opsets);
    model.graph = std::make_unique<ir::Graph>(ops::all_ops());
    builder.fill(*decoded, *model.graph, {});
    return model;
  } catch (Error& error) {
    error.fill_where({.file = path.string(), .node = {}, .op = {}, .byte = {}});
    throw;
  }
}

}  // namespace ponte::onnx
