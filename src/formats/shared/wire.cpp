#include "formats/shared/wire.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <iterator>
#include <protozero/varint.hpp>
#include <utility>

#include "base/counted.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"

namespace ponte::shared {
namespace {

constexpr std::uint64_t window_size = std::uint64_t{64} * 1024;
constexpr std::uint64_t text_limit = std::uint64_t{16} * 1024 * 1024;

}  // namespace

WireReader::WireReader(ByteRange message) : message_(std::move(message)) {}

WireReader::WireReader(const WireReader& outer, ByteRange message)
    : message_(std::move(message)), window_(outer.window_), depth_(outer.depth_ - 1) {
  if (depth_ < 0) {
    throw Error(Code::NestingTooDeep, "messages are nested too deep",
                "raise the limit with --max-depth")
        .at({.file = {}, .node = {}, .op = {}, .byte = message_.offset});
  }
}

void WireReader::malformed(const std::string& what) const {
  throw Error(Code::MalformedField, what)
      .at({.file = {}, .node = {}, .op = {}, .byte = message_.offset + position_});
}

void WireReader::truncated(std::uint64_t position, const std::string& what) const {
  throw Error(Code::TruncatedFile, what, "was a download or copy cut short? fetch the file again")
      .at({.file = {}, .node = {}, .op = {}, .byte = message_.offset + position});
}

std::span<const std::byte> WireReader::peek(std::uint64_t count) {
  const std::uint64_t left = message_.size - position_;
  if (left == 0) truncated(position_, "a message ends in the middle of a field");
  const std::uint64_t at = message_.offset + position_;
  const bool inside =
      window_ && at >= window_->offset && at < window_->offset + window_->bytes.size();
  if (!inside) {
    auto window = std::make_shared<Window>();
    window->offset = at;
    // Beyond the message, so that the messages after it find their bytes here as well.
    window->bytes.resize(std::min(window_size, message_.source->size() - at));
    message_.source->read(at, window->bytes);
    window_ = std::move(window);
  }
  const std::uint64_t skipped = at - window_->offset;
  return std::span(window_->bytes)
      .subspan(skipped, std::min({count, left, window_->bytes.size() - skipped}));
}

std::uint64_t WireReader::raw_varint() {
  std::uint64_t value = 0;
  for (int shift = 0; shift < 70; shift += 7) {
    const auto byte = std::to_integer<std::uint64_t>(peek(1)[0]);
    ++position_;
    if (shift == 63 && byte > 1) malformed("a number of more than 64 bits");
    value |= (byte & 0x7F) << shift;
    if ((byte & 0x80) == 0) return value;
  }
  malformed("a number of more than ten bytes");
}

void WireReader::raw_bytes(std::span<std::byte> out) {
  if (out.size() > message_.size - position_)
    truncated(position_, "a message ends in the middle of a field");
  while (!out.empty()) {
    const auto part = peek(out.size());
    std::ranges::copy(part, out.begin());
    position_ += part.size();
    out = out.subspan(part.size());
  }
}

bool WireReader::next() {
  if (pending_) skip();
  if (position_ == message_.size) return false;
  field_start_ = position_;
  const std::uint64_t tag = raw_varint();
  const std::uint64_t number = tag >> 3;
  if (number == 0 || number > 0x1FFFFFFF)
    malformed(fmt::format("field number {} does not exist", number));
  const std::uint64_t type = tag & 7;
  if (type != 0 && type != 1 && type != 2 && type != 5)
    malformed(fmt::format("wire type {} does not exist", type));
  field_ = static_cast<std::uint32_t>(number);
  wire_type_ = static_cast<WireType>(type);
  pending_ = true;
  return true;
}

void WireReader::require(WireType type) const {
  if (wire_type_ != type) {
    malformed(fmt::format("field {} has wire type {}", field_, static_cast<int>(wire_type_)));
  }
}

void WireReader::skip() {
  pending_ = false;
  std::array<std::byte, 8> scratch;
  switch (wire_type_) {
    case WireType::Varint:
      raw_varint();
      return;
    case WireType::Fixed64:
      raw_bytes(scratch);
      return;
    case WireType::Fixed32:
      raw_bytes(std::span(scratch).first(4));
      return;
    case WireType::Bytes:
      bytes();
      return;
  }
}

ByteRange WireReader::field_range() {
  if (pending_) skip();
  return message_.part(field_start_, position_ - field_start_);
}

std::uint64_t WireReader::varint() {
  require(WireType::Varint);
  pending_ = false;
  return raw_varint();
}

float WireReader::fixed32_float() {
  require(WireType::Fixed32);
  pending_ = false;
  std::array<std::byte, 4> raw;
  raw_bytes(raw);
  return std::bit_cast<float>(raw);
}

double WireReader::fixed64_double() {
  require(WireType::Fixed64);
  pending_ = false;
  std::array<std::byte, 8> raw;
  raw_bytes(raw);
  return std::bit_cast<double>(raw);
}

ByteRange WireReader::bytes() {
  require(WireType::Bytes);
  pending_ = false;
  const std::uint64_t size = raw_varint();
  if (size > message_.size - position_)
    truncated(field_start_, fmt::format("field {} needs {}, of which {} left", field_,
                                        counted(size, "byte", "bytes"),
                                        counted(message_.size - position_, "is", "are")));
  ByteRange range = message_.part(position_, size);
  position_ += size;
  return range;
}

std::string WireReader::text() {
  const ByteRange range = bytes();
  if (range.size > text_limit) malformed(fmt::format("a text of {} bytes", grouped(range.size)));
  std::string text(range.size, '\0');
  const std::uint64_t end = position_;
  position_ = end - range.size;
  raw_bytes(std::as_writable_bytes(std::span(text)));
  return text;
}

void WireReader::integers(std::vector<std::int64_t>& out) {
  if (wire_type_ != WireType::Bytes) {
    out.push_back(integer());
    return;
  }
  const ByteRange packed = bytes();
  const std::uint64_t end = position_;
  position_ = end - packed.size;
  while (position_ < end) out.push_back(static_cast<std::int64_t>(raw_varint()));
  if (position_ != end) malformed("a packed list ends in the middle of a number");
}

void WireReader::floats(std::vector<float>& out) {
  if (wire_type_ != WireType::Bytes) {
    out.push_back(fixed32_float());
    return;
  }
  const ByteRange packed = bytes();
  if (packed.size % 4 != 0) malformed("a packed list ends in the middle of a number");
  const std::size_t first = out.size();
  out.resize(first + packed.size / 4);
  packed.read(0, std::as_writable_bytes(std::span(out).subspan(first)));
}

std::string& WireMessage::tail() {
  if (pieces_.empty() || !std::holds_alternative<std::string>(pieces_.back()))
    pieces_.emplace_back(std::string());
  return std::get<std::string>(pieces_.back());
}

void WireMessage::varint(std::uint64_t value) {
  size_ += static_cast<std::uint64_t>(protozero::write_varint(std::back_inserter(tail()), value));
}

void WireMessage::tag(std::uint32_t field, WireType type) {
  varint((static_cast<std::uint64_t>(field) << 3) | static_cast<std::uint64_t>(type));
}

void WireMessage::integer(std::uint32_t field, std::int64_t value) {
  tag(field, WireType::Varint);
  varint(static_cast<std::uint64_t>(value));
}

void WireMessage::float32(std::uint32_t field, float value) {
  tag(field, WireType::Fixed32);
  const auto raw = std::bit_cast<std::array<char, 4>>(value);
  tail().append(raw.data(), raw.size());
  size_ += raw.size();
}

void WireMessage::text(std::uint32_t field, std::string_view value) {
  tag(field, WireType::Bytes);
  varint(value.size());
  tail().append(value);
  size_ += value.size();
}

void WireMessage::integers(std::uint32_t field, std::span<const std::int64_t> values) {
  WireMessage packed;
  for (const std::int64_t value : values) packed.varint(static_cast<std::uint64_t>(value));
  message(field, std::move(packed));
}

void WireMessage::floats(std::uint32_t field, std::span<const float> values) {
  const auto raw = std::as_bytes(values);
  text(field, {reinterpret_cast<const char*>(raw.data()), raw.size()});
}

void WireMessage::message(std::uint32_t field, const WireMessage& value) {
  tag(field, WireType::Bytes);
  varint(value.size_);
  raw(value);
}

void WireMessage::range(std::uint32_t field, const ByteRange& value) {
  tag(field, WireType::Bytes);
  varint(value.size);
  raw(value);
}

void WireMessage::tensor_data(std::uint32_t field, std::shared_ptr<const ir::TensorData> data) {
  tag(field, WireType::Bytes);
  varint(data->size_bytes());
  size_ += data->size_bytes();
  pieces_.emplace_back(std::move(data));
}

void WireMessage::raw(const ByteRange& fields) {
  if (fields.size == 0) return;
  size_ += fields.size;
  pieces_.emplace_back(fields);
}

void WireMessage::raw(const WireMessage& fields) {
  for (const Piece& piece : fields.pieces_) {
    if (const auto* text = std::get_if<std::string>(&piece)) {
      tail() += *text;
    } else {
      pieces_.push_back(piece);
    }
  }
  size_ += fields.size_;
}

std::string WireMessage::outline_hash() const {
  std::string outline;
  for (const Piece& piece : pieces_) {
    if (const auto* text = std::get_if<std::string>(&piece)) {
      outline += *text;
    } else if (const auto* range = std::get_if<ByteRange>(&piece)) {
      outline += fmt::format("[{}]", range->size);
    } else {
      outline +=
          fmt::format("[{}]", std::get<std::shared_ptr<const ir::TensorData>>(piece)->size_bytes());
    }
  }
  return content_hash(std::string_view(outline));
}

void WireMessage::write_to(FileWriter& file) const {
  for (const Piece& piece : pieces_) {
    if (const auto* text = std::get_if<std::string>(&piece)) {
      file.write(*text);
    } else if (const auto* range = std::get_if<ByteRange>(&piece)) {
      file.copy(*range);
    } else {
      write_tensor_data(file, *std::get<std::shared_ptr<const ir::TensorData>>(piece));
    }
  }
}

void write_tensor_data(FileWriter& file, const ir::TensorData& data) {
  if (const auto range = data.range()) {
    file.copy(*range);
    return;
  }
  file.require_space(data.size_bytes());
  constexpr std::uint64_t chunk = 1 << 20;
  std::vector<std::byte> buffer;
  for (std::uint64_t offset = 0; offset < data.size_bytes(); offset += chunk) {
    buffer.resize(std::min(chunk, data.size_bytes() - offset));
    data.read(offset, buffer);
    file.write(buffer);
  }
}

}  // namespace ponte::shared
