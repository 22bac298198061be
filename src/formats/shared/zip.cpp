#include "formats/shared/zip.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <optional>
#include <set>

#include "base/checked.h"
#include "base/counted.h"
#include "base/error.h"
#include "base/text.h"

namespace ponte::shared {
namespace {

constexpr std::uint64_t end_size = 22, end64_size = 56, locator_size = 20;
constexpr std::uint64_t central_size = 46, local_size = 30;
constexpr std::uint64_t longest_comment = 65'535;
constexpr std::uint64_t largest_total = std::uint64_t{1} << 34;
// Deflate spends at least one bit on 258 bytes, and never less than this on anything.
constexpr std::uint64_t largest_ratio = 1032;
constexpr std::uint32_t in_zip64 = 0xffff'ffff;

[[noreturn]] void malformed(const std::string& what, std::uint64_t byte) {
  throw Error(Code::MalformedField, what).at({.file = {}, .node = {}, .op = {}, .byte = byte});
}

// Little-endian fields of a record that was read whole.
class Fields {
 public:
  Fields(const ByteRange& record, std::uint64_t offset)
      : offset_(offset), bytes_(record.read_all()) {}

  template <typename T>
  T at(std::size_t position) const {
    if (position + sizeof(T) > bytes_.size())
      malformed("a record of the archive is too short", offset_);
    T value{};
    std::memcpy(&value, bytes_.data() + position, sizeof value);
    return value;
  }
  std::string text(std::size_t position, std::size_t size) const {
    if (position + size > bytes_.size()) malformed("a record of the archive is too short", offset_);
    return {reinterpret_cast<const char*>(bytes_.data()) + position, size};
  }
  std::size_t size() const { return bytes_.size(); }
  std::uint64_t offset() const { return offset_; }

