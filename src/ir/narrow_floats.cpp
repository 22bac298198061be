// Formats: IEEE 754 binary16; bfloat16; "FP8 Formats for Deep Learning" (Micikevicius et al., 2022)
// and the FNUZ kinds of Noune et al.; OCP Microscaling Formats (MX) 1.0 for f8e8m0, f6 and f4.
// Conversions: onnx.ai/onnx/operators/onnx__Cast.html.
#include "ir/narrow_floats.h"

#include <array>
#include <bit>
#include <cmath>
#include <limits>

#include "base/check.h"

namespace ponte::ir {
namespace {

enum class Specials : std::uint8_t {
  InfAndNan,   // the highest exponent, as IEEE 754 has it
  NanAllOnes,  // only the pattern with all ones, of either sign
  NanOnly,     // only the pattern that would be -0
  None,
};

struct FloatFormat {
  int exponent_bits;
  int mantissa_bits;
  int bias;
  Specials specials;

  constexpr std::uint64_t sign_bit() const {
    return std::uint64_t{1} << (exponent_bits + mantissa_bits);
  }
  constexpr std::uint64_t infinity() const {
    return ((std::uint64_t{1} << exponent_bits) - 1) << mantissa_bits;
  }
  constexpr std::uint64_t largest() const {
    if (specials == Specials::InfAndNan) return infinity() - 1;
    if (specials == Specials::NanAllOnes) return sign_bit() - 2;
    return sign_bit() - 1;
  }
  constexpr std::uint64_t nan(bool negative) const {
    const std::uint64_t sign = negative ? sign_bit() : 0;
    if (specials == Specials::InfAndNan) {
      return sign | infinity() | (std::uint64_t{1} << (mantissa_bits - 1));
    }
    if (specials == Specials::NanAllOnes) return sign | (sign_bit() - 1);
    return sign_bit();
  }
  constexpr bool is_nan(std::uint64_t bits) const {
    const std::uint64_t magnitude = bits & (sign_bit() - 1);
    if (specials == Specials::InfAndNan) return magnitude > infinity();
    if (specials == Specials::NanAllOnes) return magnitude == sign_bit() - 1;
    return specials == Specials::NanOnly && bits == sign_bit();
  }
};

constexpr FloatFormat f32_format{8, 23, 127, Specials::InfAndNan};
constexpr FloatFormat f16_format{5, 10, 15, Specials::InfAndNan};
constexpr FloatFormat bf16_format{8, 7, 127, Specials::InfAndNan};

FloatFormat format_of(DType dtype) {
  switch (dtype) {
    case DType::Float32:
      return f32_format;
    case DType::Float16:
      return f16_format;
    case DType::Bfloat16:
      return bf16_format;
    case DType::Float8E4M3FN:
      return {4, 3, 7, Specials::NanAllOnes};
    case DType::Float8E4M3FNUZ:
      return {4, 3, 8, Specials::NanOnly};
    case DType::Float8E5M2:
      return {5, 2, 15, Specials::InfAndNan};
    case DType::Float8E5M2FNUZ:
      return {5, 2, 16, Specials::NanOnly};
    case DType::Float6E2M3:
      return {2, 3, 1, Specials::None};
    case DType::Float6E3M2:
      return {3, 2, 3, Specials::None};
    case DType::Float4E2M1:
      return {2, 1, 1, Specials::None};
    default:
      PONTE_CHECK(false && "a float dtype with a sign");
      return {};
  }
}

constexpr std::uint64_t f64_mantissa_mask = (std::uint64_t{1} << 52) - 1;

double decode(const FloatFormat& format, std::uint64_t bits) {
  const bool negative = (bits & format.sign_bit()) != 0;
  if (format.is_nan(bits)) {
    return std::copysign(std::numeric_limits<double>::quiet_NaN(), negative ? -1.0 : 1.0);
  }
  const std::uint64_t magnitude = bits & (format.sign_bit() - 1);
  double value;
  if (format.specials == Specials::InfAndNan && magnitude == format.infinity()) {
    value = std::numeric_limits<double>::infinity();
  } else {
    const int exponent = static_cast<int>(magnitude >> format.mantissa_bits);
    const std::uint64_t one = std::uint64_t{1} << format.mantissa_bits;
    const std::uint64_t fraction = magnitude & (one - 1);
    const std::uint64_t significand = exponent == 0 ? fraction : fraction | one;
    const int scale = (exponent == 0 ? 1 : exponent) - format.bias - format.mantissa_bits;
    value = std::ldexp(static_cast<double>(significand), scale);
  }
  return negative ? -value : value;
}

// What an overflow becomes, without its sign.
std::uint64_t overflow(const FloatFormat& format, Saturation saturation) {
  const bool is_f8 = format.exponent_bits + format.mantissa_bits == 7;
  const bool saturates =
      format.specials == Specials::None || (is_f8 && saturation == Saturation::Saturate);
  if (saturates) return format.largest();
  return format.specials == Specials::InfAndNan ? format.infinity() : format.nan(false);
}

std::uint64_t encode(const FloatFormat& format, double value, Saturation saturation) {
  const auto bits = std::bit_cast<std::uint64_t>(value);
  const bool negative = (bits >> 63) != 0;
  if (std::isnan(value)) {
    if (format.specials != Specials::None) return format.nan(negative);
    return negative ? 0 : format.sign_bit();
  }
  const int smallest = 1 - format.bias;
  const int exponent = static_cast<int>((bits >> 52) & 0x7FF) - 1023;
  const int shift = 52 - format.mantissa_bits + (exponent < smallest ? smallest - exponent : 0);
  std::uint64_t rounded = 0;
  if (shift <= 54 && exponent > -1023) {
    const std::uint64_t significand = (bits & f64_mantissa_mask) | (std::uint64_t{1} << 52);
    rounded = significand >> shift;
    const std::uint64_t rest = significand & ((std::uint64_t{1} << shift) - 1);
    const std::uint64_t half = std::uint64_t{1} << (shift - 1);
    if (rest > half || (rest == half && (rounded & 1) != 0)) ++rounded;
  }
  const int biased = (exponent < smallest ? smallest : exponent) + format.bias;
  // A significand rounded up to the next power of two carries into the exponent.
  std::uint64_t magnitude =
      (static_cast<std::uint64_t>(biased - 1) << format.mantissa_bits) + rounded;
  if (magnitude > format.largest()) magnitude = overflow(format, saturation);
  if (format.specials == Specials::NanOnly && (magnitude == 0 || magnitude == format.sign_bit())) {
    return magnitude;
  }
  return negative ? magnitude | format.sign_bit() : magnitude;
}

constexpr std::uint64_t e8m0_nan = 0xFF;

}  // namespace

double decode_float(DType dtype, std::uint64_t bits) {
  if (dtype == DType::Float64) return std::bit_cast<double>(bits);
  if (dtype == DType::Float32) {
    return static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(bits)));
  }
  if (dtype == DType::Float8E8M0) {
    if (bits == e8m0_nan) return std::numeric_limits<double>::quiet_NaN();
    return std::ldexp(1.0, static_cast<int>(bits) - 127);
  }
  return decode(format_of(dtype), bits);
}

