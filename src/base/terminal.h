// What the terminal can show: colours, width, animation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ponte {

enum class ColorChoice : std::uint8_t { Never, Auto, Always };

// "never", "auto" or "always".
std::optional<ColorChoice> parse_color_choice(std::string_view text);

// What the decisions below depend on.
struct TerminalEnvironment {
  bool is_terminal = false;
  std::optional<std::string> no_color;  // NO_COLOR
  std::optional<std::string> term;      // TERM
  std::size_t columns = 80;
};

// Of STDOUT_FILENO or STDERR_FILENO; the columns come from the terminal, else from COLUMNS, else
// they are 80.
TerminalEnvironment read_terminal(int descriptor);

// The flag decides; left to itself: on a terminal that is not dumb, unless NO_COLOR is set and not
// empty.
bool use_color(ColorChoice choice, const TerminalEnvironment& environment);

// Whether a line may be drawn over.
bool may_animate(const TerminalEnvironment& environment);

enum class Style : std::uint8_t { Bold, Dim, Red, Green, Yellow };

// Puts ANSI escape sequences around text, or does not.
class Styles {
 public:
  explicit Styles(bool enabled) : enabled_(enabled) {}
  std::string apply(Style style, std::string_view text) const;

 private:
  bool enabled_;
};

}  // namespace ponte
