// Buffers and ranges; the files behind ranges are in file_source.cpp.
#include "base/bytes.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/checked.h"
#include "base/error.h"
#include "base/text.h"

namespace ponte {
namespace {

[[noreturn]] void throw_truncated(std::string_view name, std::uint64_t offset, std::uint64_t count,
                                  std::uint64_t size) {
  throw Error(Code::TruncatedFile,
              fmt::format("{} bytes are needed at byte {}, and there are {} in all", grouped(count),
                          grouped(offset), grouped(size)))
      .at({.file = std::string(name), .node = {}, .op = {}, .byte = offset});
}

class BufferSource final : public ByteSource {
 public:
  BufferSource(std::vector<std::byte> bytes, std::string name)
      : bytes_(std::move(bytes)), name_(std::move(name)) {}

  std::uint64_t size() const override { return bytes_.size(); }
  std::span<const std::byte> in_memory() const override { return bytes_; }
  std::string describe() const override { return name_; }

  void read(std::uint64_t offset, std::span<std::byte> out) const override {
    if (offset > bytes_.size() || out.size() > bytes_.size() - offset) {
      throw_truncated(name_, offset, out.size(), bytes_.size());
    }
    std::ranges::copy(std::span(bytes_).subspan(offset, out.size()), out.begin());
  }

 private:
  std::vector<std::byte> bytes_;
  std::string name_;
};

// A range may have been put together from numbers of a file: nothing is reserved before it is known
// to lie inside.
void require_inside(const ByteRange& range) {
  if (range.size == 0) return;
  PONTE_CHECK(range.source != nullptr);
  const auto end = checked_add(range.offset, range.size);
  if (!end || *end > range.source->size()) {
    throw_truncated(range.source->describe(), range.offset, range.size, range.source->size());
  }
}

}  // namespace

ByteRange ByteRange::part(std::uint64_t first, std::uint64_t count) const {
  const auto start = checked_add(offset, first);
  if (!start || first > size || count > size - first) {
    throw_truncated(source ? source->describe() : "", first, count, size);
  }
  return {source, *start, count};
}

void ByteRange::read(std::uint64_t first, std::span<std::byte> out) const {
  const ByteRange wanted = part(first, out.size());
  if (!out.empty()) wanted.source->read(wanted.offset, out);
}

std::vector<std::byte> ByteRange::read_all() const {
  require_inside(*this);
  std::vector<std::byte> bytes(size);
  read(0, bytes);
  return bytes;
}

std::string ByteRange::read_text() const {
  require_inside(*this);
  std::string text(size, '\0');
  read(0, std::as_writable_bytes(std::span(text)));
  return text;
}

std::shared_ptr<const ByteSource> buffer_source(std::vector<std::byte> bytes, std::string name) {
  return std::make_shared<BufferSource>(std::move(bytes), std::move(name));
}

std::shared_ptr<const ByteSource> buffer_source(std::string_view text, std::string name) {
  const auto bytes = std::as_bytes(std::span(text));
  return buffer_source(std::vector<std::byte>(bytes.begin(), bytes.end()), std::move(name));
}

ByteRange whole(std::shared_ptr<const ByteSource> source) {
  const std::uint64_t size = source->size();
  return {std::move(source), 0, size};
}

}  // namespace ponte
