#include "ir/dtype.h"

#include <array>
#include <cmath>
#include <limits>

#include "base/check.h"
#include "base/checked.h"

namespace ponte::ir {
namespace {

using enum DTypeClass;

constexpr auto table = std::to_array<DTypeInfo>({
    {DType::Undefined, "undefined", "undefined", 0, None},
    {DType::Float32, "f32", "float", 32, Float},
    {DType::Uint8, "u8", "uint8", 8, Unsigned},
    {DType::Int8, "i8", "int8", 8, Signed},
    {DType::Uint16, "u16", "uint16", 16, Unsigned},
    {DType::Int16, "i16", "int16", 16, Signed},
    {DType::Int32, "i32", "int32", 32, Signed},
    {DType::Int64, "i64", "int64", 64, Signed},
    {DType::String, "string", "string", 0, String},
    {DType::Bool, "bool", "bool", 8, Bool},
    {DType::Float16, "f16", "float16", 16, Float},
    {DType::Float64, "f64", "double", 64, Float},
    {DType::Uint32, "u32", "uint32", 32, Unsigned},
    {DType::Uint64, "u64", "uint64", 64, Unsigned},
    {DType::Complex64, "c64", "complex64", 64, Complex},
    {DType::Complex128, "c128", "complex128", 128, Complex},
    {DType::Bfloat16, "bf16", "bfloat16", 16, Float},
    {DType::Float8E4M3FN, "f8e4m3fn", "float8e4m3fn", 8, Float},
    {DType::Float8E4M3FNUZ, "f8e4m3fnuz", "float8e4m3fnuz", 8, Float},
    {DType::Float8E5M2, "f8e5m2", "float8e5m2", 8, Float},
    {DType::Float8E5M2FNUZ, "f8e5m2fnuz", "float8e5m2fnuz", 8, Float},
    {DType::Uint4, "u4", "uint4", 4, Unsigned},
    {DType::Int4, "i4", "int4", 4, Signed},
    {DType::Float4E2M1, "f4e2m1", "float4e2m1", 4, Float},
    {DType::Float8E8M0, "f8e8m0", "float8e8m0", 8, Float},
    {DType::Uint2, "u2", "uint2", 2, Unsigned},
    {DType::Int2, "i2", "int2", 2, Signed},
    {DType::Float6E2M3, "f6e2m3", "float6e2m3", 6, Float},
    {DType::Float6E3M2, "f6e3m2", "float6e3m2", 6, Float},
});
static_assert(table.size() == dtype_count);

}  // namespace

const DTypeInfo& info(DType dtype) {
  const auto index = static_cast<std::size_t>(dtype);
  PONTE_CHECK(index < table.size());
  return table[index];
}

std::optional<DType> parse_dtype(std::string_view name) {
  for (const DTypeInfo& entry : table) {
    if (entry.dtype != DType::Undefined && (entry.name == name || entry.onnx_name == name)) {
      return entry.dtype;
    }
  }
  return std::nullopt;
}

std::optional<DType> dtype_from_number(std::int64_t number) {
  if (number <= 0 || number >= dtype_count) return std::nullopt;
  return static_cast<DType>(number);
}

bool is_float(DType dtype) { return info(dtype).kind == Float; }
bool is_integer(DType dtype) { return info(dtype).kind == Signed || info(dtype).kind == Unsigned; }
bool is_signed_integer(DType dtype) { return info(dtype).kind == Signed; }
bool is_complex(DType dtype) { return info(dtype).kind == Complex; }

std::optional<std::uint64_t> byte_size(DType dtype, std::int64_t count) {
  const auto bits = static_cast<std::uint64_t>(info(dtype).bits);
  if (bits == 0 || count < 0) return std::nullopt;
  const auto total = checked_mul<std::uint64_t>(static_cast<std::uint64_t>(count), bits);
  if (!total) return std::nullopt;
  return *total / 8 + (*total % 8 != 0 ? 1 : 0);
}

double unit_roundoff(DType dtype) {
  switch (dtype) {
    case DType::Float64:
      return 0x1p-53;
    case DType::Float32:
      return 0x1p-24;
    case DType::Float16:
      return 0x1p-11;
    case DType::Bfloat16:
      return 0x1p-8;
    case DType::Float8E4M3FN:
    case DType::Float8E4M3FNUZ:
      return 0x1p-4;
    case DType::Float8E5M2:
    case DType::Float8E5M2FNUZ:
      return 0x1p-3;
    case DType::Float6E2M3:
      return 0x1p-4;
    case DType::Float6E3M2:
      return 0x1p-3;
    case DType::Float4E2M1:
      return 0x1p-2;
    case DType::Float8E8M0:
      return 0x1p-1;
    default:
      return 0;
  }
}

Range range(DType dtype) {
  switch (dtype) {
    case DType::Float64:
    case DType::Complex128: {
      constexpr double max = std::numeric_limits<double>::max();
      return {-max, max};
    }
    case DType::Float32:
    case DType::Complex64: {
      constexpr double max = std::numeric_limits<float>::max();
      return {-max, max};
    }
    case DType::Float16:
      return {-65504, 65504};
    case DType::Bfloat16:
      return {-0x1.FEp127, 0x1.FEp127};
    case DType::Float8E4M3FN:
      return {-448, 448};
    case DType::Float8E4M3FNUZ:
      return {-240, 240};
    case DType::Float8E5M2:
      return {-57344, 57344};
    case DType::Float8E5M2FNUZ:
      return {-57344, 57344};
    case DType::Float6E2M3:
      return {-7.5, 7.5};
    case DType::Float6E3M2:
      return {-28, 28};
    case DType::Float4E2M1:
      return {-6, 6};
    case DType::Float8E8M0:
      return {0x1p-127, 0x1p127};
    case DType::Bool:
      return {0, 1};
    default:
      break;
  }
  const int bits = info(dtype).bits;
  if (is_signed_integer(dtype)) return {-std::ldexp(1, bits - 1), std::ldexp(1, bits - 1) - 1};
  return {0, std::ldexp(1, bits) - 1};
}

}  // namespace ponte::ir
