#include "ops/datum.h"

#include "base/error.h"

namespace ponte::ops {
namespace {

template <typename T>
const T& held_as(const Datum& datum, const char* what) {
  const T* held = std::get_if<T>(&datum.held);
  if (!held) throw Error(Code::InvalidInputType, std::string("a value is no ") + what);
  return *held;
}

}  // namespace

const Array& Datum::array() const { return held_as<Array>(*this, "tensor"); }
const Sequence& Datum::sequence() const { return held_as<Sequence>(*this, "sequence"); }
const OptionalDatum& Datum::optional() const { return held_as<OptionalDatum>(*this, "optional"); }
const MapDatum& Datum::map() const { return held_as<MapDatum>(*this, "map"); }

ir::Type type_of(const Datum& datum) {
  if (const auto* array = std::get_if<Array>(&datum.held)) {
    return ir::Type::tensor(array->dtype(), ir::to_shape(array->shape()));
  }
  if (const auto* sequence = std::get_if<Sequence>(&datum.held)) {
    return ir::Type::sequence_of(sequence->element);
  }
  if (const auto* optional = std::get_if<OptionalDatum>(&datum.held)) {
    return ir::Type::optional_of(optional->element);
  }
  if (const auto* map = std::get_if<MapDatum>(&datum.held)) {
    const auto key = map->keys.index() == 0 ? ir::DType::Int64 : ir::DType::String;
    return ir::Type::map_of(key, map->values->empty() ? ir::Type() : type_of(map->values->front()));
  }
  return {};
}

}  // namespace ponte::ops
