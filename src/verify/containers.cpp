#include "verify/containers.h"

#include <algorithm>
#include <vector>

namespace ponte::verify {
namespace {

using ops::Array;
using ops::Datum;

// What an optional holds: runtimes give its value without it.
const Datum& unwrapped(const Datum& datum) {
  const auto* optional = std::get_if<ops::OptionalDatum>(&datum.held);
  return optional && optional->item ? unwrapped(*optional->item) : datum;
}

// What a sequence or map holds, one level down; nothing for a tensor.
std::vector<const Datum*> items_of(const Datum& datum) {
  std::vector<const Datum*> items;
  const auto add = [&](const std::vector<Datum>& list) {
    for (const Datum& item : list) items.push_back(&item);
  };
  if (const auto* sequence = std::get_if<ops::Sequence>(&datum.held)) add(*sequence->items);
  if (const auto* map = std::get_if<ops::MapDatum>(&datum.held)) add(*map->values);
  return items;
}

void collect_tensors(const Datum& given, std::vector<const Array*>& tensors) {
  const Datum& datum = unwrapped(given);
  if (const auto* array = std::get_if<Array>(&datum.held)) tensors.push_back(array);
  for (const Datum* item : items_of(datum)) collect_tensors(*item, tensors);
}

template <typename T>
std::optional<Array> joined(const std::vector<const Array*>& tensors) {
  std::vector<T> row;
  for (const Array* tensor : tensors) {
    if (!tensor->holds<T>()) return std::nullopt;
    row.insert(row.end(), tensor->as<T>().begin(), tensor->as<T>().end());
  }
  const auto count = static_cast<std::int64_t>(row.size());
  return Array(tensors.front()->dtype(), {count}, std::move(row));
}

}  // namespace

bool same_structure(const Datum& one, const Datum& other) {
  const Datum &a = unwrapped(one), &b = unwrapped(other);
  if (a.held.index() != b.held.index()) return false;
  if (const auto* array = std::get_if<Array>(&a.held)) return array->shape() == b.array().shape();
  const auto* map = std::get_if<ops::MapDatum>(&a.held);
  if (map && map->keys != b.map().keys) return false;
  const auto left = items_of(a), right = items_of(b);
  return std::ranges::equal(left, right,
                            [](const Datum* x, const Datum* y) { return same_structure(*x, *y); });
}

std::optional<Array> elements_in_a_row(const Datum& datum) {
  std::vector<const Array*> tensors;
  collect_tensors(datum, tensors);
  if (tensors.empty()) return std::nullopt;
  return tensors.front()->visit([&]<typename T>(std::span<const T>) -> std::optional<Array> {
    if constexpr (std::is_same_v<T, std::string> || std::is_same_v<T, std::complex<double>>) {
      return std::nullopt;
    } else {
      return joined<T>(tensors);
    }
  });
}

}  // namespace ponte::verify
