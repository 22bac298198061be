#include "cli/quantities.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <chrono>

#include "base/error.h"
#include "base/text.h"

namespace ponte::cli {

Quantity parse_quantity(std::string_view flag, std::string_view text, std::string_view example) {
  Quantity quantity;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), quantity.number);
  const bool is_valid = error == std::errc() && quantity.number > 0 && quantity.number < 1e9;
  if (!is_valid) {
    throw Error(Code::UsageError,
                fmt::format("`{}` is not understood in `{}`", escape_control(text, 60), flag),
                fmt::format("write {} {}", flag, example));
  }
  quantity.unit = text.substr(static_cast<std::size_t>(end - text.data()));
  if (quantity.unit.starts_with(' ')) quantity.unit.remove_prefix(1);
  return quantity;
}

Nanoseconds parse_time(std::string_view flag, const std::string& text) {
  struct Unit {
    std::string_view name;
    double seconds;
  };
  static constexpr auto units =
      std::to_array<Unit>({{"", 1}, {"s", 1}, {"ms", 1e-3}, {"min", 60}, {"m", 60}, {"h", 3600}});
  const Quantity quantity = parse_quantity(flag, text, "30s");
  for (const Unit& unit : units) {
    if (unit.name != quantity.unit) continue;
    return std::chrono::duration_cast<Nanoseconds>(
        std::chrono::duration<double>(quantity.number * unit.seconds));
  }
  throw Error(Code::UsageError, fmt::format("`{}` is no time in `{}`", text, flag),
              "units are ms, s, min and h");
}

std::uint64_t parse_size(std::string_view flag, const std::string& text) {
  struct Unit {
    std::string_view name;
    double bytes;
  };
  static constexpr auto units = std::to_array<Unit>({{"kB", 1e3},
                                                     {"MB", 1e6},
                                                     {"GB", 1e9},
                                                     {"TB", 1e12},
                                                     {"KiB", 0x1p10},
                                                     {"MiB", 0x1p20},
                                                     {"GiB", 0x1p30},
                                                     {"TiB", 0x1p40}});
  const Quantity quantity = parse_quantity(flag, text, "16GB");
  for (const Unit& unit : units) {
    const double bytes = quantity.number * unit.bytes;
    if (unit.name == quantity.unit && bytes >= 1 && bytes < 0x1p63)
      return static_cast<std::uint64_t>(bytes);
  }
  throw Error(Code::UsageError, fmt::format("`{}` is no size in `{}`", text, flag),
              "units are kB, MB, GB and TB, or KiB, MiB, GiB and TiB");
}

}  // namespace ponte::cli
