#include "formats/onnx/encode.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <unordered_set>
#include <utility>

#include "base/error.h"
#include "formats/onnx/opsets.h"

namespace ponte::onnx {
namespace {

WireMessage encode_entry(const std::string& key, const std::string& value) {
  WireMessage entry;
  entry.text(1, key);
  entry.text(2, value);
  return entry;
}

WireMessage encode_payload_free_tensor(const ir::Tensor& tensor, const std::string& name) {
  WireMessage message;
  message.integers(1, tensor.shape());
  message.integer(2, static_cast<std::int64_t>(tensor.dtype()));
  if (!name.empty()) message.text(8, name);
  return message;
}

void add_external(const ir::Tensor& tensor, DataFile& data, WireMessage& message) {
  const std::uint64_t offset = data.place(tensor);
  message.message(13, encode_entry("location", data.location()));
  message.message(13, encode_entry("offset", fmt::format("{}", offset)));
  message.message(13, encode_entry("length", fmt::format("{}", tensor.size_bytes())));
  message.integer(14, 1);
}

WireMessage encode_tensor(const ir::Tensor& tensor, const std::string& name, DataFile* data) {
  WireMessage message = encode_payload_free_tensor(tensor, name);
  if (tensor.dtype() == ir::DType::String) {
    for (const std::string& element : tensor.strings()) message.text(6, element);
  } else if (data && tensor.size_bytes() >= DataFile::smallest) {
    add_external(tensor, *data, message);
  } else {
    message.tensor_data(9, tensor.data());
  }
  return message;
}

// The message as it stood, with its payload moved: everything but the fields that hold or place it.
WireMessage encode_moved_tensor(const ir::Tensor& tensor, const ByteRange& original,
                                DataFile* data) {
  WireMessage message;
  WireReader reader(original);
  while (reader.next()) {
    const std::uint32_t field = reader.field();
    const bool payload =
        (field >= 4 && field <= 7) || (field >= 9 && field <= 11) || field == 13 || field == 14;
    const ByteRange whole_field = reader.field_range();
    if (!payload) message.raw(whole_field);
  }
  if (data && tensor.size_bytes() >= DataFile::smallest) {
    add_external(tensor, *data, message);
  } else {
    message.tensor_data(9, tensor.data());
  }
  return message;
}

bool is_external(const ByteRange& tensor_message) {
  WireReader reader(tensor_message);
  while (reader.next()) {
    if (reader.field() == 14) return reader.integer() == 1;
  }
  return false;
}

WireMessage encode_initializer(const ir::Value& value, DataFile* data) {
  const ir::Tensor& tensor = *value.tensor();
  const bool untouched = value.record && value.record->format == "onnx";
  if (!untouched || tensor.dtype() == ir::DType::String) {
    return untouched ? [&] { WireMessage same; same.raw(value.record->bytes); return same; }()
                     : encode_tensor(tensor, value.name(), data);
  }
  const bool moves = data && tensor.size_bytes() >= DataFile::smallest;
  if (moves || is_external(value.record->bytes))
    return encode_moved_tensor(tensor, value.record->bytes, data);
  WireMessage same;
  same.raw(value.record->bytes);
  return same;
}

WireMessage encode_sparse(const ir::SparseTensor& sparse, const std::string& name) {
  WireMessage message;
  message.message(1, encode_tensor(sparse.values, name, nullptr));
  message.message(2, encode_tensor(sparse.indices, {}, nullptr));
  message.integers(3, sparse.shape);
  return message;
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

WireMessage encode_node(const ir::Node& node, const EncodeContext& context) {
  DownDraft draft{node, std::string(node.op_name()), names_of(node.inputs()), node.attributes(),
                  newest_opset};
  if (node.domain().empty() && node.op()) {
    if (const auto target = context.opsets.find(""); target != context.opsets.end()) {
      draft.target = target->second;
    }
    lower(draft);
  }
  context.used.names.insert(draft.inputs.begin(), draft.inputs.end());
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
  bool is_whole(const ir::Node& node, const Opsets& opsets) const {
    if (!node.record || node.record->format != "onnx") return false;
    const auto target = opsets.find(std::string(node.domain()));
    const std::int64_t version = target == opsets.end() ? 0 : target->second;
    return node.record->version == version &&
           sizes_.at(node.record.get()) == node.record->group_size;
  }

 private:
  std::map<const ir::Record*, std::size_t> sizes_;
};

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
      if (!records.is_whole(node, context.opsets)) {
        message.message(1, encode_node(node, context));
      } else if (written.insert(node.record.get()).second) {
        message.range(1, node.record->bytes);
      }
    } catch (const Error& error) {
      context.problems.add(error, {{}, node.name(), std::string(node.op_name()), {}});
    }
  }
}

