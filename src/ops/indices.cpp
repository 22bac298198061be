#include "ops/indices.h"

#include <fmt/format.h>

#include "base/error.h"

namespace ponte::ops {

std::int64_t checked_index(std::int64_t index, std::int64_t size) {
  if (index < -size || index >= size) {
    throw Error(Code::IndexOutOfRange,
                fmt::format("index {} is outside [{}, {}]", index, -size, size - 1));
  }
  return index < 0 ? index + size : index;
}

}  // namespace ponte::ops
