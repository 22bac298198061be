#include "base/hash.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <new>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace ponte {
namespace {

constexpr std::uint64_t chunk_size = std::uint64_t{1} << 18;

std::string hexadecimal(XXH128_hash_t hash) {
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

std::string hash_part(const ByteSource& source, std::uint64_t offset, std::uint64_t size) {
  const std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> state(XXH3_createState(),
                                                                       &XXH3_freeState);
  if (!state) throw std::bad_alloc();
  XXH3_128bits_reset(state.get());
  std::vector<std::byte> chunk(std::min(chunk_size, size));
  while (size > 0) {
    const auto part = std::span(chunk).first(std::min<std::uint64_t>(chunk.size(), size));
    source.read(offset, part);
    XXH3_128bits_update(state.get(), part.data(), part.size());
    offset += part.size();
    size -= part.size();
  }
  return hexadecimal(XXH3_128bits_digest(state.get()));
}

}  // namespace

std::string content_hash(const ByteRange& range) {
  if (range.size == 0) return content_hash(std::span<const std::byte>());
  const ByteRange inside = whole(range.source).part(range.offset, range.size);
  return hash_part(*inside.source, inside.offset, inside.size);
}

std::string content_hash(const ByteSource& source) { return hash_part(source, 0, source.size()); }

std::string content_hash(std::span<const std::byte> bytes) {
  return hexadecimal(XXH3_128bits(bytes.data(), bytes.size()));
}

std::string content_hash(std::string_view text) {
  return content_hash(std::as_bytes(std::span(text)));
}

}  // namespace ponte