// The ValueInfoProtos of the source graph by field and name, and everything that is copied as it
// stands.
struct OriginalFields {
  std::map<std::string, ByteRange> inputs, outputs;
  std::vector<std::pair<std::string, ByteRange>> values;
  std::vector<ByteRange> others;
};

OriginalFields original_fields(const ir::Graph& graph) {
  OriginalFields fields;
  if (!graph.record || graph.record->format != "onnx") return fields;
  WireReader reader(graph.record->bytes);
  while (reader.next()) {
    const std::uint32_t field = reader.field();
    if (field == 11 || field == 12 || field == 13) {
      const ValueInfo info = decode_value_info(WireReader(reader, reader.bytes()));
      if (field == 11) fields.inputs.emplace(info.name, info.message);
      if (field == 12) fields.outputs.emplace(info.name, info.message);
      if (field == 13) fields.values.emplace_back(info.name, info.message);
    } else if (field == 14 || field > 16) {
      fields.others.push_back(reader.field_range());
    }
  }
  return fields;
}

void add_value_info(std::uint32_t field, const ir::Value& value,
                    const std::map<std::string, ByteRange>& originals, WireMessage& message) {
  const auto original = originals.find(value.name());
  if (original == originals.end() ||
      (value.kind() == ir::Value::Kind::Input && value.declared().is_unknown())) {
    message.message(field, encode_value_info(value.name(), value.type()));
  } else {
    message.range(field, original->second);
  }
}

bool is_used(const ir::Value& constant, const ir::Graph& graph, const EncodeContext& context) {
  return context.used.names.contains(constant.name()) ||
         std::ranges::find(graph.outputs(), &constant) != graph.outputs().end();
}

}  // namespace

std::uint64_t DataFile::place(const ir::Tensor& tensor) {
  const auto range = tensor.data()->range();
  const auto key = range ? std::tuple(range->source.get(), range->offset, range->size)
                         : std::tuple<const ByteSource*, std::uint64_t, std::uint64_t>{};
  if (range) {
    if (const auto it = placed_.find(key); it != placed_.end()) return it->second;
  }
  const std::uint64_t offset = (end_ + alignment - 1) / alignment * alignment;
  entries_.push_back({tensor.data(), offset});
  end_ = offset + tensor.size_bytes();
  if (range) placed_.emplace(key, offset);
  return offset;
}

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
  WireMessage message;
  add_nodes(graph, context, message);
  if (!graph.name.empty()) message.text(2, graph.name);
  for (const ir::Value* input : graph.inputs()) {
    if (input->tensor()) message.message(5, encode_initializer(*input, context.data));
  }
  for (const ir::Value* constant : graph.constants()) {
    // What reading made for a node that is written from its record has no place in the file.
    if (!constant->record && !is_used(*constant, graph, context)) continue;
    context.used.any_added = context.used.any_added || !constant->record;
    message.message(5, encode_initializer(*constant, context.data));
  }
  if (!graph.doc.empty()) message.text(10, graph.doc);
  for (const ir::Value* input : graph.inputs())
    add_value_info(11, *input, original.inputs, message);
  for (const ir::Value* output : graph.outputs())
    add_value_info(12, *output, original.outputs, message);
  for (const auto& [name, info] : original.values) {
    const ir::Value* value = graph.find(name);
    if (value && (value->kind() != ir::Value::Kind::Result || !value->declared().is_unknown())) {
      message.range(13, info);
    }
  }
  for (const ir::Node& node : graph.nodes()) {
    if (!is_sparse_initializer(node)) continue;
    const auto& sparse = std::get<ir::SparseTensor>(*node.attribute("sparse_value"));
    message.message(15, encode_sparse(sparse, node.output(0)->name()));
  }
  for (const auto& [key, value] : graph.annotations) message.message(16, encode_entry(key, value));
  for (const ByteRange& field : original.others) message.raw(field);
  return message;
}

}  // namespace ponte::onnx
