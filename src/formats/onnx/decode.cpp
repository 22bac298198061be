#include "formats/onnx/decode.h"

#include <fmt/format.h>

#include <utility>

#include "base/error.h"

namespace ponte::onnx {
namespace {

ir::Dim decode_dim(WireReader reader) {
  ir::Dim dim = unnamed_dim();
  bool known = false;
  while (reader.next()) {
    if (reader.field() == 1) {
      const std::int64_t value = reader.integer();
      if (value > max_dimension) {
        throw Error(Code::DimensionOutOfRange, fmt::format("a dimension of {}", value));
      }
      // Some exporters write -1 for an unknown dimension.
      if (value >= 0) dim = value;
      known = value >= 0;
    } else if (reader.field() == 2) {
      const std::string name = reader.text();
      // Names with a question mark mean nothing: some exporters write "?" for every unknown one.
      if (!known && !name.empty() && !name.starts_with('?')) dim = ir::Dim::symbol(name);
    }
  }
  return dim;
}

ir::TensorType decode_tensor_type(WireReader reader) {
  ir::TensorType type;
  while (reader.next()) {
    if (reader.field() == 1) {
      const std::int64_t number = reader.integer();
      const auto dtype = ir::dtype_from_number(number);
      if (!dtype && number != 0)
        throw Error(Code::UnknownDtype, fmt::format("{} is no dtype", number));
      type.dtype = dtype.value_or(ir::DType::Undefined);
    } else if (reader.field() == 2) {
      WireReader shape(reader, reader.bytes());
      type.shape.emplace();
      while (shape.next()) {
        if (shape.field() == 1) type.shape->push_back(decode_dim(WireReader(shape, shape.bytes())));
      }
    }
  }
  return type;
}

// The element of a sequence or optional.
ir::Type decode_element(WireReader reader) {
  ir::Type element;
  while (reader.next()) {
    if (reader.field() == 1) element = decode_type(WireReader(reader, reader.bytes()));
  }
  return element;
}

ir::Type decode_map(WireReader reader) {
  ir::DType key = ir::DType::Undefined;
  ir::Type value;
  while (reader.next()) {
    if (reader.field() == 1) {
      key = ir::dtype_from_number(reader.integer()).value_or(ir::DType::Undefined);
    } else if (reader.field() == 2) {
      value = decode_type(WireReader(reader, reader.bytes()));
    }
  }
  return ir::Type::map_of(key, std::move(value));
}

// The fields of an AttributeProto, before `type` says which one counts.
struct RawAttribute {
  std::string name;
  std::string reference;
  ir::AttributeKind kind = ir::AttributeKind::Undefined;
  float f = 0;
  std::int64_t i = 0;
  std::string s;
  std::optional<ByteRange> message;  // t, g, tp or sparse_tensor
  std::vector<float> floats;
  std::vector<std::int64_t> ints;
  std::vector<std::string> strings;
  std::vector<ByteRange> messages;  // tensors, graphs, type_protos, sparse_tensors
};

RawAttribute decode_raw_attribute(WireReader& reader) {
  using ir::AttributeKind;
  RawAttribute raw;
  AttributeKind seen = AttributeKind::Undefined;
  const auto note = [&](AttributeKind kind) { seen = kind; };
  while (reader.next()) {
    switch (reader.field()) {
      case 1:
        raw.name = reader.text();
        break;
      case 21:
        raw.reference = reader.text();
        break;
      case 20: {
        const std::uint64_t number = reader.varint();
        if (number > 14) reader.malformed(fmt::format("attribute type {} does not exist", number));
        raw.kind = static_cast<AttributeKind>(number);
        break;
      }
      case 2:
        raw.f = reader.fixed32_float();
        note(AttributeKind::Float);
        break;
      case 3:
        raw.i = reader.integer();
        note(AttributeKind::Int);
        break;
      case 4:
        raw.s = reader.text();
        note(AttributeKind::String);
        break;
      case 5:
        take_once(reader, raw.message);
        note(AttributeKind::Tensor);
        break;
      case 6:
        take_once(reader, raw.message);
        note(AttributeKind::Graph);
        break;
      case 14:
        take_once(reader, raw.message);
        note(AttributeKind::Type);
        break;
      case 22:
        take_once(reader, raw.message);
        note(AttributeKind::SparseTensor);
        break;
      case 7:
        reader.floats(raw.floats);
        note(AttributeKind::Floats);
        break;
      case 8:
        reader.integers(raw.ints);
        note(AttributeKind::Ints);
        break;
      case 9:
        raw.strings.push_back(reader.text());
        note(AttributeKind::Strings);
        break;
      case 10:
        raw.messages.push_back(reader.bytes());
        note(AttributeKind::Tensors);
        break;
      case 11:
        raw.messages.push_back(reader.bytes());
        note(AttributeKind::Graphs);
        break;
      case 15:
        raw.messages.push_back(reader.bytes());
        note(AttributeKind::Types);
        break;
      case 23:
        raw.messages.push_back(reader.bytes());
        note(AttributeKind::SparseTensors);
        break;
      default:
        break;
    }
  }
  // IR versions before 2 have no `type`: the field that is there tells it.
  if (raw.kind == AttributeKind::Undefined) raw.kind = seen;
  return raw;
}

const ByteRange& message_of(const RawAttribute& raw) {
  if (!raw.message)
    throw Error(Code::MissingField, fmt::format("attribute `{}` has no value", raw.name));
  return *raw.message;
}

void add_attribute(RawAttribute raw, const WireReader& reader, ExternalFiles& files,
                   const Opsets& opsets, shared::ForeignNode& node) {
  using ir::AttributeKind;
  const auto inside = [&](const ByteRange& message) { return WireReader(reader, message); };
  ir::Attribute value;
  switch (raw.reference.empty() ? raw.kind : AttributeKind::Undefined) {
    case AttributeKind::Float:
      value = raw.f;
      break;
    case AttributeKind::Int:
      value = raw.i;
      break;
    case AttributeKind::String:
      value = std::move(raw.s);
      break;
    case AttributeKind::Tensor:
      value = decode_tensor(inside(message_of(raw)), files).tensor;
      break;
    case AttributeKind::Type:
      value = decode_type(inside(message_of(raw)));
      break;
    case AttributeKind::SparseTensor:
      value = decode_sparse_tensor(inside(message_of(raw)), files).tensor;
      break;
    case AttributeKind::Floats:
      value = std::move(raw.floats);
      break;
    case AttributeKind::Ints:
      value = std::move(raw.ints);
      break;
    case AttributeKind::Strings:
      value = std::move(raw.strings);
      break;
    case AttributeKind::Graph:
      node.subgraphs.push_back(
          {raw.name, decode_graph(inside(message_of(raw)), files, opsets), false});
      return;
    case AttributeKind::Graphs:
      for (const ByteRange& message : raw.messages) {
        node.subgraphs.push_back({raw.name, decode_graph(inside(message), files, opsets), true});
      }
      return;
    case AttributeKind::Tensors: {
      std::vector<ir::Tensor> tensors;
      for (const ByteRange& message : raw.messages)
        tensors.push_back(decode_tensor(inside(message), files).tensor);
      value = std::move(tensors);
      break;
    }
    case AttributeKind::Types: {
      std::vector<ir::Type> types;
      for (const ByteRange& message : raw.messages) types.push_back(decode_type(inside(message)));
      value = std::move(types);
      break;
    }
    case AttributeKind::SparseTensors: {
      std::vector<ir::SparseTensor> tensors;
      for (const ByteRange& message : raw.messages) {
        tensors.push_back(decode_sparse_tensor(inside(message), files).tensor);
      }
      value = std::move(tensors);
      break;
    }
    case AttributeKind::Undefined:
      if (raw.reference.empty()) {
        throw Error(Code::MissingField,
                    fmt::format("attribute `{}` has neither type nor value", raw.name));
      }
      value = ir::AttributeReference{raw.reference, raw.kind};
      break;
  }
  if (!node.attributes.emplace(raw.name, std::move(value)).second) {
    throw Error(Code::DuplicateName, fmt::format("attribute `{}` is there twice", raw.name));
  }
}

}  // namespace

void take_once(WireReader& reader, std::optional<ByteRange>& message) {
  if (message) reader.malformed(fmt::format("field {} is there twice", reader.field()));
  message = reader.bytes();
}

std::pair<std::string, std::string> decode_entry(WireReader reader) {
  std::pair<std::string, std::string> entry;
  while (reader.next()) {
    if (reader.field() == 1) entry.first = reader.text();
    if (reader.field() == 2) entry.second = reader.text();
  }
  return entry;
}

void decode_opset(WireReader reader, Opsets& opsets) {
  std::string domain;
  std::int64_t version = 1;
  while (reader.next()) {
    if (reader.field() == 1) domain = reader.text();
    if (reader.field() == 2) version = reader.integer();
  }
  opsets[domain == "ai.onnx" ? "" : domain] = version;
}

ir::Type decode_type(WireReader reader) {
  ir::Type type;
  while (reader.next()) {
    switch (reader.field()) {
      case 1:
        type = decode_tensor_type(WireReader(reader, reader.bytes()));
        break;
      case 4:
        type = ir::Type::sequence_of(decode_element(WireReader(reader, reader.bytes())));
        break;
      case 5:
        type = decode_map(WireReader(reader, reader.bytes()));
        break;
      case 9:
        type = ir::Type::optional_of(decode_element(WireReader(reader, reader.bytes())));
        break;
      default:
        break;
    }
  }
  return type;
}

ValueInfo decode_value_info(WireReader reader) {
  ValueInfo info;
  info.message = reader.message();
  std::optional<ByteRange> type;
  while (reader.next()) {
    if (reader.field() == 1) info.name = reader.text();
    if (reader.field() == 2) take_once(reader, type);
  }
  if (type) info.type = decode_type(WireReader(reader, *type));
  return info;
}

void decode_attribute(WireReader reader, ExternalFiles& files, const Opsets& opsets,
                      shared::ForeignNode& node) {
  RawAttribute raw = decode_raw_attribute(reader);
  add_attribute(std::move(raw), reader, files, opsets, node);
}

shared::ForeignNode decode_node(WireReader reader, ExternalFiles& files, const Opsets& opsets) {
  shared::ForeignNode node;
  node.dialect = "onnx";
  node.byte = reader.message().offset;
  auto record = std::make_shared<ir::Record>();
  record->format = "onnx";
  record->bytes = reader.message();
  try {
    while (reader.next()) {
      switch (reader.field()) {
        case 1:
          node.inputs.push_back(reader.text());
          break;
        case 2:
          node.outputs.push_back(reader.text());
          break;
        case 3:
          node.name = reader.text();
          break;
        case 4:
          node.op = reader.text();
          break;
        case 5:
          decode_attribute(WireReader(reader, reader.bytes()), files, opsets, node);
          break;
        case 6:
          node.doc = reader.text();
          break;
        case 7:
          node.domain = reader.text();
          break;
        case 8:
          node.overload = reader.text();
          break;
        case 9:
          node.annotations.insert(decode_entry(WireReader(reader, reader.bytes())));
          break;
        default:
          break;
      }
    }
  } catch (Error& error) {
    error.fill_where({.file = {}, .node = node.name, .op = node.op, .byte = node.byte});
    throw;
  }
  if (node.domain == "ai.onnx") node.domain.clear();
  const auto imported = opsets.find(node.domain);
  node.version = imported == opsets.end() ? 0 : imported->second;
  record->version = node.version;
  record->inputs = node.inputs;
  record->outputs = node.outputs;
  node.record = std::move(record);
  return node;
}

std::shared_ptr<DecodedGraph> decode_graph(WireReader reader, ExternalFiles& files,
                                           const Opsets& opsets) {
  auto graph = std::make_shared<DecodedGraph>();
  graph->message = reader.message();
  while (reader.next()) {
    const auto inside = [&] { return WireReader(reader, reader.bytes()); };
    switch (reader.field()) {
      case 1:
        graph->nodes.push_back(decode_node(inside(), files, opsets));
        break;
      case 2:
        graph->name = reader.text();
        break;
      case 5:
        graph->initializers.push_back(decode_tensor(inside(), files));
        break;
      case 10:
        graph->doc = reader.text();
        break;
      case 11:
        graph->inputs.push_back(decode_value_info(inside()));
        break;
      case 12:
        graph->outputs.push_back(decode_value_info(inside()));
        graph->results.push_back(graph->outputs.back().name);
        break;
      case 13:
        graph->values.push_back(decode_value_info(inside()));
        break;
      case 15:
        graph->sparse_initializers.push_back(decode_sparse_tensor(inside(), files));
        break;
      case 16:
        graph->metadata.insert(decode_entry(inside()));
        break;
      default:
        break;
    }
  }
  return graph;
}

}  // namespace ponte::onnx
