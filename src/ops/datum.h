// What flows between nodes during evaluation: a tensor, a sequence, an optional, a map, or nothing.
#pragma once

#include <memory>
#include <variant>
#include <vector>

#include "ir/type.h"
#include "ops/array.h"

namespace ponte::ops {

struct Datum;

struct Sequence {
  ir::Type element;  // may be unknown
  std::shared_ptr<const std::vector<Datum>> items;
};

struct OptionalDatum {
  ir::Type element;
  std::shared_ptr<const Datum> item;  // null: empty
};

// Keys are strings or integers; the values are tensors, as ZipMap makes them.
struct MapDatum {
  std::variant<std::vector<std::int64_t>, std::vector<std::string>> keys;
  std::shared_ptr<const std::vector<Datum>> values;
};

struct Datum {
  std::variant<std::monostate, Array, Sequence, OptionalDatum, MapDatum> held;

  bool is_absent() const { return std::holds_alternative<std::monostate>(held); }
  // The alternative asked for; throws InvalidInputType when it is another one.
  const Array& array() const;
  const Sequence& sequence() const;
  const OptionalDatum& optional() const;
  const MapDatum& map() const;
};

// The type that a datum has, with known dims.
ir::Type type_of(const Datum& datum);

}  // namespace ponte::ops
