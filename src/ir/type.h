// Types of values: tensor, sequence, optional, map or unknown.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "ir/dim.h"
#include "ir/dtype.h"

namespace ponte::ir {

using Shape = std::vector<Dim>;

class Type;

// dtype may be Undefined (not known yet); an absent shape is an unknown rank.
struct TensorType {
  DType dtype = DType::Undefined;
  std::optional<Shape> shape;
  friend bool operator==(const TensorType&, const TensorType&) = default;
};

struct SequenceType {
  std::shared_ptr<const Type> element;
  friend bool operator==(const SequenceType& a, const SequenceType& b);
};

struct OptionalType {
  std::shared_ptr<const Type> element;
  friend bool operator==(const OptionalType& a, const OptionalType& b);
};

struct MapType {
  DType key = DType::Undefined;
  std::shared_ptr<const Type> value;
  friend bool operator==(const MapType& a, const MapType& b);
};

class Type {
 public:
  Type() = default;                                            // unknown
  Type(TensorType tensor) : kind_(std::move(tensor)) {}        // NOLINT: a tensor type is a type
  Type(SequenceType sequence) : kind_(std::move(sequence)) {}  // NOLINT
  Type(OptionalType optional) : kind_(std::move(optional)) {}  // NOLINT
  Type(MapType map) : kind_(std::move(map)) {}                 // NOLINT

  static Type tensor(DType dtype) { return TensorType{dtype, std::nullopt}; }
  static Type tensor(DType dtype, Shape shape) { return TensorType{dtype, std::move(shape)}; }
  static Type sequence_of(Type element);
  static Type optional_of(Type element);
  static Type map_of(DType key, Type value);

  bool is_unknown() const { return std::holds_alternative<std::monostate>(kind_); }
  // The alternative asked for, or null.
  const TensorType* as_tensor() const { return std::get_if<TensorType>(&kind_); }
  const SequenceType* as_sequence() const { return std::get_if<SequenceType>(&kind_); }
  const OptionalType* as_optional() const { return std::get_if<OptionalType>(&kind_); }
  const MapType* as_map() const { return std::get_if<MapType>(&kind_); }

  friend bool operator==(const Type& a, const Type& b) = default;

 private:
  std::variant<std::monostate, TensorType, SequenceType, OptionalType, MapType> kind_;
};

// "f32[batch,3,224,224]", "f32[...]" for an unknown rank, "seq(i64[...])", "optional(f32[2])",
// "map(string,f32[...])",
// "?" for unknown, "?[2]" where the dtype alone is.
std::string to_string(const Type& type);
std::string to_string(const Shape& shape);
Type parse_type(std::string_view text);  // throws TextSyntax

// What holds for both: dims that differ become unknown (a fresh symbol from `fresh`), ranks that
// differ become unknown, dtypes that differ become Undefined.
template <typename Fresh>
Type least_common(const Type& a, const Type& b, const Fresh& fresh);

// What is known from either. Throws TypesDisagree where they contradict each other; a dimension
// that could be equal takes the number, or else `preferred`'s expression.
Type refine(const Type& preferred, const Type& other);

Type least_common_with(const Type& a, const Type& b, const void* context,
                       Dim (*fresh)(const void*));

template <typename Fresh>
Type least_common(const Type& a, const Type& b, const Fresh& fresh) {
  return least_common_with(a, b, &fresh, [](const void* context) -> Dim {
    return (*static_cast<const Fresh*>(context))();
  });
}

// The type with every dimension replaced, also those of elements.
Type with_dims(const Type& type, const std::function<Dim(const Dim&)>& replace);

// Numbers for a shape all of whose dims are known; none otherwise.
std::optional<std::vector<std::int64_t>> known_dims(const Shape& shape);
Shape to_shape(std::span<const std::int64_t> dims);
Dim element_count(const Shape& shape);

}  // namespace ponte::ir
