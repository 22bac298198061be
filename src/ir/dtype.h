// Element types of tensors: those of ONNX's TensorProto, with the same numbers.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace ponte::ir {

enum class DType : std::uint8_t {
  Undefined = 0,
  Float32 = 1,
  Uint8 = 2,
  Int8 = 3,
  Uint16 = 4,
  Int16 = 5,
  Int32 = 6,
  Int64 = 7,
  String = 8,
  Bool = 9,
  Float16 = 10,
  Float64 = 11,
  Uint32 = 12,
  Uint64 = 13,
  Complex64 = 14,
  Complex128 = 15,
  Bfloat16 = 16,
  Float8E4M3FN = 17,
  Float8E4M3FNUZ = 18,
  Float8E5M2 = 19,
  Float8E5M2FNUZ = 20,
  Uint4 = 21,
  Int4 = 22,
  Float4E2M1 = 23,
  Float8E8M0 = 24,
  Uint2 = 25,
  Int2 = 26,
  Float6E2M3 = 27,
  Float6E3M2 = 28,
};

inline constexpr int dtype_count = 29;

enum class DTypeClass : std::uint8_t { None, Float, Signed, Unsigned, Bool, String, Complex };

struct DTypeInfo {
  DType dtype;
  std::string_view name;       // ponte's text form and JSON: "f32", "i64", "bool"
  std::string_view onnx_name;  // in type strings of the specification: "float", "int64", "bool"
  int bits;  // per element; sub-byte dtypes are packed, low bits first; 0 for strings
  DTypeClass kind;
};

const DTypeInfo& info(DType dtype);
std::optional<DType> parse_dtype(std::string_view name);  // either name
std::optional<DType> dtype_from_number(
    std::int64_t number);  // TensorProto.DataType; none for 0 and unknown

inline std::string_view to_string(DType dtype) { return info(dtype).name; }
bool is_float(DType dtype);    // f64, f32, f16, bf16, f8 kinds, f6 kinds, f4
bool is_integer(DType dtype);  // signed or unsigned, not bool
bool is_signed_integer(DType dtype);
bool is_complex(DType dtype);

// Bytes of `count` packed elements; none for strings and on overflow. count >= 0.
std::optional<std::uint64_t> byte_size(DType dtype, std::int64_t count);

// The unit roundoff u of a float dtype (2^-24 for f32, 2^-11 for f16, 2^-8 for bf16); 0 for others.
double unit_roundoff(DType dtype);

// Largest finite value of a float dtype; integer range as doubles for the others.
struct Range {
  double lowest;
  double highest;
};
Range range(DType dtype);

}  // namespace ponte::ir
