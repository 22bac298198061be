#include "formats/onnx/encode.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <unordered_set>
#include <utility>

#include "base/error.h"
#include "formats/onnx/opsets.h"

namespace ponte::onnx {
namespace {

WireMessage encode_initializer(const ir::Value& value, const EncodeContext& context) {
  const ir::Tensor& tensor = *value.tensor();
  if (!value.record || value.record->format != "onnx")
    return encode_tensor(tensor, value.name(), context.data);
  const ByteRange& original = value.record->bytes;
  if (context.data && context.data->takes(tensor))
    return encode_moved_tensor(tensor, original, context.data);
  return encode_as_it_stood(original, MessageKind::Tensor, context.source, context.data);
}

class AttributeEncoder {
 public:
  AttributeEncoder(WireMessage& out, DataFile* data) : out_(out), data_(data) {}

  void operator()(float v) { out_.float32(2, v); }
  void operator()(std::int64_t v) { out_.integer(3, v); }
  void operator()(const std::string& v) { out_.text(4, v); }
  void operator()(const ir::Tensor& v) { out_.message(5, encode_tensor(v, {}, data_)); }
  void operator()(const ir::SparseTensor& v) { out_.message(22, encode_sparse(v, {})); }
  void operator()(const ir::Type& v) { out_.message(14, encode_type(v)); }
  void operator()(const std::vector<float>& v) { out_.floats(7, v); }
  void operator()(const std::vector<std::int64_t>& v) { out_.integers(8, v); }
  void operator()(const std::vector<std::string>& v) {
    for (const std::string& item : v) out_.text(9, item);
  }
  void operator()(const std::vector<ir::Tensor>& v) {
    for (const ir::Tensor& item : v) out_.message(10, encode_tensor(item, {}, data_));
  }
  void operator()(const std::vector<ir::SparseTensor>& v) {
    for (const ir::SparseTensor& item : v) out_.message(23, encode_sparse(item, {}));
  }
  void operator()(const std::vector<ir::Type>& v) {
    for (const ir::Type& item : v) out_.message(15, encode_type(item));
  }
  void operator()(const ir::AttributeReference& v) { out_.text(21, v.name); }

 private:
  WireMessage& out_;
  DataFile* data_;
};

WireMessage encode_attribute(const std::string& name, const ir::Attribute& attribute,
                             DataFile* data) {
  WireMessage message;
  message.text(1, name);
  std::visit(AttributeEncoder(message, data), attribute);
  message.integer(20, static_cast<std::int64_t>(ir::kind_of(attribute)));
  return message;
}

void add_subgraphs(const ir::Node& node, const EncodeContext& context, WireMessage& message) {
  std::set<std::string_view> done;
  for (const ir::Subgraph& first : node.subgraphs()) {
    if (!done.insert(first.name).second) continue;
    WireMessage attribute;
    attribute.text(1, first.name);
    for (const ir::Subgraph& subgraph : node.subgraphs()) {
      if (subgraph.name == first.name) {
        attribute.message(first.in_list ? 11 : 6, encode_graph(*subgraph.graph, context));
      }
    }
    using ir::AttributeKind;
    attribute.integer(20, static_cast<std::int64_t>(first.in_list ? AttributeKind::Graphs
                                                                  : AttributeKind::Graph));
    message.message(5, std::move(attribute));
  }
}

std::vector<std::string> names_of(const std::vector<ir::Value*>& values) {
  std::vector<std::string> names;
  for (const ir::Value* value : values) names.push_back(value ? value->name() : std::string());
  return names;
}

// Absent outputs or inputs at the end are not written.
void add_names(std::uint32_t field, std::vector<std::string> names, WireMessage& message) {
  while (!names.empty() && names.back().empty()) names.pop_back();
  for (const std::string& name : names) message.text(field, name);
}

std::int64_t version_of(std::string_view domain, const Opsets& opsets) {
  const auto it = opsets.find(std::string(domain));
  return it == opsets.end() ? 0 : it->second;
}

WireMessage encode_node(const ir::Node& node, const EncodeContext& context) {
  DownDraft draft{node, std::string(node.op_name()), names_of(node.inputs()), node.attributes(),
                  version_of(node.domain(), context.opsets)};
  if (node.domain().empty()) {
    if (node.op()) {
      lower(draft);
    } else {
      require_same_form(node, context.source_opsets ? version_of("", *context.source_opsets) : 0,
                        draft.target);
    }
  }
  context.findings.names.insert(draft.inputs.begin(), draft.inputs.end());
  if (!context.opsets.contains(std::string(node.domain())))
    context.findings.missing_domains.emplace(node.domain());
  WireMessage message;
  add_names(1, draft.inputs, message);
  add_names(2, names_of(node.outputs()), message);
  if (!node.name().empty()) message.text(3, node.name());
  message.text(4, draft.op);
  for (const auto& [name, attribute] : draft.attributes) {
    message.message(5, encode_attribute(name, attribute, context.data));
  }
  add_subgraphs(node, context, message);
  if (!node.doc.empty()) message.text(6, node.doc);
  if (!node.domain().empty()) message.text(7, node.domain());
  for (const auto& [key, value] : node.annotations) message.message(9, encode_entry(key, value));
  return message;
}

// Whether the nodes of a record are all there and the record speaks the version that is written.
class RecordCheck {
 public:
  explicit RecordCheck(const ir::Graph& graph) {
    for (const ir::Node& node : graph.nodes()) {
      if (node.record) ++sizes_[node.record.get()];
    }
  }
  bool is_whole(const ir::Node& node, const EncodeContext& context) const {
    if (!node.record || sizes_.at(node.record.get()) != node.record->group_size) return false;
    // Functions are not translated: a call needs the opset that its function was written for.
    if (node.record->format == call_record)
      return version_of("", *context.source_opsets) == version_of("", context.opsets);
    return node.record->format == "onnx" &&
           node.record->version == version_of(node.domain(), context.opsets);
  }

