// HTML that is escaped by type: only literals of the program become tags; text becomes text.
#pragma once

#include <array>
#include <concepts>
#include <span>
#include <string>
#include <string_view>

namespace ponte::report {

// Text for element content and quoted attribute values: control bytes made visible, at most
// `max_length` columns.
std::string escape_html(std::string_view text, std::size_t max_length = 200);

// A coordinate: at most two decimals.
std::string coordinate(double value);

class Markup;
namespace detail {

// A literal with as many {} as there are arguments; another number does not compile.
template <std::size_t Count>
class Pattern {
 public:
  consteval Pattern(const char* text) : text_(text) {  // NOLINT: implicit, so that literals convert
    std::size_t places = 0;
    for (std::size_t at = text_.find("{}"); at != text_.npos; at = text_.find("{}", at + 2))
      ++places;
    if (places != Count) throw "the pattern has another number of places than arguments";
  }
  std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};

std::string safe(const Markup& markup);
inline std::string safe(std::string_view text) { return escape_html(text); }
inline std::string safe(double value) { return coordinate(value); }
template <std::integral Integer>
std::string safe(Integer value) {
  return std::to_string(value);
}

// The pattern with its places filled.
std::string filled(std::string_view pattern, std::span<const std::string> pieces);

}  // namespace detail

class Markup {
 public:
  Markup() = default;

  Markup& operator+=(const Markup& more) {
    text_ += more.text_;
    return *this;
  }
  const std::string& text() const { return text_; }
  bool empty() const { return text_.empty(); }

 private:
  explicit Markup(std::string text) : text_(std::move(text)) {}

  template <typename... Arguments>
  friend Markup markup(detail::Pattern<sizeof...(Arguments)>, const Arguments&...);
  friend Markup long_text(std::string_view);
  friend Markup program_text(std::string_view);
  friend Markup script_data(std::string_view);
  friend Markup long_path(std::string_view);

  std::string text_;
};

// `pattern` is a literal, and each {} takes markup as it is, text escaped, or a number.
template <typename... Arguments>
Markup markup(detail::Pattern<sizeof...(Arguments)> pattern, const Arguments&... arguments) {
  const std::array<std::string, sizeof...(Arguments)> pieces = {detail::safe(arguments)...};
  return Markup(detail::filled(pattern.text(), pieces));
}

// Text of up to 4,000 columns.
Markup long_text(std::string_view text);

// The same, where `x` stands for an identifier.
Markup prose(std::string_view text);

// An identifier out of a model, at most 120 columns.
Markup code(std::string_view name);

// A trial's or file's name outside of code, at most 120 columns.
Markup shortened(std::string_view name);

// The d attribute of a path of any length. Throws InternalError unless it is made of letters,
// digits and " .-".
Markup long_path(std::string_view path);

// The program's own style or script.
Markup program_text(std::string_view text);

// JSON for the inside of a script element, which nothing in it can close.
Markup script_data(std::string_view json);

}  // namespace ponte::report
