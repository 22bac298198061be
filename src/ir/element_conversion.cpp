// load_* and store_*: packed elements of each dtype to and from the wide computing types.
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <concepts>
#include <cstring>
#include <limits>

#include "base/check.h"
#include "ir/narrow_floats.h"
#include "ir/packed_bits.h"

namespace ponte::ir {
namespace {

static_assert(std::endian::native == std::endian::little);

template <typename To, typename From>
To convert(From value) {
  if constexpr (std::integral<To> && std::floating_point<From>) {
    if (std::isnan(value)) return 0;
    constexpr To lowest = std::numeric_limits<To>::min();
    constexpr To highest = std::numeric_limits<To>::max();
    // 2^bits is exact in either float type, the highest integer below it may not be.
    const From end = std::ldexp(From{1}, std::numeric_limits<To>::digits);
    if (value >= end) return highest;
    if (value <= static_cast<From>(lowest)) return lowest;
    return static_cast<To>(value);
  } else {
    return static_cast<To>(value);
  }
}

// An integer as a double that rounds to any narrower float as the integer itself does: bits that
// do not fit are kept as one sticky bit (rounding to odd).
template <typename From>
double widened(From value) {
  if constexpr (std::floating_point<From>) {
    return static_cast<double>(value);
  } else {
    const bool negative = std::signed_integral<From> && value < 0;
    const auto bits = static_cast<std::uint64_t>(value);
    std::uint64_t magnitude = negative ? ~bits + 1 : bits;
    const int excess = 64 - std::countl_zero(magnitude) - 53;
    if (excess > 0) {
      const std::uint64_t low = (std::uint64_t{1} << excess) - 1;
      const bool sticky = (magnitude & low) != 0;
      magnitude = (magnitude & ~low) | (sticky ? low + 1 : 0);
    }
    const auto result = static_cast<double>(magnitude);
    return negative ? -result : result;
  }
}

float f16_to_f32(std::uint16_t half) {
  const std::uint32_t magnitude = half & 0x7FFFU;
  const std::uint32_t sign = (half & 0x8000U) << 16;
  std::uint32_t bits;
  if (magnitude >= 0x7C00) {
    bits = 0x7F800000U | (magnitude << 13);
  } else {
    bits = std::bit_cast<std::uint32_t>(std::bit_cast<float>(magnitude << 13) * 0x1p112F);
  }
  return std::bit_cast<float>(bits | sign);
}

float bf16_to_f32(std::uint16_t bits) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

std::uint16_t f32_to_bf16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  if (std::isnan(value)) return static_cast<std::uint16_t>(((bits >> 16) & 0x8000U) | 0x7FC0U);
  return static_cast<std::uint16_t>((bits + 0x7FFFU + ((bits >> 16) & 1U)) >> 16);
}

using Table = std::array<double, 256>;

// The numbers of all patterns of a dtype of at most 8 bits.
Table make_table(DType dtype) {
  Table table{};
  const int bits = info(dtype).bits;
  for (std::size_t code = 0; code < std::size_t{1} << bits; ++code) {
    if (is_float(dtype)) {
      table[code] = decode_float(dtype, code);
    } else {
      const bool negative = is_signed_integer(dtype) && ((code >> (bits - 1)) & 1) != 0;
      table[code] = static_cast<double>(code) - (negative ? std::ldexp(1.0, bits) : 0.0);
    }
  }
  return table;
}

const Table& table_of(DType dtype) {
  static const auto tables = [] {
    std::array<Table, dtype_count> all{};
    for (std::size_t i = 1; i < all.size(); ++i) {
      const auto entry = static_cast<DType>(i);
      const bool is_small_float = is_float(entry) && info(entry).bits <= 8;
      if (is_small_float || (is_integer(entry) && info(entry).bits < 8)) all[i] = make_table(entry);
    }
    return all;
  }();
  return tables[static_cast<std::size_t>(dtype)];
}

void check_size(DType dtype, std::size_t bytes, std::size_t count) {
  PONTE_CHECK(byte_size(dtype, static_cast<std::int64_t>(count)) == bytes);
}

template <typename Stored, typename Out, typename Convert>
void load_each(std::span<const std::byte> packed, std::span<Out> out, const Convert& to_number) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    Stored stored;
    std::memcpy(&stored, packed.data() + i * sizeof(Stored), sizeof(Stored));
    out[i] = convert<Out>(to_number(stored));
  }
}

