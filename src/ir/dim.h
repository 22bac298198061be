// Dimensions: a number, or a symbolic expression in canonical form.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/checked.h"

namespace ponte::ir {

struct DimRange {
  std::int64_t lowest = 0;
  std::int64_t highest = max_dimension;
};

class Dim;

struct DimTerm;
using DimTerms = std::vector<DimTerm>;

// An integer polynomial over atoms (symbols, floordiv, min, max; ceildiv and mod are written with
// floordiv), kept canonical: terms sorted, equal terms merged, applications simplified where the
// result is certain. Two equal Dims are the same number for every value of their symbols. Symbols
// are equal when their names are. Copying is cheap. Arithmetic throws DimensionOutOfRange when a
// number overflows or is divided by 0, and CountTooLarge when an expression grows past its limit.
class Dim {
 public:
  Dim(std::int64_t value = 0) : constant_(value) {}  // NOLINT: numbers are dimensions
  static Dim symbol(std::string name, DimRange range = {});

  bool is_known() const { return terms_ == nullptr; }
  std::optional<std::int64_t> known() const;
  // The number; the dimension must be known.
  std::int64_t value() const;
  // The name where the dimension is one bare symbol; empty otherwise.
  std::string_view symbol_name() const;
  DimRange range() const;
  std::string to_string() const;  // "3", "batch", "2*batch + 1", "floordiv(width, 2)"

  // The expression with symbols replaced; `lookup` gives none for those that stay.
  template <typename Lookup>
  Dim substitute(const Lookup& lookup) const;
  std::vector<std::string> symbols() const;  // names, sorted, without repetition

  friend bool operator==(const Dim& a, const Dim& b);
  friend Dim operator+(const Dim& a, const Dim& b);
  friend Dim operator-(const Dim& a, const Dim& b);
  friend Dim operator*(const Dim& a, const Dim& b);
  friend Dim floor_div(const Dim& a,
                       const Dim& b);  // towards negative infinity; b must not be the number 0
  friend Dim ceil_div(const Dim& a, const Dim& b);
  friend Dim mod(const Dim& a, const Dim& b);  // a - b * floor_div(a, b)
  friend Dim min(const Dim& a, const Dim& b);
  friend Dim max(const Dim& a, const Dim& b);

 private:
  friend struct DimAlgebra;
  Dim substitute_with(const void* context,
                      std::optional<Dim> (*lookup)(const void*, std::string_view)) const;

  std::int64_t constant_ = 0;
  std::shared_ptr<const DimTerms> terms_;  // null for a number
};

template <typename Lookup>
Dim Dim::substitute(const Lookup& lookup) const {
  return substitute_with(&lookup,
                         [](const void* context, std::string_view name) -> std::optional<Dim> {
                           return (*static_cast<const Lookup*>(context))(name);
                         });
}

enum class Comparison : std::uint8_t { Equal, Different, Unknown };

// Equal or Different only where that holds for every value of the symbols within their ranges.
Comparison compare(const Dim& a, const Dim& b);

// Parses what to_string() prints. Throws TextSyntax.
Dim parse_dim(std::string_view text);

}  // namespace ponte::ir
