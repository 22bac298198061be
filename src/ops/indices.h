// Indices that come from data.
#pragma once

#include <cstdint>

namespace ponte::ops {

// An index in [-size, size) as [0, size). Throws IndexOutOfRange.
std::int64_t checked_index(std::int64_t index, std::int64_t size);

}  // namespace ponte::ops
