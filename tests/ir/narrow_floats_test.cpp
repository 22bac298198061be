#include "ir/narrow_floats.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <fstream>
#include <limits>
#include <sstream>
#include <vector>

#include "base/random.h"
#include "ir/packed_bits.h"
#include "paths.h"

namespace ponte::ir {
namespace {

constexpr DType narrow[] = {DType::Float16,        DType::Bfloat16,   DType::Float8E4M3FN,
                            DType::Float8E4M3FNUZ, DType::Float8E5M2, DType::Float8E5M2FNUZ,
                            DType::Float8E8M0,     DType::Float6E2M3, DType::Float6E3M2,
                            DType::Float4E2M1};
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

std::uint32_t f32_bits(double value) {
  return std::isnan(value) ? 0x7FC00000U : std::bit_cast<std::uint32_t>(static_cast<float>(value));
}

std::uint32_t crc32(std::span<const std::byte> bytes) {
  std::uint32_t crc = 0xFFFFFFFFU;
  for (const std::byte byte : bytes) {
    crc ^= std::to_integer<std::uint32_t>(byte);
    for (int i = 0; i < 8; ++i) crc = (crc >> 1) ^ ((crc & 1U) != 0 ? 0xEDB88320U : 0U);
  }
  return ~crc;
}

std::vector<std::byte> packed_patterns(DType dtype) {
  const int bits = info(dtype).bits;
  const std::size_t count = std::size_t{1} << bits;
  std::vector<std::byte> packed(*byte_size(dtype, static_cast<std::int64_t>(count)));
  for (std::size_t i = 0; bits >= 8 && i < count; ++i) {
    std::memcpy(packed.data() + i * static_cast<std::size_t>(bits) / 8, &i,
                static_cast<std::size_t>(bits) / 8);
  }
  if (bits < 8) {
    std::vector<std::byte> codes(count);
    for (std::size_t i = 0; i < count; ++i) codes[i] = static_cast<std::byte>(i);
    pack_bits(bits, codes, packed);
  }
  return packed;
}

class Recorded : public testing::TestWithParam<DType> {
 protected:
  // Calls `visit` with the words behind each line that begins with `kind`.
  template <typename Visit>
  static int for_each_line(const std::string& kind, const Visit& visit) {
    std::ifstream file((test::data_folder() / "ir/").string() + std::string(to_string(GetParam())) +
                       ".txt");
    int count = 0;
    for (std::string line; std::getline(file, line);) {
      std::istringstream words(line);
      std::string first;
      words >> first >> std::hex;
      if (first != kind) continue;
      ++count;
      visit(words);
    }
    return count;
  }
};

TEST_P(Recorded, EveryPatternHasItsNumber) {
  const DType dtype = GetParam();
  std::vector<std::uint32_t> bits;
  for (std::uint64_t code = 0; code < std::uint64_t{1} << info(dtype).bits; ++code) {
    bits.push_back(f32_bits(decode_float(dtype, code)));
  }
  const int patterns = for_each_line("decode", [&](std::istream& words) {
    std::size_t code = 0;
    std::uint32_t expected = 0;
    words >> code >> expected;
    EXPECT_EQ(bits.at(code), expected) << code;
  });
  const int digests = for_each_line("digest", [&](std::istream& words) {
    std::uint32_t expected = 0;
    words >> expected;
    EXPECT_EQ(crc32(std::as_bytes(std::span(bits))), expected);
  });
  EXPECT_TRUE(static_cast<std::size_t>(patterns) == bits.size() || digests == 1);
}

TEST_P(Recorded, NumbersBecomeTheRecordedPatterns) {
  const DType dtype = GetParam();
  const int count = for_each_line("encode", [&](std::istream& words) {
    std::uint64_t bits = 0, overflowed = 0, saturated = 0;
    words >> bits >> overflowed >> saturated;
    const auto value = std::bit_cast<double>(bits);
    EXPECT_EQ(encode_float(dtype, value, Saturation::Overflow), overflowed) << value;
    EXPECT_EQ(encode_float(dtype, value, Saturation::Saturate), saturated) << value;
    EXPECT_EQ(std::bit_cast<std::uint64_t>(round_to(dtype, value)),
              std::bit_cast<std::uint64_t>(decode_float(dtype, overflowed)));
  });
  EXPECT_GT(count, 100);
}

TEST_P(Recorded, EveryNumberSurvivesEncoding) {
  const DType dtype = GetParam();
  for (std::uint64_t code = 0; code < std::uint64_t{1} << info(dtype).bits; ++code) {
    const double value = decode_float(dtype, code);
    const std::uint64_t again = encode_float(dtype, value);
    if (std::isnan(value)) {
      EXPECT_TRUE(std::isnan(decode_float(dtype, again)));
    } else {
      EXPECT_EQ(again, code) << value;
    }
  }
}

TEST_P(Recorded, LoadingAgreesWithDecoding) {
  const DType dtype = GetParam();
  const std::vector<std::byte> packed = packed_patterns(dtype);
  const std::size_t count = std::size_t{1} << info(dtype).bits;
  std::vector<double> wide(count);
  std::vector<float> single(count);
  load_f64(dtype, packed, wide);
  load_f32(dtype, packed, single);
  for (std::size_t code = 0; code < count; ++code) {
    const double expected = decode_float(dtype, code);
    ASSERT_EQ(f32_bits(wide[code]), f32_bits(expected)) << code;
    ASSERT_EQ(f32_bits(static_cast<double>(single[code])), f32_bits(expected)) << code;
  }
}

TEST_P(Recorded, StoringAgreesWithEncoding) {
  const DType dtype = GetParam();
  const int bits = info(dtype).bits;
  Random random(11);
  std::vector<double> wide{0, -0.0, infinity, -infinity, nan, 1e9, -1e9};
  const Range limits = range(dtype);
  while (wide.size() < 10001) {
    const double magnitude = std::ldexp(limits.highest, -static_cast<int>(random.below(30)));
    wide.push_back((2.5 * random.uniform() - 1.25) * magnitude);
  }
  std::vector<float> single;
  for (const double value : wide) single.push_back(static_cast<float>(value));
  const auto size = *byte_size(dtype, static_cast<std::int64_t>(wide.size()));
  const auto code_at = [&](const std::vector<std::byte>& packed, std::size_t i) {
    std::uint64_t code = 0;
    for (int b = 0; b < bits; ++b) {
      const std::size_t at = i * static_cast<std::size_t>(bits) + static_cast<std::size_t>(b);
      code |= ((std::to_integer<std::uint64_t>(packed[at / 8]) >> (at % 8)) & 1) << b;
    }
    return code;
  };
  for (const Saturation saturation : {Saturation::Saturate, Saturation::Overflow}) {
    std::vector<std::byte> from_wide(size, std::byte{0xFF}), from_single(size, std::byte{0xFF});
    store_f64(dtype, wide, from_wide, saturation);
    store_f32(dtype, single, from_single, saturation);
    for (std::size_t i = 0; i < wide.size(); ++i) {
      ASSERT_EQ(code_at(from_wide, i), encode_float(dtype, wide[i], saturation)) << wide[i];
      ASSERT_EQ(code_at(from_single, i),
                encode_float(dtype, static_cast<double>(single[i]), saturation));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(NarrowFloats, Recorded, testing::ValuesIn(narrow),
                         [](const auto& test) { return std::string(to_string(test.param)); });

// The two columns of the table in Cast's specification, and the rounding modes beside each other.
TEST(NarrowFloats, ScalesFollowTheTableOfCast) {
  const auto up = [](double x) { return encode_scale(x, ScaleRounding::Up, Saturation::Saturate); };
  const auto nearest = [](double x) {
    return encode_scale(x, ScaleRounding::Nearest, Saturation::Overflow);
  };
  constexpr std::uint64_t not_a_number = 0xFF, largest = 0xFE;
  EXPECT_EQ(up(0), 0U);
  EXPECT_EQ(up(nan), not_a_number);
  EXPECT_EQ(up(infinity), largest);
  EXPECT_EQ(up(0x1p128), largest);
  EXPECT_EQ(up(0x1p-140), 0U);
  EXPECT_EQ(nearest(0), not_a_number);
  EXPECT_EQ(nearest(nan), not_a_number);
  EXPECT_EQ(nearest(infinity), not_a_number);
  EXPECT_EQ(nearest(0x1p128), not_a_number);
  EXPECT_EQ(nearest(0x1p-140), not_a_number);
  EXPECT_EQ(up(1), 127U);
  EXPECT_EQ(up(1.01), 128U);
  EXPECT_EQ(nearest(1.49), 127U);
  EXPECT_EQ(nearest(1.5), 128U) << "ties round up";
  EXPECT_EQ(encode_scale(1.99, ScaleRounding::Down, Saturation::Saturate), 127U);
  EXPECT_EQ(encode_scale(0x1p-127, ScaleRounding::Down, Saturation::Overflow), 0U);
}

TEST(NarrowFloats, WideFloatsOverflowToInfinityEvenWhereF8Saturates) {
  EXPECT_EQ(encode_float(DType::Float16, 65520, Saturation::Saturate), 0x7C00U);
  EXPECT_EQ(encode_float(DType::Float16, 65519.99, Saturation::Saturate), 0x7BFFU);
  EXPECT_EQ(encode_float(DType::Bfloat16, -1e39, Saturation::Saturate), 0xFF80U);
  EXPECT_EQ(encode_float(DType::Float32, 1e39), 0x7F800000U);
  EXPECT_EQ(encode_float(DType::Float8E4M3FN, 1e39, Saturation::Saturate), 0x7EU);
}

TEST(NarrowFloats, F32PatternsAreThoseOfTheProcessor) {
  Random random(12);
  for (int i = 0; i < 100000; ++i) {
    const double value =
        std::ldexp(2 * random.uniform() - 1, static_cast<int>(random.below(290)) - 155);
    const auto expected = std::bit_cast<std::uint32_t>(static_cast<float>(value));
    ASSERT_EQ(encode_float(DType::Float32, value), expected) << value;
    ASSERT_EQ(decode_float(DType::Float32, expected),
              static_cast<double>(static_cast<float>(value)));
  }
}

template <typename T>
std::vector<T> loaded(DType dtype, std::vector<std::uint8_t> bytes, std::size_t count) {
  std::vector<T> out(count);
  const auto packed = std::as_bytes(std::span(bytes));
  if constexpr (std::is_same_v<T, double>) load_f64(dtype, packed, out);
  if constexpr (std::is_same_v<T, float>) load_f32(dtype, packed, out);
  if constexpr (std::is_same_v<T, std::int64_t>) load_i64(dtype, packed, out);
  if constexpr (std::is_same_v<T, std::uint64_t>) load_u64(dtype, packed, out);
  return out;
}

template <typename T>
std::vector<std::uint8_t> stored(DType dtype, std::vector<T> values) {
  std::vector<std::uint8_t> bytes(*byte_size(dtype, static_cast<std::int64_t>(values.size())));
  const auto packed = std::as_writable_bytes(std::span(bytes));
  if constexpr (std::is_same_v<T, double>) store_f64(dtype, values, packed);
  if constexpr (std::is_same_v<T, float>) store_f32(dtype, values, packed);
  if constexpr (std::is_same_v<T, std::int64_t>) store_i64(dtype, values, packed);
  if constexpr (std::is_same_v<T, std::uint64_t>) store_u64(dtype, values, packed);
  return bytes;
}

using I64 = std::vector<std::int64_t>;
using F64 = std::vector<double>;
using Bytes = std::vector<std::uint8_t>;

// onnx.proto: the first element stands in the lowest bits; 6-bit elements are one bit stream.
TEST(NarrowFloats, PackedElementsBeginInTheLowBits) {
  EXPECT_EQ(loaded<std::int64_t>(DType::Uint4, {0x21, 0x0F}, 3), (I64{1, 2, 15}));
  EXPECT_EQ(loaded<std::int64_t>(DType::Int4, {0x78, 0xF9}, 4), (I64{-8, 7, -7, -1}));
  EXPECT_EQ(loaded<std::int64_t>(DType::Uint2, {0xE4, 0x02}, 5), (I64{0, 1, 2, 3, 2}));
  EXPECT_EQ(loaded<std::int64_t>(DType::Int2, {0xE4}, 4), (I64{0, 1, -2, -1}));
  // Codes 1, 2, 3, 63 and 16: 000001, 000010, 000011, 111111 | 010000 from the lowest bit on.
  const Bytes stream{0x81, 0x30, 0xFC, 0x10};
  EXPECT_EQ(loaded<double>(DType::Float6E2M3, stream, 5), (F64{0.125, 0.25, 0.375, -7.5, 2}));
  EXPECT_EQ(stored(DType::Float6E2M3, F64{0.125, 0.25, 0.375, -7.5, 2}), stream);
  EXPECT_EQ(stored(DType::Int4, I64{-8, 7, -7}), (Bytes{0x78, 0x09}));
  EXPECT_EQ(stored(DType::Uint2, I64{0, 1, 2, 3, 2}), (Bytes{0xE4, 0x02}));
  EXPECT_EQ(loaded<double>(DType::Float4E2M1, {0x72, 0xF1}, 4), (F64{1, 6, 0.5, -6}));
}

TEST(NarrowFloats, PackingIsTheInverseOfUnpackingForEveryWidthAndCount) {
  Random random(13);
  for (const int bits : {2, 4, 6}) {
    for (std::size_t count = 0; count < 40; ++count) {
      std::vector<std::byte> codes(count), again(count);
      for (std::byte& code : codes)
        code = static_cast<std::byte>(random.below(std::uint64_t{1} << bits));
      std::vector<std::byte> packed((count * static_cast<std::size_t>(bits) + 7) / 8);
      pack_bits(bits, codes, packed);
      unpack_bits(bits, packed, again);
      EXPECT_EQ(codes, again);
    }
  }
}

TEST(NarrowFloats, IntegersWrapAroundInNarrowerIntegers) {
  EXPECT_EQ(stored(DType::Int8, I64{200, -129, 256}), (Bytes{200, 127, 0}));
  EXPECT_EQ(stored(DType::Uint8, I64{-1, 300}), (Bytes{255, 44}));
  EXPECT_EQ(stored(DType::Uint4, I64{17, -1}), (Bytes{0xF1}));
  EXPECT_EQ(stored(DType::Uint16, I64{-2}), (Bytes{0xFE, 0xFF}));
  EXPECT_EQ(loaded<std::uint64_t>(DType::Int8, {0xFF}, 1),
            std::vector<std::uint64_t>{~std::uint64_t{0}});
  EXPECT_EQ(loaded<std::int64_t>(DType::Uint64, Bytes(8, 0xFF), 1), I64{-1});
}

TEST(NarrowFloats, FloatsAreTruncatedAndHeldInTheRangeOfIntegers) {
  EXPECT_EQ(stored(DType::Int8, F64{1.9, -1.9, 1e9, -1e9, nan, -0.5}),
            (Bytes{1, 255, 127, 128, 0, 0}));
  EXPECT_EQ(stored(DType::Uint8, F64{255.9, 256, -3, infinity}), (Bytes{255, 255, 0, 255}));
  EXPECT_EQ(stored(DType::Int4, F64{7.9, 8, -8.9, -100}), (Bytes{0x77, 0x88}));
  EXPECT_EQ(stored(DType::Uint2, F64{3.5, -1, nan, 2}), (Bytes{0x83}));
  EXPECT_EQ(stored(DType::Int64, F64{0x1p63}), (Bytes{255, 255, 255, 255, 255, 255, 255, 127}));
  EXPECT_EQ(stored(DType::Int64, std::vector<float>{-0x1p63F}), (Bytes{0, 0, 0, 0, 0, 0, 0, 128}));
  EXPECT_EQ(stored(DType::Uint64, F64{0x1p64, -1}),
            (Bytes{255, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(loaded<std::int64_t>(DType::Float16, {0x00, 0x7C, 0x00, 0x45}, 2),
            (I64{std::numeric_limits<std::int64_t>::max(), 5}));
}

TEST(NarrowFloats, WhateverIsNot0IsTrue) {
  EXPECT_EQ(stored(DType::Bool, F64{0, -0.0, 0.1, nan}), (Bytes{0, 0, 1, 1}));
  EXPECT_EQ(stored(DType::Bool, I64{0, 36, -1, 256}), (Bytes{0, 1, 1, 1}));
  EXPECT_EQ(loaded<double>(DType::Bool, {0, 1, 2, 255}, 4), (F64{0, 1, 1, 1}));
}

// Through double, 2^60 + 2^52 + 1 would first lose its last bit and then round down.
TEST(NarrowFloats, LargeIntegersAreRoundedOnce) {
  const std::int64_t above_middle = (std::int64_t{1} << 60) + (std::int64_t{1} << 52) + 1;
  const std::int64_t middle = above_middle - 1;
  EXPECT_EQ(stored(DType::Bfloat16, I64{above_middle, middle, -above_middle}),
            (Bytes{0x81, 0x5D, 0x80, 0x5D, 0x81, 0xDD}));
  const auto expected = std::bit_cast<std::uint32_t>(static_cast<float>(above_middle));
  Bytes bytes(4);
  std::memcpy(bytes.data(), &expected, 4);
  EXPECT_EQ(stored(DType::Float32, I64{above_middle}), bytes);
  EXPECT_EQ(stored(DType::Float16, I64{std::numeric_limits<std::int64_t>::max()}),
            (Bytes{0x00, 0x7C}));
  EXPECT_EQ(stored(DType::Float16, I64{std::numeric_limits<std::int64_t>::min()}),
            (Bytes{0x00, 0xFC}));
}

TEST(NarrowFloats, EveryIntegerDtypeLoadsAndStores) {
  for (int i = 1; i < dtype_count; ++i) {
    const auto dtype = static_cast<DType>(i);
    if (!is_integer(dtype)) continue;
    const Range limits = range(dtype);
    const F64 values{0,
                     1,
                     limits.lowest < 0 ? -1.0 : 2.0,
                     std::max(limits.lowest, -0x1p40),
                     std::min(limits.highest, 0x1p40),
                     1,
                     0};
    const Bytes bytes = stored(dtype, values);
    EXPECT_EQ(loaded<double>(dtype, bytes, values.size()), values) << to_string(dtype);
    EXPECT_EQ(stored(dtype, loaded<std::int64_t>(dtype, bytes, values.size())), bytes);
    EXPECT_EQ(stored(dtype, loaded<std::uint64_t>(dtype, bytes, values.size())), bytes);
  }
}

}  // namespace
}  // namespace ponte::ir