std::uint64_t encode_scale(double value, ScaleRounding rounding, Saturation saturation) {
  if (std::isnan(value) || value < 0) return e8m0_nan;
  constexpr int bias = 127;
  constexpr int largest = e8m0_nan - 1;
  int code = value > 0 ? largest + 1 : -1;  // too large or too small
  if (value > 0 && std::isfinite(value)) {
    int exponent = 0;
    const double fraction = std::frexp(value, &exponent);  // in [0.5, 1)
    const bool goes_up = rounding == ScaleRounding::Up        ? fraction > 0.5
                         : rounding == ScaleRounding::Nearest ? fraction >= 0.75
                                                              : false;
    code = exponent - 1 + bias + (goes_up ? 1 : 0);
  }
  if (code >= 0 && code <= largest) return static_cast<std::uint64_t>(code);
  if (saturation == Saturation::Overflow) return e8m0_nan;
  return code < 0 ? 0 : largest;
}

std::uint64_t encode_float(DType dtype, double value, Saturation saturation) {
  if (dtype == DType::Float64) return std::bit_cast<std::uint64_t>(value);
  if (dtype == DType::Float8E8M0) return encode_scale(value, ScaleRounding::Nearest, saturation);
  return encode(format_of(dtype), value, saturation);
}

double round_to(DType dtype, double value) {
  if (dtype == DType::Float64) return value;
  return decode_float(dtype, encode_float(dtype, value));
}

}  // namespace ponte::ir
