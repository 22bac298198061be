// Text for people: numbers, sizes and durations, names out of models, suggestions.
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>

namespace ponte {

// A separator between each three of the digits: "-9437184" becomes "-9,437,184".
std::string group_digits(std::string digits);

template <std::integral Integer>
std::string grouped(Integer number) {
  return group_digits(std::to_string(number));
}

// Text out of a model, safe to print: control characters, bidirectional overrides and invisible
// characters become \u{202e}, C0 controls and bytes that are not UTF-8 become \x1b. At most
// `max_length` columns; what is cut ends in "…".
std::string escape_control(std::string_view text, std::size_t max_length = 200);

// Valid text cut to `max_length` columns, with "…" at its end where something was cut.
std::string shorten(std::string_view text, std::size_t max_length);

// Three significant digits and a decimal unit: "12.4 MB", "842 µs", "2 min 03 s". Not a number
// gives "n/a".
std::string format_size(std::uint64_t bytes);
std::string format_duration(std::chrono::duration<double> duration);
std::string format_percent(double fraction);  // 0.123 is "12.3 %"
std::string format_ratio(double ratio);       // 1.234 is "1.23x"

// Insertions, deletions, replacements and swaps of neighbours that turn one text into the other
// (optimal string alignment, bytewise).
std::size_t edit_distance(std::string_view a, std::string_view b);

// Collects the nearest of the candidates that it is shown; the first of equals. How far one may be
// depends on the letters of the wanted name, dashes before it not counted: with one or two only
// case may differ, with three to five one edit, with more a third of them, at most three.
class NearestName {
 public:
  explicit NearestName(std::string_view wanted);
  void consider(std::string_view candidate);
  std::optional<std::string> result() const { return best_; }

 private:
  std::string wanted_;
  std::size_t limit_;  // distances must stay below it
  std::optional<std::string> best_;
};

// The candidate nearest to `name`, for "did you mean"; none where all are too far.
template <std::ranges::input_range Candidates>
std::optional<std::string> closest(std::string_view name, const Candidates& candidates) {
  NearestName nearest(name);
  for (const auto& candidate : candidates) nearest.consider(candidate);
  return nearest.result();
}

}  // namespace ponte
