// TensorProto, SparseTensorProto and their payloads.
#include <fmt/format.h>

#include <charconv>
#include <cstring>

#include "base/checked.h"
#include "base/error.h"
#include "formats/onnx/decode.h"
#include "ir/narrow_floats.h"

namespace ponte::onnx {
namespace {

using ir::DType;

// The typed lists of a TensorProto, before the dtype decides which one counts.
struct Payload {
  std::vector<ByteRange> float_data;  // packed pieces, and single elements as they stand
  std::vector<ByteRange> double_data;
  std::vector<std::int64_t> integers;  // int32_data, int64_data or uint64_data
  std::vector<std::string> strings;
  std::optional<ByteRange> raw;
  std::map<std::string, std::string> external;
  bool is_external = false;
};

// A single fixed-size element or a packed list of them: their bytes.
ByteRange fixed_bytes(WireReader& reader) {
  if (reader.wire_type() == WireType::Bytes) return reader.bytes();
  const std::uint64_t size = reader.wire_type() == WireType::Fixed32 ? 4 : 8;
  const ByteRange field = reader.field_range();
  if (field.size < size) reader.malformed("a list of floats holds something else");
  return field.part(field.size - size, size);
}

ByteRange joined(const std::vector<ByteRange>& parts) {
  if (parts.empty()) return {};
  if (parts.size() == 1) return parts.front();
  std::vector<std::byte> bytes;
  for (const ByteRange& part : parts) {
    const auto more = part.read_all();
    bytes.insert(bytes.end(), more.begin(), more.end());
  }
  return whole(buffer_source(std::move(bytes)));
}

std::uint64_t parse_number(const std::map<std::string, std::string>& entries, const char* key,
                           std::uint64_t fallback) {
  const auto it = entries.find(key);
  if (it == entries.end()) return fallback;
  std::uint64_t value = 0;
  const auto [end, error] =
      std::from_chars(it->second.data(), it->second.data() + it->second.size(), value);
  if (error != std::errc() || end != it->second.data() + it->second.size()) {
    throw Error(Code::MalformedField, fmt::format("`{}` of external data is no number", key));
  }
  return value;
}

ByteRange external_bytes(const Payload& payload, std::uint64_t needed, ExternalFiles& files) {
  const auto location = payload.external.find("location");
  if (location == payload.external.end()) {
    throw Error(Code::MissingField, "external data without a `location`");
  }
  const auto source = files.open(location->second);
  const std::uint64_t offset = parse_number(payload.external, "offset", 0);
  if (offset > source->size()) {
    throw Error(Code::TruncatedTensor,
                fmt::format("external data starts at byte {}, but `{}` has {}", offset,
                            location->second, source->size()));
  }
  const std::uint64_t length = parse_number(payload.external, "length", needed);
  if (length > source->size() - offset) {
    throw Error(Code::TruncatedTensor,
                fmt::format("external data needs {} bytes, but `{}` has {} left", length,
                            location->second, source->size() - offset));
  }
  return whole(source).part(offset, length);
}

// int32_data, int64_data and uint64_data hold numbers; narrow floats there are bit patterns.
ByteRange packed_integers(DType dtype, const std::vector<std::int64_t>& values,
                          std::uint64_t size) {
  std::vector<std::byte> bytes(size);
  const int bits = ir::info(dtype).bits;
  const bool sub_byte = bits < 8;
  const std::size_t width = sub_byte ? 1 : static_cast<std::size_t>(bits) / 8;
  if (values.size() * width != size) return {};
  for (std::size_t i = 0; i < values.size(); ++i) {
    std::memcpy(bytes.data() + i * width, &values[i], width);
  }
  return whole(buffer_source(std::move(bytes)));
}

ByteRange typed_bytes(DType dtype, const Payload& payload, std::uint64_t needed) {
  if (dtype == DType::Float32 || dtype == DType::Complex64) return joined(payload.float_data);
  if (dtype == DType::Float64 || dtype == DType::Complex128) return joined(payload.double_data);
  return packed_integers(dtype, payload.integers, needed);
}

void read_external_entry(WireReader reader, Payload& payload) {
  auto [key, value] = decode_entry(std::move(reader));
  payload.external.insert_or_assign(std::move(key), std::move(value));
}

bool read_payload_field(WireReader& reader, Payload& payload) {
  switch (reader.field()) {
    case 4:
      payload.float_data.push_back(fixed_bytes(reader));
      return true;
    case 5:
    case 7:
    case 11:
      reader.integers(payload.integers);
      return true;
    case 6:
      payload.strings.push_back(reader.text());
      return true;
    case 9:
      payload.raw = reader.bytes();
      return true;
    case 10:
      payload.double_data.push_back(fixed_bytes(reader));
      return true;
    case 13:
      read_external_entry(WireReader(reader, reader.bytes()), payload);
      return true;
    case 14:
      payload.is_external = reader.integer() == 1;
      return true;
    default:
      return false;
  }
}

ir::Tensor make_tensor(DType dtype, std::vector<std::int64_t> dims, Payload payload,
                       ExternalFiles& files) {
  const auto count = element_count(dims);
  if (!count) throw Error(Code::DimensionOutOfRange, "the dimensions are out of range");
  if (dtype == DType::String)
    return ir::Tensor::of_strings(std::move(dims), std::move(payload.strings));
  const auto needed = ir::byte_size(dtype, *count);
  if (!needed) throw Error(Code::DimensionOutOfRange, "the size of the tensor overflows");
  ByteRange bytes;
  if (payload.is_external) {
    bytes = external_bytes(payload, *needed, files);
  } else if (payload.raw) {
    bytes = *payload.raw;
  } else {
    bytes = typed_bytes(dtype, payload, *needed);
  }
  if (bytes.size < *needed) {
    throw Error(Code::TruncatedTensor,
                fmt::format("the tensor needs {} bytes and has {}", *needed, bytes.size),
                "it looks truncated; fetch the file again");
  }
  return ir::Tensor(dtype, std::move(dims), std::move(bytes));
}

}  // namespace

std::shared_ptr<const ByteSource> ExternalFiles::open(const std::string& location) {
  auto& file = files_[location];
  if (!file) file = open_beside(model_, location);
  return file;
}

NamedTensor decode_tensor(WireReader reader, ExternalFiles& files) {
  NamedTensor result;
  result.message = reader.message();
  std::vector<std::int64_t> dims;
  std::int64_t number = 0;
  Payload payload;
  while (reader.next()) {
    switch (reader.field()) {
      case 1:
        reader.integers(dims);
        break;
      case 2:
        number = reader.integer();
        break;
      case 8:
        result.name = reader.text();
        break;
      default:
        read_payload_field(reader, payload);
    }
  }
  try {
    const auto dtype = ir::dtype_from_number(number);
    if (!dtype) throw Error(Code::UnknownDtype, fmt::format("{} is no dtype", number));
    const bool is_external = payload.is_external;
    result.tensor = make_tensor(*dtype, std::move(dims), std::move(payload), files);
    if (is_external) files.note(result.message, result.tensor);
  } catch (Error& error) {
    error.fill_where({.file = {}, .node = result.name, .op = {}, .byte = result.message.offset});
    throw;
  }
  return result;
}

NamedSparseTensor decode_sparse_tensor(WireReader reader, ExternalFiles& files) {
  NamedSparseTensor result;
  result.message = reader.message();
  std::optional<ByteRange> values, indices;
  while (reader.next()) {
    if (reader.field() == 1) take_once(reader, values);
    if (reader.field() == 2) take_once(reader, indices);
    if (reader.field() == 3) reader.integers(result.tensor.shape);
  }
  if (values) {
    NamedTensor named = decode_tensor(WireReader(reader, *values), files);
    result.name = std::move(named.name);
    result.tensor.values = std::move(named.tensor);
  }
  if (indices) result.tensor.indices = decode_tensor(WireReader(reader, *indices), files).tensor;
  if (!element_count(result.tensor.shape)) {
    throw Error(Code::DimensionOutOfRange, "the dimensions of a sparse tensor are out of range");
  }
  return result;
}

}  // namespace ponte::onnx