template <typename Stored, typename Out>
void load_plain(std::span<const std::byte> packed, std::span<Out> out) {
  if constexpr (std::is_same_v<Stored, Out>) {
    if (!out.empty()) std::memcpy(out.data(), packed.data(), packed.size());
  } else {
    load_each<Stored>(packed, out, [](Stored stored) { return stored; });
  }
}

// Pieces of at most `piece` elements through a buffer with one element per byte.
constexpr std::size_t piece = 4096;

template <typename Out>
void load_codes(DType dtype, std::span<const std::byte> packed, std::span<Out> out) {
  const Table& table = table_of(dtype);
  const bool is_float_dtype = is_float(dtype);
  std::array<std::byte, piece> codes;
  const auto bits = static_cast<std::size_t>(info(dtype).bits);
  while (!out.empty()) {
    const std::size_t count = std::min(piece, out.size());
    const std::size_t bytes = (count * bits + 7) / 8;
    std::span<const std::byte> part = packed.first(bytes);
    if (bits < 8) {
      unpack_bits(info(dtype).bits, part, std::span(codes).first(count));
      part = std::span(codes).first(count);
    }
    for (std::size_t i = 0; i < count; ++i) {
      const double number = table[std::to_integer<std::size_t>(part[i])];
      out[i] = is_float_dtype ? convert<Out>(number)
                              : static_cast<Out>(static_cast<std::int64_t>(number));
    }
    out = out.subspan(count);
    packed = packed.subspan(bytes);
  }
}

template <typename Out>
void load(DType dtype, std::span<const std::byte> packed, std::span<Out> out) {
  check_size(dtype, packed.size(), out.size());
  switch (dtype) {
    case DType::Float32:
      return load_plain<float>(packed, out);
    case DType::Float64:
      return load_plain<double>(packed, out);
    case DType::Uint8:
      return load_plain<std::uint8_t>(packed, out);
    case DType::Int8:
      return load_plain<std::int8_t>(packed, out);
    case DType::Uint16:
      return load_plain<std::uint16_t>(packed, out);
    case DType::Int16:
      return load_plain<std::int16_t>(packed, out);
    case DType::Uint32:
      return load_plain<std::uint32_t>(packed, out);
    case DType::Int32:
      return load_plain<std::int32_t>(packed, out);
    case DType::Uint64:
      return load_plain<std::uint64_t>(packed, out);
    case DType::Int64:
      return load_plain<std::int64_t>(packed, out);
    case DType::Bool:
      return load_each<std::uint8_t>(packed, out, [](std::uint8_t byte) { return byte != 0; });
    case DType::Float16:
      return load_each<std::uint16_t>(packed, out, f16_to_f32);
    case DType::Bfloat16:
      return load_each<std::uint16_t>(packed, out, bf16_to_f32);
    default:
      PONTE_CHECK(info(dtype).bits > 0 && info(dtype).bits <= 8);
      return load_codes(dtype, packed, out);
  }
}

template <typename Stored, typename In, typename Convert>
void store_each(std::span<const In> values, std::span<std::byte> packed, const Convert& to_stored) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    const Stored stored = to_stored(values[i]);
    std::memcpy(packed.data() + i * sizeof(Stored), &stored, sizeof(Stored));
  }
}

template <typename Stored, typename In>
void store_plain(std::span<const In> values, std::span<std::byte> packed) {
  if constexpr (std::is_same_v<Stored, In>) {
    if (!values.empty()) std::memcpy(packed.data(), values.data(), packed.size());
  } else {
    store_each<Stored>(values, packed, [](In value) { return convert<Stored>(value); });
  }
}

template <typename In>
std::byte integer_code(DType dtype, In value) {
  if constexpr (std::floating_point<In>) {
    const Range limits = range(dtype);
    if (std::isnan(value)) return std::byte{0};
    const double whole = std::trunc(static_cast<double>(value));
    return static_cast<std::byte>(
        static_cast<int>(std::clamp(whole, limits.lowest, limits.highest)) & 0xFF);
  } else {
    return static_cast<std::byte>(static_cast<std::uint64_t>(value) & 0xFF);
  }
}

