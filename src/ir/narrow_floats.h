// Bit patterns of every float dtype, and packed integers: the one place that loads and stores them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "ir/dtype.h"

namespace ponte::ir {

// The number that a bit pattern of a float dtype stands for.
double decode_float(DType dtype, std::uint64_t bits);

// What is too large for an f8 dtype becomes the largest number, or inf or NaN, as ONNX's Cast has
// it. f16 and wider always overflow to inf; f6 and f4 have no inf and always saturate.
enum class Saturation : std::uint8_t { Saturate, Overflow };

// The bit pattern nearest to a number: ties to even, for f8e8m0 up. NaN becomes 0 of the opposite
// sign in f6 and f4, which have none. In f8e8m0 a negative number becomes NaN.
std::uint64_t encode_float(DType dtype, double value, Saturation saturation = Saturation::Overflow);

// Cast's `round_mode`, which only conversions to f8e8m0 have.
enum class ScaleRounding : std::uint8_t { Up, Down, Nearest };
std::uint64_t encode_scale(double value, ScaleRounding rounding, Saturation saturation);

// The number that encode_float() stores for `value`.
double round_to(DType dtype, double value);

// Packed little-endian elements of any integer, bool or float dtype as numbers, and back. `packed`
// has exactly byte_size(dtype, count) bytes; sub-byte dtypes are packed low bits first. Floats
// become integers by truncation; where ONNX leaves the result open, what is out of range becomes
// the nearest end of the range and NaN becomes 0. Integers become narrower integers by wrapping
// around, and floats in a single rounding. Whatever is not zero is true.
void load_f64(DType dtype, std::span<const std::byte> packed, std::span<double> out);
void load_f32(DType dtype, std::span<const std::byte> packed, std::span<float> out);
void load_i64(DType dtype, std::span<const std::byte> packed, std::span<std::int64_t> out);
void load_u64(DType dtype, std::span<const std::byte> packed, std::span<std::uint64_t> out);
void store_f64(DType dtype, std::span<const double> values, std::span<std::byte> packed,
               Saturation saturation = Saturation::Overflow);
void store_f32(DType dtype, std::span<const float> values, std::span<std::byte> packed,
               Saturation saturation = Saturation::Overflow);
void store_i64(DType dtype, std::span<const std::int64_t> values, std::span<std::byte> packed,
               Saturation saturation = Saturation::Overflow);
void store_u64(DType dtype, std::span<const std::uint64_t> values, std::span<std::byte> packed,
               Saturation saturation = Saturation::Overflow);

}  // namespace ponte::ir
