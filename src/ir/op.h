// Ops: what a kind of computation takes, gives and means. `ops` fills the tables; `ir` only knows
// their form.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>

#include "ir/attribute.h"
#include "ir/dtype.h"

namespace ponte::ir {

// A list of fixed capacity that a constant can hold.
template <typename T, std::size_t Capacity>
class FixedList {
 public:
  constexpr FixedList() = default;
  constexpr FixedList(std::initializer_list<T> items) : size_(items.size()) {
    std::size_t i = 0;
    for (const T& item : items) items_.at(i++) = item;
  }
  constexpr const T* begin() const { return items_.data(); }
  constexpr const T* end() const { return items_.data() + size_; }
  constexpr std::size_t size() const { return size_; }
  constexpr bool empty() const { return size_ == 0; }
  constexpr const T& operator[](std::size_t i) const { return items_[i]; }
  constexpr const T& back() const { return items_[size_ - 1]; }

 private:
  std::array<T, Capacity> items_{};
  std::size_t size_ = 0;
};

// The set of types that an input or output may have.
struct TypeSet {
  std::uint64_t bits = 0;
  constexpr bool has(DType dtype) const { return (bits >> static_cast<int>(dtype)) & 1; }
  friend constexpr TypeSet operator|(TypeSet a, TypeSet b) { return {a.bits | b.bits}; }
  friend constexpr TypeSet operator-(TypeSet a, TypeSet b) { return {a.bits & ~b.bits}; }
};

constexpr TypeSet set_of(DType dtype) { return {std::uint64_t{1} << static_cast<int>(dtype)}; }

template <typename... Rest>
constexpr TypeSet set_of(DType first, Rest... rest) {
  return set_of(first) | set_of(rest...);
}

namespace types {
inline constexpr TypeSet f16 = set_of(DType::Float16), f32 = set_of(DType::Float32),
                         f64 = set_of(DType::Float64), bf16 = set_of(DType::Bfloat16),
                         i8 = set_of(DType::Int8), i16 = set_of(DType::Int16),
                         i32 = set_of(DType::Int32), i64 = set_of(DType::Int64),
                         u8 = set_of(DType::Uint8), u16 = set_of(DType::Uint16),
                         u32 = set_of(DType::Uint32), u64 = set_of(DType::Uint64),
                         boolean = set_of(DType::Bool), string = set_of(DType::String);
inline constexpr TypeSet f8 =
    set_of(DType::Float8E4M3FN, DType::Float8E4M3FNUZ, DType::Float8E5M2, DType::Float8E5M2FNUZ);
inline constexpr TypeSet f8e8m0 = set_of(DType::Float8E8M0), f4 = set_of(DType::Float4E2M1);
inline constexpr TypeSet f6 = set_of(DType::Float6E2M3, DType::Float6E3M2);
inline constexpr TypeSet int4 = set_of(DType::Int4, DType::Uint4),
                         int2 = set_of(DType::Int2, DType::Uint2);
inline constexpr TypeSet floats = f16 | f32 | f64 | bf16;  // those that most arithmetic takes
inline constexpr TypeSet signed_integers = i8 | i16 | i32 | i64;
inline constexpr TypeSet unsigned_integers = u8 | u16 | u32 | u64;
inline constexpr TypeSet integers = signed_integers | unsigned_integers;
inline constexpr TypeSet numeric = floats | integers;
inline constexpr TypeSet complexes = set_of(DType::Complex64, DType::Complex128);
// What most ops that only move elements take, and what all dtypes of ONNX but f6 are.
inline constexpr TypeSet plain_tensor = numeric | boolean | string | complexes;
inline constexpr TypeSet any_tensor = plain_tensor | f8 | f8e8m0 | f4 | int4 | int2;
inline constexpr TypeSet sequence{std::uint64_t{1} << 40}, optional{std::uint64_t{1} << 41},
    map{std::uint64_t{1} << 42};
inline constexpr TypeSet any = any_tensor | sequence | optional;
}  // namespace types

enum class Arity : std::uint8_t { Required, Optional, Variadic };

// One formal input or output. Parameters with the same variable have the same type ("T"); an empty
// variable binds nothing. A variadic parameter is the last one; its uses share a type only if it
// has a variable.
struct Parameter {
  std::string_view name;
  TypeSet types;
  std::string_view variable = "";
  Arity arity = Arity::Required;
  int minimum = 1;  // of a variadic parameter
};

// The value an attribute has when it is not written. monostate: none; Required: must be written.
struct Required {};
using Default = std::variant<std::monostate, Required, std::int64_t, double, std::string_view>;

struct AttributeSpec {
  std::string_view name;
  AttributeKind kind = AttributeKind::Undefined;
  Default fallback = {};
};

// How far two correct implementations may differ.
enum class Exactness : std::uint8_t {
  Moves,   // copies elements or computes exactly: bit-identical
  Rounds,  // rounds: within the error scale
  Jumps,   // discontinuous: equal unless an input lies within its error of a jump
  Random,  // draws
};

class Inference;

}  // namespace ponte::ir

namespace ponte::ops {
class Evaluation;
class ErrorScale;
}  // namespace ponte::ops

namespace ponte::ir {

struct Op {
  std::string_view domain = "";  // "" is ai.onnx
  std::string_view name;
  int since = 1;  // the opset version of its domain whose meaning this is
  FixedList<Parameter, 16> inputs = {};
  FixedList<Parameter, 12> outputs = {};
  FixedList<AttributeSpec, 24> attributes = {};
  Exactness exactness = Exactness::Rounds;
  // Shapes and known values of the outputs; their dtypes are preset from the signature.
  void (*infer)(Inference&) = nullptr;
  void (*evaluate)(ops::Evaluation&) = nullptr;
  // The RMS error that one rounding evaluation explains, per output element; Rounds ops have one.
  void (*scale)(ops::ErrorScale&) = nullptr;
};

// The ops that graphs are checked against, sorted by domain and name.
class OpSet {
 public:
  explicit OpSet(std::span<const Op* const> ops);
  const Op* find(std::string_view domain, std::string_view name) const;  // null when unknown
  std::span<const Op* const> ops() const { return ops_; }

 private:
  std::vector<const Op*> ops_;
};

}  // namespace ponte::ir
