#include "report/figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>

#include "base/text.h"
#include "report/fields.h"

namespace ponte::report {
namespace {

constexpr double largest_whole = 9e15;

std::string text_or_missing(std::optional<double> value, std::string (*format)(double)) {
  return value && std::isfinite(*value) ? format(*value) : std::string(missing);
}

std::string format_count(double count) {
  if (std::abs(count) > largest_whole) return fmt::format("{:.3g}", count);
  return grouped(static_cast<std::int64_t>(std::llround(count)));
}

std::string format_rounded_count(double count) {
  constexpr std::array units = {"", " k", " M", " G", " T", " P"};
  std::size_t unit = 0;
  while (std::abs(count) >= 999.5 && unit + 1 < units.size()) {
    count /= 1000;
    ++unit;
  }
  if (unit == 0) return format_count(count);
  const int decimals = std::abs(count) < 9.995 ? 2 : std::abs(count) < 99.95 ? 1 : 0;
  return fmt::format("{:.{}f}{}", count, decimals, units[unit]);
}

}  // namespace

std::string time_text(std::optional<double> nanoseconds) {
  return text_or_missing(nanoseconds, [](double ns) {
    return format_duration(std::chrono::duration<double>(ns * 1e-9));
  });
}

std::string size_text(std::optional<double> bytes) {
  return text_or_missing(bytes, [](double value) {
    if (value < 0 || value > largest_whole) return fmt::format("{:.3g} B", value);
    return format_size(static_cast<std::uint64_t>(value));
  });
}

std::string count_text(std::optional<double> count) { return text_or_missing(count, format_count); }

std::string rounded_count(std::optional<double> count) {
  return text_or_missing(count, format_rounded_count);
}

std::string count_text(std::optional<double> count, std::string_view singular,
                       std::string_view plural) {
  return count_text(count) + ' ' + std::string(count == 1.0 ? singular : plural);
}

std::string rounded_count(std::optional<double> count, std::string_view singular,
                          std::string_view plural) {
  return rounded_count(count) + ' ' + std::string(count == 1.0 ? singular : plural);
}

std::string bits_text(std::optional<double> bits) {
  return text_or_missing(bits, [](double value) { return fmt::format("{:.1f}", value); });
}

std::string small_text(std::optional<double> value) {
  return text_or_missing(value, [](double number) {
    if (number == 0) return std::string("0");
    const double magnitude = std::abs(number);
    return magnitude >= 0.01 && magnitude < 10000 ? fmt::format("{:.3g}", number)
                                                  : fmt::format("{:.1e}", number);
  });
}

std::string times_text(std::optional<double> factor) {
  return text_or_missing(factor, [](double value) {
    return (value >= 999.5 ? format_count(value) : fmt::format("{:.3g}", value)) + "×";
  });
}

std::string rate_text(std::optional<double> per_second) {
  return text_or_missing(per_second, [](double rate) {
    return (rate < 100 ? fmt::format("{:.3g}", rate) : format_count(rate)) + "/s";
  });
}

std::string percent_text(std::optional<double> fraction) {
  return text_or_missing(fraction, format_percent);
}

std::string time_interval(std::optional<double> low, std::optional<double> high) {
  if (!low || !high) return std::string(missing);
  const std::string first = time_text(low);
  const std::string second = time_text(high);
  const auto unit = first.rfind(' ');
  const bool same_unit = unit != std::string::npos && second.ends_with(first.substr(unit)) &&
                         first.find(' ') == unit && second.find(' ') == second.rfind(' ');
  return (same_unit ? first.substr(0, unit) : first) + " to " + second;
}

std::string shape_text(const Json& shape) {
  if (!shape.is_array()) return "unknown rank";
  if (shape.empty()) return "scalar";
  std::string out;
  for (const Json& dimension : items(shape)) {
    if (!out.empty()) out += "×";
    out += dimension.is_null() ? "?" : text_of(dimension);
  }
  return out;
}

std::string words(std::string_view key) {
  if (const auto dot = key.rfind('.'); dot != std::string_view::npos) key.remove_prefix(dot + 1);
  std::string out(key);
  std::ranges::replace(out, '_', ' ');
  return out;
}

std::string file_name(std::string_view path) {
  if (const auto slash = path.rfind('/'); slash != std::string_view::npos)
    path.remove_prefix(slash + 1);
  return std::string(path);
}

}  // namespace ponte::report
