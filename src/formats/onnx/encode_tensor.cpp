#include "formats/onnx/encode_tensor.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

namespace ponte::onnx {
namespace {

using shared::WireReader;

void add_payload(const ir::Tensor& tensor, DataFile* data, WireMessage& message) {
  if (!data || !data->takes(tensor)) {
    message.tensor_data(9, tensor.data());
    return;
  }
  const std::uint64_t offset = data->place(tensor);
  message.message(13, encode_entry("location", data->location()));
  message.message(13, encode_entry("offset", fmt::format("{}", offset)));
  message.message(13, encode_entry("length", fmt::format("{}", tensor.size_bytes())));
  message.integer(14, 1);
}

// What the fields of a message hold that can hold tensors themselves.
std::optional<MessageKind> kind_of_field(MessageKind kind, std::uint32_t field) {
  using enum MessageKind;
  switch (kind) {
    case Graph:
      if (field == 1) return Node;
      if (field == 5) return Tensor;
      if (field == 15) return Sparse;
      return std::nullopt;
    case Node:
      if (field == 5) return Attribute;
      return std::nullopt;
    case Attribute:
      if (field == 5 || field == 10) return Tensor;
      if (field == 6 || field == 11) return Graph;
      if (field == 22 || field == 23) return Sparse;
      return std::nullopt;
    case Sparse:
      if (field == 1 || field == 2) return Tensor;
      return std::nullopt;
    case Function:
      if (field == 7) return Node;
      if (field == 11) return Attribute;
      return std::nullopt;
    case Training:
      if (field == 1 || field == 2) return Graph;
      return std::nullopt;
    case Tensor:
      return std::nullopt;
  }
  return std::nullopt;
}

bool has_outside_tensor(const ByteRange& message, const ModelRecord& source) {
  if (message.source != source.bytes.source) return false;
  const auto first = source.outside.lower_bound(message.offset);
  return first != source.outside.end() && first->first < message.offset + message.size;
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

WireMessage encode_entry(const std::string& key, const std::string& value) {
  WireMessage entry;
  entry.text(1, key);
  entry.text(2, value);
  return entry;
}

WireMessage encode_tensor(const ir::Tensor& tensor, const std::string& name, DataFile* data) {
  WireMessage message;
  message.integers(1, tensor.shape());
  message.integer(2, static_cast<std::int64_t>(tensor.dtype()));
  if (tensor.dtype() == ir::DType::String) {
    for (const std::string& element : tensor.strings()) message.text(6, element);
  }
  if (!name.empty()) message.text(8, name);
  if (tensor.dtype() != ir::DType::String) add_payload(tensor, data, message);
  return message;
}

WireMessage encode_sparse(const ir::SparseTensor& sparse, const std::string& name) {
  WireMessage message;
  message.message(1, encode_tensor(sparse.values, name, nullptr));
  message.message(2, encode_tensor(sparse.indices, {}, nullptr));
  message.integers(3, sparse.shape);
  return message;
}

WireMessage encode_moved_tensor(const ir::Tensor& tensor, const ByteRange& original,
                                DataFile* data) {
  WireMessage message;
  WireReader reader(original);
  while (reader.next()) {
    const std::uint32_t field = reader.field();
    const bool is_payload =
        (field >= 4 && field <= 7) || (field >= 9 && field <= 11) || field == 13 || field == 14;
    const ByteRange whole_field = reader.field_range();
    if (!is_payload) message.raw(whole_field);
  }
  add_payload(tensor, data, message);
  return message;
}

WireMessage encode_as_it_stood(const ByteRange& message, MessageKind kind,
                               const ModelRecord* source, DataFile* data) {
  WireMessage same;
  if (!source || !has_outside_tensor(message, *source)) {
    same.raw(message);
    return same;
  }
  if (kind == MessageKind::Tensor)
    return encode_moved_tensor(source->outside.at(message.offset), message, data);
  WireReader reader(message);
  while (reader.next()) {
    const std::uint32_t field = reader.field();
    if (const auto inner = kind_of_field(kind, field)) {
      same.message(field, encode_as_it_stood(reader.bytes(), *inner, source, data));
    } else {
      same.raw(reader.field_range());
    }
  }
  return same;
}

}  // namespace ponte::onnx