 private:
  std::map<const ir::Record*, std::size_t> sizes_;
};

// The names that a node takes as it stood, those that its bodies take from outside among them.
void add_taken_names(const ir::Node& node, std::set<std::string>& names) {
  if (node.record) names.insert(node.record->inputs.begin(), node.record->inputs.end());
  for (const ir::Subgraph& subgraph : node.subgraphs()) {
    for (const ir::Node& inner : subgraph.graph->nodes()) add_taken_names(inner, names);
    for (const ir::Value* output : subgraph.graph->outputs()) names.insert(output->name());
  }
}

bool is_sparse_initializer(const ir::Node& node) {
  return node.annotations.contains("onnx.sparse_initializer");
}

void add_nodes(const ir::Graph& graph, const EncodeContext& context, WireMessage& message) {
  const RecordCheck records(graph);
  std::unordered_set<const ir::Record*> written;
  for (const ir::Node& node : graph.nodes()) {
    if (is_sparse_initializer(node)) continue;
    if (node.is_placeholder()) {
      context.problems.add(Error(Code::PlaceholderLeft, "the node could not be translated"),
                           {{}, node.name(), std::string(node.op_name()), {}});
      continue;
    }
    try {
      if (!records.is_whole(node, context)) {
        message.message(1, encode_node(node, context));
      } else if (written.insert(node.record.get()).second) {
        add_taken_names(node, context.findings.names);
        message.message(1, encode_as_it_stood(node.record->bytes, MessageKind::Node, context.source,
                                              context.data));
      }
    } catch (const Error& error) {
      context.problems.add(error, {{}, node.name(), std::string(node.op_name()), {}});
    }
  }
}

// What the source graph says beside its nodes and payloads: the ValueInfoProtos by field and name,
// the metadata, and everything that is copied as it stands.
struct OriginalFields {
  std::map<std::string, ValueInfo> inputs, outputs;
  std::vector<ValueInfo> values;
  std::map<std::string, std::string> metadata;
  std::vector<ByteRange> metadata_fields;
  std::vector<std::pair<std::uint32_t, ByteRange>> others;
};

bool is_from_onnx(const ir::Graph& graph) { return graph.record && graph.record->format == "onnx"; }

// ONNX wants a name of every graph; one that came from a file without it stays as it was.
std::string written_name(const ir::Graph& graph) {
  return graph.name.empty() && !is_from_onnx(graph) ? "graph" : graph.name;
}

OriginalFields original_fields(const ir::Graph& graph) {
  OriginalFields fields;
  if (!is_from_onnx(graph)) return fields;
  WireReader reader(graph.record->bytes);
  while (reader.next()) {
    const std::uint32_t field = reader.field();
    switch (field) {
      case 1:
      case 2:
      case 5:
      case 10:
      case 15:
        break;
      case 11:
      case 12:
      case 13: {
        ValueInfo info = decode_value_info(WireReader(reader, reader.bytes()));
        if (field == 13) {
          fields.values.push_back(std::move(info));
        } else {
          std::string name = info.name;
          (field == 11 ? fields.inputs : fields.outputs).emplace(std::move(name), std::move(info));
        }
        break;
      }
      case 16:
        fields.metadata.insert(decode_entry(WireReader(reader, reader.bytes())));
        fields.metadata_fields.push_back(reader.field_range());
        break;
      default:
        fields.others.emplace_back(field, reader.field_range());
    }
  }
  return fields;
}

// Whether what the source declares still says what is known: a new shape makes it untrue.
bool still_holds(const ir::Value& value) {
  switch (value.kind()) {
    case ir::Value::Kind::Input:
      return !value.declared().is_unknown() || value.type().is_unknown();
    case ir::Value::Kind::Constant:
      return true;
    case ir::Value::Kind::Result:
      return value.record != nullptr;
  }
  return false;
}

WireMessage encode_declaration(const ir::Value& value,
                               const std::map<std::string, ValueInfo>& originals) {
  const auto original = originals.find(value.name());
  if (original == originals.end() || !still_holds(value))
    return encode_value_info(value.name(), value.type());
  WireMessage same;
  same.raw(original->second.message);
  return same;
}

bool is_used(const ir::Value& constant, const ir::Graph& graph, const EncodeContext& context) {
  return context.findings.names.contains(constant.name()) ||
         std::ranges::find(graph.outputs(), &constant) != graph.outputs().end();
}

// The constants that are written, in the order of the source; new ones follow.
std::vector<const ir::Value*> written_constants(const ir::Graph& graph,
                                                const EncodeContext& context) {
  std::vector<const ir::Value*> values;
  for (const ir::Value* input : graph.inputs()) {
    if (input->tensor()) values.push_back(input);
  }
  for (const ir::Value* constant : graph.constants()) {
    // What reading made for a node that is written from its record has no place in the file.
    if (!constant->record && !is_used(*constant, graph, context)) continue;
    context.findings.any_added = context.findings.any_added || !constant->record;
    values.push_back(constant);
  }
  std::ranges::stable_sort(values, {}, [](const ir::Value* value) {
    return value->record ? value->record->bytes.offset : std::numeric_limits<std::uint64_t>::max();
  });
  return values;
}

WireMessage encode_sparse_initializer(const ir::Node& node, const EncodeContext& context) {
  if (node.record)
    return encode_as_it_stood(node.record->bytes, MessageKind::Sparse, context.source,
                              context.data);
  return encode_sparse(std::get<ir::SparseTensor>(*node.attribute("sparse_value")),
                       node.output(0)->name());
}

void add_metadata(const ir::Graph& graph, const OriginalFields& original, WireMessage& message) {
  if (graph.annotations == original.metadata) {
    for (const ByteRange& field : original.metadata_fields) message.raw(field);
  } else {
    for (const auto& [key, value] : graph.annotations)
      message.message(16, encode_entry(key, value));
  }
}

}  // namespace

WireMessage encode_type(const ir::Type& type) {
  WireMessage message;
  if (const ir::TensorType* tensor = type.as_tensor()) {
    WireMessage body;
    body.integer(1, static_cast<std::int64_t>(tensor->dtype));
    if (tensor->shape) {
      WireMessage shape;
      for (const ir::Dim& dim : *tensor->shape) {
        WireMessage item;
        if (dim.is_known()) {
          item.integer(1, dim.value());
        } else if (!dim.to_string().starts_with('?')) {
          item.text(2, dim.to_string());
        }
        shape.message(1, std::move(item));
      }
      body.message(2, std::move(shape));
    }
    message.message(1, std::move(body));
  } else if (const ir::SequenceType* sequence = type.as_sequence()) {
    WireMessage body;
    body.message(1, encode_type(*sequence->element));
    message.message(4, std::move(body));
  } else if (const ir::OptionalType* optional = type.as_optional()) {
    WireMessage body;
    body.message(1, encode_type(*optional->element));
    message.message(9, std::move(body));
  } else if (const ir::MapType* map = type.as_map()) {
    WireMessage body;
    body.integer(1, static_cast<std::int64_t>(map->key));
    body.message(2, encode_type(*map->value));
    message.message(5, std::move(body));
  }
  return message;
}

WireMessage encode_value_info(const std::string& name, const ir::Type& type) {
  WireMessage message;
  message.text(1, name);
  if (!type.is_unknown()) message.message(2, encode_type(type));
  return message;
}

WireMessage encode_graph(const ir::Graph& graph, const EncodeContext& context) {
  const OriginalFields original = original_fields(graph);
  std::map<std::uint32_t, WireMessage> fields;  // in the order in which protobuf writes them
  add_nodes(graph, context, fields[1]);
  if (const std::string name = written_name(graph); !name.empty()) fields[2].text(2, name);
  for (const ir::Value* constant : written_constants(graph, context))
    fields[5].message(5, encode_initializer(*constant, context));
  if (!graph.doc.empty()) fields[10].text(10, graph.doc);
  for (const ir::Value* input : graph.inputs())
    fields[11].message(11, encode_declaration(*input, original.inputs));
  for (const ir::Value* output : graph.outputs())
    fields[12].message(12, encode_declaration(*output, original.outputs));
  for (const ValueInfo& info : original.values) {
    const ir::Value* value = graph.find(info.name);
    if (value && still_holds(*value)) fields[13].range(13, info.message);
  }
  for (const ir::Node& node : graph.nodes()) {
    if (is_sparse_initializer(node))
      fields[15].message(15, encode_sparse_initializer(node, context));
  }
  add_metadata(graph, original, fields[16]);
  for (const auto& [number, field] : original.others) fields[number].raw(field);
  WireMessage message;
  for (const auto& [number, field] : fields) message.raw(field);
  return message;
}

}  // namespace ponte::onnx
