#include "ir/packed_bits.h"

#include <algorithm>

#include "base/check.h"

namespace ponte::ir {
namespace {

std::size_t packed_size(int bits, std::size_t count) {
  const auto width = static_cast<std::size_t>(bits);
  return count / 8 * width + (count % 8 * width + 7) / 8;
}

template <int Bits>
void unpack(std::span<const std::byte> packed, std::span<std::byte> codes) {
  constexpr std::byte mask{(1U << Bits) - 1};
  constexpr std::size_t per_byte = 8 / Bits;
  const std::size_t whole = codes.size() / per_byte;
  for (std::size_t i = 0; i < whole; ++i) {
    for (std::size_t k = 0; k < per_byte; ++k) {
      codes[i * per_byte + k] = (packed[i] >> (k * Bits)) & mask;
    }
  }
  for (std::size_t i = whole * per_byte; i < codes.size(); ++i) {
    codes[i] = (packed[whole] >> ((i % per_byte) * Bits)) & mask;
  }
}

template <int Bits>
void pack(std::span<const std::byte> codes, std::span<std::byte> packed) {
  constexpr std::byte mask{(1U << Bits) - 1};
  constexpr std::size_t per_byte = 8 / Bits;
  const std::size_t whole = codes.size() / per_byte;
  for (std::size_t i = 0; i < whole; ++i) {
    std::byte byte{0};
    for (std::size_t k = 0; k < per_byte; ++k) {
      byte |= (codes[i * per_byte + k] & mask) << (k * Bits);
    }
    packed[i] = byte;
  }
  if (whole < packed.size()) packed[whole] = std::byte{0};
  for (std::size_t i = whole * per_byte; i < codes.size(); ++i) {
    packed[whole] |= (codes[i] & mask) << ((i % per_byte) * Bits);
  }
}

}  // namespace

void unpack_bits(int bits, std::span<const std::byte> packed, std::span<std::byte> codes) {
  PONTE_CHECK(packed.size() == packed_size(bits, codes.size()));
  if (bits == 2) return unpack<2>(packed, codes);
  if (bits == 4) return unpack<4>(packed, codes);
  const unsigned mask = (1U << bits) - 1;
  unsigned buffer = 0;
  int held = 0;
  std::size_t next = 0;
  for (std::byte& code : codes) {
    if (held < bits) {
      buffer |= std::to_integer<unsigned>(packed[next++]) << held;
      held += 8;
    }
    code = static_cast<std::byte>(buffer & mask);
    buffer >>= bits;
    held -= bits;
  }
}

void pack_bits(int bits, std::span<const std::byte> codes, std::span<std::byte> packed) {
  PONTE_CHECK(packed.size() == packed_size(bits, codes.size()));
  if (bits == 2) return pack<2>(codes, packed);
  if (bits == 4) return pack<4>(codes, packed);
  const unsigned mask = (1U << bits) - 1;
  unsigned buffer = 0;
  int held = 0;
  std::size_t next = 0;
  for (const std::byte code : codes) {
    buffer |= (std::to_integer<unsigned>(code) & mask) << held;
    held += bits;
    if (held >= 8) {
      packed[next++] = static_cast<std::byte>(buffer & 0xFF);
      buffer >>= 8;
      held -= 8;
    }
  }
  if (held > 0) packed[next] = static_cast<std::byte>(buffer & 0xFF);
}

}  // namespace ponte::ir
