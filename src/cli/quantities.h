// Values of flags that have a unit.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace ponte::cli {

// A number and what stands behind it.
struct Quantity {
  double number = 0;
  std::string_view unit;
};

// All throw UsageError for what is no positive number with a unit; `example` is such a one.
Quantity parse_quantity(std::string_view flag, std::string_view text, std::string_view example);
Nanoseconds parse_time(std::string_view flag, const std::string& text);    // "30s", "500ms", "2min"
std::uint64_t parse_size(std::string_view flag, const std::string& text);  // in bytes: "16GB"

}  // namespace ponte::cli