template <typename In>
void store_codes(DType dtype, std::span<const In> values, std::span<std::byte> packed,
                 Saturation saturation) {
  std::array<std::byte, piece> codes;
  const auto bits = static_cast<std::size_t>(info(dtype).bits);
  const bool is_float_dtype = is_float(dtype);
  while (!values.empty()) {
    const std::size_t count = std::min(piece, values.size());
    const std::size_t bytes = (count * bits + 7) / 8;
    const std::span<std::byte> part =
        bits == 8 ? packed.first(count) : std::span(codes).first(count);
    for (std::size_t i = 0; i < count; ++i) {
      part[i] = is_float_dtype
                    ? static_cast<std::byte>(encode_float(dtype, widened(values[i]), saturation))
                    : integer_code(dtype, values[i]);
    }
    if (bits < 8) pack_bits(info(dtype).bits, part, packed.first(bytes));
    values = values.subspan(count);
    packed = packed.subspan(bytes);
  }
}

template <typename In>
void store(DType dtype, std::span<const In> values, std::span<std::byte> packed,
           Saturation saturation) {
  check_size(dtype, packed.size(), values.size());
  switch (dtype) {
    case DType::Float32:
      return store_plain<float>(values, packed);
    case DType::Float64:
      return store_plain<double>(values, packed);
    case DType::Uint8:
      return store_plain<std::uint8_t>(values, packed);
    case DType::Int8:
      return store_plain<std::int8_t>(values, packed);
    case DType::Uint16:
      return store_plain<std::uint16_t>(values, packed);
    case DType::Int16:
      return store_plain<std::int16_t>(values, packed);
    case DType::Uint32:
      return store_plain<std::uint32_t>(values, packed);
    case DType::Int32:
      return store_plain<std::int32_t>(values, packed);
    case DType::Uint64:
      return store_plain<std::uint64_t>(values, packed);
    case DType::Int64:
      return store_plain<std::int64_t>(values, packed);
    case DType::Bool:
      return store_each<std::uint8_t>(
          values, packed, [](In value) { return static_cast<std::uint8_t>(value != In{0}); });
    case DType::Bfloat16:
      if constexpr (std::is_same_v<In, float>) {
        return store_each<std::uint16_t>(values, packed, f32_to_bf16);
      }
      [[fallthrough]];
    case DType::Float16:
      return store_each<std::uint16_t>(values, packed, [dtype](In value) {
        return static_cast<std::uint16_t>(encode_float(dtype, widened(value)));
      });
    default:
      PONTE_CHECK(info(dtype).bits > 0 && info(dtype).bits <= 8);
      return store_codes(dtype, values, packed, saturation);
  }
}

}  // namespace

void load_f64(DType dtype, std::span<const std::byte> packed, std::span<double> out) {
  load(dtype, packed, out);
}
void load_f32(DType dtype, std::span<const std::byte> packed, std::span<float> out) {
  load(dtype, packed, out);
}
void load_i64(DType dtype, std::span<const std::byte> packed, std::span<std::int64_t> out) {
  load(dtype, packed, out);
}
void load_u64(DType dtype, std::span<const std::byte> packed, std::span<std::uint64_t> out) {
  load(dtype, packed, out);
}
void store_f64(DType dtype, std::span<const double> values, std::span<std::byte> packed,
               Saturation saturation) {
  store(dtype, values, packed, saturation);
}
void store_f32(DType dtype, std::span<const float> values, std::span<std::byte> packed,
               Saturation saturation) {
  store(dtype, values, packed, saturation);
}
void store_i64(DType dtype, std::span<const std::int64_t> values, std::span<std::byte> packed,
               Saturation saturation) {
  store(dtype, values, packed, saturation);
}
void store_u64(DType dtype, std::span<const std::uint64_t> values, std::span<std::byte> packed,
               Saturation saturation) {
  store(dtype, values, packed, saturation);
}

}  // namespace ponte::ir
