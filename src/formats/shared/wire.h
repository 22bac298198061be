// Protobuf's wire format over byte sources of any size: reading walks fields and skips what nobody
// asks for, writing joins owned pieces with ranges of other files.
// protobuf.dev/programming-guides/encoding.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/file_writer.h"
#include "ir/tensor.h"

namespace ponte::shared {

enum class WireType : std::uint8_t { Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5 };

// Walks the fields of one message. Reads windows of the source, so that a payload of gigabytes is
// skipped unread. Throws MalformedField or TruncatedFile with the byte of the source.
class WireReader {
 public:
  explicit WireReader(ByteRange message);
  // A message inside another one, which shares what was already read; `depth` counts down to
  // NestingTooDeep.
  WireReader(const WireReader& outer, ByteRange message);

  // Moves to the next field; false at the end. What was not taken of the last one is skipped.
  bool next();
  std::uint32_t field() const { return field_; }
  WireType wire_type() const { return wire_type_; }
  std::uint64_t field_start() const {
    return message_.offset + field_start_;
  }                         // in the source, tag included
  ByteRange field_range();  // the whole field with its tag, as it stands; takes the value

  std::uint64_t varint();
  std::int64_t integer() { return static_cast<std::int64_t>(varint()); }
  float fixed32_float();
  double fixed64_double();
  ByteRange bytes();
  std::string text();  // of at most 16 MiB
  // Repeated scalars, packed or not.
  void integers(std::vector<std::int64_t>& out);
  void floats(std::vector<float>& out);
  int depth() const { return depth_; }
  void set_depth(int depth) { depth_ = depth; }

  const ByteRange& message() const { return message_; }
  [[noreturn]] void malformed(const std::string& what) const;
  [[noreturn]] void truncated(std::uint64_t position, const std::string& what) const;

 private:
  struct Window {
    std::uint64_t offset = 0;  // in the source
    std::vector<std::byte> bytes;
  };
  std::span<const std::byte> peek(
      std::uint64_t count);  // at most count bytes at position_, at least 1
  std::uint64_t raw_varint();
  void raw_bytes(std::span<std::byte> out);
  void require(WireType type) const;
  void skip();

  ByteRange message_;
  std::shared_ptr<const Window> window_;
  std::uint64_t position_ = 0;  // within the message
  std::uint64_t field_start_ = 0;
  std::uint32_t field_ = 0;
  WireType wire_type_ = WireType::Varint;
  bool pending_ = false;
  int depth_ = 64;
};

// A message under construction: owned bytes, ranges of other files, tensors. Its size is known
// before it is written.
class WireMessage {
 public:
  void integer(std::uint32_t field, std::int64_t value);
  void float32(std::uint32_t field, float value);
  void text(std::uint32_t field, std::string_view value);
  void integers(std::uint32_t field, std::span<const std::int64_t> values);  // packed
  void floats(std::uint32_t field, std::span<const float> values);           // packed
  void message(std::uint32_t field, const WireMessage& value);
  void range(std::uint32_t field, const ByteRange& value);  // bytes or a message, as they stand
  void tensor_data(std::uint32_t field, std::shared_ptr<const ir::TensorData> data);
  void raw(const ByteRange& fields);  // whole fields with their tags
  void raw(const WireMessage& fields);

  std::uint64_t size() const { return size_; }
  // Of the bytes that are owned and the sizes of the others: tells messages apart without reading
  // what they refer to.
  std::string outline_hash() const;
  void write_to(FileWriter& file) const;

 private:
  using Piece = std::variant<std::string, ByteRange, std::shared_ptr<const ir::TensorData>>;
  std::string& tail();
  void tag(std::uint32_t field, WireType type);
  void varint(std::uint64_t value);

  std::vector<Piece> pieces_;
  std::uint64_t size_ = 0;
};

// Writes the elements of a tensor in pieces of at most 1 MiB, or by copying its range.
void write_tensor_data(FileWriter& file, const ir::TensorData& data);

}  // namespace ponte::shared
