// TensorProto, SparseTensorProto and their payloads.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/checked.h"
#include "base/counted.h"
#include "base/error.h"
#include "base/text.h"
#include "formats/onnx/decode.h"
#include "formats/onnx/packed_integers.h"
#include "ir/narrow_floats.h"

namespace ponte::onnx {
namespace {

using ir::DType;

// A repeated scalar field: packed pieces and single elements, joined.
class ScalarList {
 public:
  void add(WireReader& reader) {
    if (reader.wire_type() == WireType::Bytes) {
      flush();
      parts_.push_back(reader.bytes());
      return;
    }
    const ByteRange field = reader.field_range();
    const std::vector<std::byte> bytes = field.read_all();
    // What follows the tag is the element.
    const auto tag_end = std::ranges::find_if(
        bytes, [](std::byte b) { return (b & std::byte{0x80}) == std::byte{0}; });
    loose_.insert(loose_.end(), tag_end + 1, bytes.end());
  }

  ByteRange joined() {
    flush();
    if (parts_.empty()) return {};
    if (parts_.size() == 1) return parts_.front();
    std::vector<std::byte> bytes;
    for (const ByteRange& part : parts_) {
      const auto more = part.read_all();
      bytes.insert(bytes.end(), more.begin(), more.end());
    }
    return whole(buffer_source(std::move(bytes)));
  }

 private:
  void flush() {
    if (!loose_.empty()) parts_.push_back(whole(buffer_source(std::exchange(loose_, {}))));
  }

  std::vector<ByteRange> parts_;
  std::vector<std::byte> loose_;
};

// The payload fields of a TensorProto, before the dtype decides which one counts.
struct Payload {
  ScalarList float_data;
  ScalarList double_data;
  ScalarList integers;  // int32_data, int64_data or uint64_data
  std::vector<std::string> strings;
  std::optional<ByteRange> raw;
  std::map<std::string, std::string> external;
  bool is_external = false;
};

void require_wire_type(const WireReader& reader, WireType single) {
  if (reader.wire_type() != WireType::Bytes && reader.wire_type() != single)
    reader.malformed(fmt::format("field {} holds something else", reader.field()));
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
                fmt::format("external data starts at byte {}, but `{}` has {}", grouped(offset),
                            location->second, grouped(source->size())));
  }
  const std::uint64_t length = parse_number(payload.external, "length", needed);
  if (length > source->size() - offset) {
    throw Error(Code::TruncatedTensor,
                fmt::format("external data needs {}, but `{}` has {} left",
                            counted(length, "byte", "bytes"), location->second,
                            grouped(source->size() - offset)));
  }
  return whole(source).part(offset, length);
}

// What int32_data, int64_data or uint64_data hold; narrow floats there are bit patterns.
std::shared_ptr<const ir::TensorData> typed_data(DType dtype, Payload& payload,
                                                 std::uint64_t needed) {
  // Several narrow elements share a number, whose low byte they are.
  const auto width = static_cast<std::size_t>(std::max(ir::info(dtype).bits / 8, 1));
  return packed_integers(payload.integers.joined(), width, needed);
}

bool has_float_field(DType dtype) { return dtype == DType::Float32 || dtype == DType::Complex64; }

bool has_double_field(DType dtype) { return dtype == DType::Float64 || dtype == DType::Complex128; }

void read_external_entry(WireReader reader, Payload& payload) {
  auto [key, value] = decode_entry(std::move(reader));
  payload.external.insert_or_assign(std::move(key), std::move(value));
}

bool read_payload_field(WireReader& reader, Payload& payload) {
  switch (reader.field()) {
    case 4:
      require_wire_type(reader, WireType::Fixed32);
      payload.float_data.add(reader);
      return true;
    case 5:
    case 7:
    case 11:
      require_wire_type(reader, WireType::Varint);
      payload.integers.add(reader);
      return true;
    case 6:
      payload.strings.push_back(reader.text());
      return true;
    case 9:
      payload.raw = reader.bytes();
      return true;
    case 10:
      require_wire_type(reader, WireType::Fixed64);
      payload.double_data.add(reader);
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
  } else if (has_float_field(dtype)) {
    bytes = payload.float_data.joined();
  } else if (has_double_field(dtype)) {
    bytes = payload.double_data.joined();
  } else {
    return ir::Tensor(dtype, std::move(dims), typed_data(dtype, payload, *needed));
  }
  if (bytes.size < *needed) {
    throw Error(Code::TruncatedTensor,
                fmt::format("the tensor needs {} and has {}", counted(*needed, "byte", "bytes"),
                            grouped(bytes.size)),
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
