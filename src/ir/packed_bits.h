// Elements of 2, 4 or 6 bits: packed as a contiguous little-endian bit stream, or one per byte.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace ponte::ir {

// The smallest number of elements that fills whole bytes, and those bytes.
struct BitGroup {
  std::int64_t elements;
  std::uint64_t bytes;
};
constexpr BitGroup bit_group(int bits) {
  if (bits >= 8) return {1, static_cast<std::uint64_t>(bits) / 8};
  return bits == 6 ? BitGroup{4, 3} : BitGroup{8 / bits, 1};
}

// One element into each byte of `codes`; `packed` has the bytes of that many elements.
void unpack_bits(int bits, std::span<const std::byte> packed, std::span<std::byte> codes);

// The opposite; bits of a code above `bits` are ignored, unused bits of the last byte are zero.
void pack_bits(int bits, std::span<const std::byte> codes, std::span<std::byte> packed);

}  // namespace ponte::ir