 private:
  std::uint64_t offset_;
  std::vector<std::byte> bytes_;
};

struct Directory {
  std::uint64_t count = 0, size = 0, offset = 0;
};

std::uint64_t find_end(const ByteRange& file) {
  if (file.size < end_size) malformed("the archive has no directory", 0);
  const std::uint64_t tail = std::min(file.size, end_size + longest_comment);
  const Fields fields(file.part(file.size - tail, tail), file.size - tail);
  for (std::uint64_t back = end_size; back <= tail; ++back) {
    const auto at = static_cast<std::size_t>(tail - back);
    if (fields.at<std::uint32_t>(at) == 0x0605'4b50 &&
        fields.at<std::uint16_t>(at + 20) == back - end_size)
      return file.size - back;
  }
  malformed("the archive has no directory; it looks truncated", file.size);
}

Directory find_directory(const ByteRange& file) {
  const std::uint64_t end = find_end(file);
  const Fields fields(file.part(end, end_size), end);
  if (fields.at<std::uint16_t>(4) != 0 || fields.at<std::uint16_t>(6) != 0)
    malformed("the archive has several volumes", end);
  Directory directory{fields.at<std::uint16_t>(10), fields.at<std::uint32_t>(12),
                      fields.at<std::uint32_t>(16)};
  std::uint64_t limit = end;
  if (end >= locator_size) {
    const Fields locator(file.part(end - locator_size, locator_size), end - locator_size);
    if (locator.at<std::uint32_t>(0) == 0x0706'4b50) {
      limit = locator.at<std::uint64_t>(8);
      const Fields wide(file.part(limit, end64_size), limit);
      if (wide.at<std::uint32_t>(0) != 0x0606'4b50)
        malformed("the wide directory is missing", limit);
      directory = {wide.at<std::uint64_t>(32), wide.at<std::uint64_t>(40),
                   wide.at<std::uint64_t>(48)};
    }
  }
  const auto directory_end = checked_add(directory.offset, directory.size);
  if (!directory_end || *directory_end != limit)
    malformed("the directory does not lie where the archive says", end);
  if (directory.count > directory.size / central_size) {
    throw Error(Code::CountTooLarge,
                fmt::format("{} not fit a directory of {}",
                            counted(directory.count, "entry does", "entries do"),
                            counted(directory.size, "byte", "bytes")));
  }
  return directory;
}

// The sizes and the offset that stand in the extra field because they did not fit.
void read_zip64(const Fields& fields, std::size_t begin, std::size_t size,
                std::initializer_list<std::uint64_t*> wanted) {
  std::size_t at = begin;
  const std::size_t end = begin + size;
  while (at + 4 <= end) {
    const auto id = fields.at<std::uint16_t>(at);
    const std::size_t length = fields.at<std::uint16_t>(at + 2);
    if (at + 4 + length > end) malformed("an extra field is too long", fields.offset());
    if (id == 1) {
      std::size_t next = at + 4;
      for (std::uint64_t* value : wanted) {
        if (*value != in_zip64) continue;
        if (next + 8 > at + 4 + length) malformed("a wide size is missing", fields.offset());
        *value = fields.at<std::uint64_t>(next);
        next += 8;
      }
      return;
    }
    at += 4 + length;
  }
}

struct Central {
  ZipEntry entry;
  std::uint16_t flags = 0;
  std::uint64_t packed_size = 0, local_offset = 0;
};

Central read_central(const ByteRange& file, std::uint64_t& position, std::uint64_t limit) {
  const Fields head(file.part(position, central_size), position);
  if (head.at<std::uint32_t>(0) != 0x0201'4b50)
    malformed("an entry of the directory is damaged", position);
  const std::uint64_t name = head.at<std::uint16_t>(28), extra = head.at<std::uint16_t>(30),
                      comment = head.at<std::uint16_t>(32);
  const std::uint64_t whole_size = central_size + name + extra + comment;
  if (position + whole_size > limit) malformed("an entry leaves the directory", position);
  const Fields fields(file.part(position, whole_size), position);
  Central central;
  central.flags = fields.at<std::uint16_t>(8);
  central.entry.method = fields.at<std::uint16_t>(10);
  central.entry.crc = fields.at<std::uint32_t>(16);
  central.packed_size = fields.at<std::uint32_t>(20);
  central.entry.size = fields.at<std::uint32_t>(24);
  central.local_offset = fields.at<std::uint32_t>(42);
  central.entry.name = fields.text(central_size, static_cast<std::size_t>(name));
  read_zip64(fields, static_cast<std::size_t>(central_size + name), static_cast<std::size_t>(extra),
             {&central.entry.size, &central.packed_size, &central.local_offset});
  position += whole_size;
  return central;
}

void check_method(const Central& central) {
  const std::string name = escape_control(central.entry.name, 60);
  if ((central.flags & 1) != 0)
    throw Error(Code::UnknownFormat, fmt::format("`{}` is encrypted", name));
  if (central.entry.method != 0 && central.entry.method != 8) {
    throw Error(Code::UnknownFormat,
                fmt::format("`{}` is packed by method {}", name, central.entry.method),
                "methods are 0 (stored) and 8 (deflated)");
  }
  const bool is_stored = central.entry.method == 0;
  if (is_stored ? central.entry.size != central.packed_size
                : central.entry.size / largest_ratio > central.packed_size)
    malformed(fmt::format("the sizes of `{}` contradict each other", name), central.local_offset);
}

// The local header must say what the directory says; a streamed entry has its sizes behind it.
std::uint64_t data_offset(const ByteRange& file, const Central& central) {
  const std::uint64_t at = central.local_offset;
  const Fields head(file.part(at, local_size), at);
  if (head.at<std::uint32_t>(0) != 0x0403'4b50) malformed("an entry has no header", at);
  const std::uint64_t name = head.at<std::uint16_t>(26), extra = head.at<std::uint16_t>(28);
  const Fields fields(file.part(at, local_size + name + extra), at);
  std::uint64_t packed = fields.at<std::uint32_t>(18), size = fields.at<std::uint32_t>(22);
  read_zip64(fields, static_cast<std::size_t>(local_size + name), static_cast<std::size_t>(extra),
             {&size, &packed});
  const bool is_streamed = (central.flags & 8) != 0;
  const auto agrees = [&](std::uint64_t own, std::uint64_t listed) {
    return own == listed || (is_streamed && own == 0);
  };
  const bool same = fields.at<std::uint16_t>(6) == central.flags &&
                    fields.at<std::uint16_t>(8) == central.entry.method &&
                    fields.text(local_size, static_cast<std::size_t>(name)) == central.entry.name &&
                    agrees(fields.at<std::uint32_t>(14), central.entry.crc) &&
                    agrees(packed, central.packed_size) && agrees(size, central.entry.size);
  if (!same) malformed("the header of an entry contradicts the directory", at);
  return at + local_size + name + extra;
}

void check_overlaps(std::vector<std::pair<std::uint64_t, std::uint64_t>> spans,
                    std::uint64_t directory) {
  std::ranges::sort(spans);
  std::uint64_t end = 0;
  for (const auto& [first, last] : spans) {
    if (first < end || last > directory) malformed("entries of the archive overlap", first);
    end = last;
  }
}

std::vector<std::byte> inflated(const ZipEntry& entry) {
  std::vector<std::byte> out(entry.size);
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK)
    throw Error(Code::SystemCallFailed, "there is not enough memory to unpack");
  const auto free_stream = [](z_stream* s) { inflateEnd(s); };
  const std::unique_ptr<z_stream, decltype(free_stream)> guard(&stream, free_stream);
  constexpr std::uint64_t step = 1 << 20;
  std::vector<std::byte> in;
  std::uint64_t read = 0, written = 0;
  int status = Z_OK;
  while (status == Z_OK) {
    if (stream.avail_in == 0 && read < entry.packed.size) {
      in.resize(std::min(step, entry.packed.size - read));
      entry.packed.read(read, in);
      read += in.size();
      stream.next_in = reinterpret_cast<Bytef*>(in.data());
      stream.avail_in = static_cast<uInt>(in.size());
    }
    const std::uint64_t room = std::min(step, out.size() - written);
    std::byte spare{};  // where an entry that is longer than it says would go
    stream.next_out = reinterpret_cast<Bytef*>(room > 0 ? out.data() + written : &spare);
    stream.avail_out = room > 0 ? static_cast<uInt>(room) : 1;
    const uInt before = stream.avail_out;
    status = inflate(&stream, Z_NO_FLUSH);
    const std::uint64_t made = before - stream.avail_out;
    if (room == 0 && made > 0) status = Z_DATA_ERROR;
    written += room > 0 ? made : 0;
  }
  if (status != Z_STREAM_END || written != out.size() || read != entry.packed.size ||
      stream.avail_in != 0)
    malformed(fmt::format("`{}` can't be unpacked", escape_control(entry.name, 60)),
              entry.packed.offset);
  return out;
}

std::uint32_t checksum(const ByteRange& range) {
  uLong crc = crc32_z(0, nullptr, 0);
  std::vector<std::byte> part;
  constexpr std::uint64_t step = 1 << 20;
  for (std::uint64_t at = 0; at < range.size; at += step) {
    part.resize(std::min(step, range.size - at));
    range.read(at, part);
    crc = crc32_z(crc, reinterpret_cast<const Bytef*>(part.data()), part.size());
  }
  return static_cast<std::uint32_t>(crc);
}

}  // namespace

ZipArchive::ZipArchive(std::shared_ptr<const ByteSource> source) {
  const ByteRange file = whole(std::move(source));
  const Directory directory = find_directory(file);
  std::vector<std::pair<std::uint64_t, std::uint64_t>> spans;
  std::set<std::string> names;
  std::uint64_t position = directory.offset, total = 0;
  for (std::uint64_t i = 0; i < directory.count; ++i) {
    Central central = read_central(file, position, directory.offset + directory.size);
    check_method(central);
    if (!names.insert(central.entry.name).second)
      malformed("two entries have the same name", central.local_offset);
    const std::uint64_t data = data_offset(file, central);
    central.entry.packed = file.part(data, central.packed_size);
    spans.emplace_back(central.local_offset, data + central.packed_size);
    total += std::min(central.entry.size, largest_total);
    if (total > largest_total)
      throw Error(Code::CountTooLarge, "the entries of the archive are over 16 GiB together");
    entries_.push_back(std::move(central.entry));
  }
  if (position != directory.offset + directory.size)
    malformed("the directory has bytes that are no entry", position);
  check_overlaps(std::move(spans), directory.offset);
}

ByteRange unpack(const ZipEntry& entry) {
  ByteRange range =
      entry.method == 0 ? entry.packed : whole(buffer_source(inflated(entry), entry.name));
  if (checksum(range) != entry.crc)
    malformed(fmt::format("the checksum of `{}` is wrong", escape_control(entry.name, 60)),
              entry.packed.offset);
  return range;
}

}  // namespace ponte::shared
