// The list of runtimes, in the order in which they are shown.
#include <algorithm>
#include <array>

#include "runtimes/adapter.h"

namespace ponte::runtimes {
namespace {

constexpr auto list = std::to_array<const Adapter*>({
    &onnxruntime_adapter,
    &opencv_adapter,
    &reference_adapter,
    &fake_adapter,
});

}  // namespace

std::span<const Adapter* const> all_runtimes() { return list; }

const Adapter* find_runtime(std::string_view name) {
  const auto it =
      std::ranges::find_if(list, [&](const Adapter* adapter) { return adapter->name == name; });
  return it == list.end() ? nullptr : *it;
}

const Adapter& own_runtime(std::string_view format) {
  const auto it = std::ranges::find(list, format, &Adapter::own_format);
  return it == list.end() ? onnxruntime_adapter : **it;
}

}  // namespace ponte::runtimes
