#include "ops/text_numbers.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <string_view>

#include "base/error.h"

namespace ponte::ops {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\n\r\f\v";
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

// from_chars takes no plus sign, but "inf" and "nan" in any case.
std::string_view without_plus(std::string_view text) {
  text = trimmed(text);
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
  return text;
}

[[noreturn]] void refuse(const std::string& text) {
  throw Error(Code::InvalidInputValue, fmt::format("`{}` is no number", text.substr(0, 40)));
}

template <typename T>
bool parse_whole(std::string_view text, T& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size();
}

template <typename T>
T parse_integer_as(const std::string& text) {
  T value{};
  if (parse_whole(without_plus(text), value)) return value;
  const double real = std::trunc(parse_real(text));
  const double end = std::ldexp(1.0, std::numeric_limits<T>::digits);
  const double lowest = std::is_signed_v<T> ? -end : 0.0;
  if (!(real >= lowest && real < end)) refuse(text);
  return static_cast<T>(real);
}

template <typename T>
std::string real_text(T value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "INF" : "-INF";
  std::array<char, 400> buffer;
  const auto [end, error] =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed);
  if (error != std::errc{}) return fmt::format("{}", value);
  return {buffer.data(), end};
}

}  // namespace

double parse_real(const std::string& text) {
  double value = 0;
  const std::string_view digits = without_plus(text);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (end != digits.data() + digits.size() || digits.empty()) refuse(text);
  if (error == std::errc::result_out_of_range)
    return std::strtod(std::string(digits).c_str(), nullptr);
  if (error != std::errc{}) refuse(text);
  return value;
}

std::int64_t parse_integer(const std::string& text) { return parse_integer_as<std::int64_t>(text); }
std::uint64_t parse_unsigned(const std::string& text) {
  return parse_integer_as<std::uint64_t>(text);
}

std::string number_text(ir::DType dtype, double value) {
  // In judge mode narrower floats are held as double, too.
  if (dtype != ir::DType::Float64) return real_text(static_cast<float>(value));
  return real_text(value);
}
std::string number_text(ir::DType, float value) { return real_text(value); }
std::string number_text(ir::DType, std::int64_t value) { return fmt::format("{}", value); }
std::string number_text(ir::DType, std::uint64_t value) { return fmt::format("{}", value); }

}  // namespace ponte::ops
