#include "base/terminal.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <charconv>

#include "base/environment.h"

namespace ponte {
namespace {

std::size_t read_columns(int descriptor) {
  struct winsize size {};
  if (::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  const std::string text = environment_variable("COLUMNS").value_or("");
  std::size_t columns = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), columns);
  return error == std::errc() && end == text.data() + text.size() && columns > 0 ? columns : 80;
}

std::string_view sequence(Style style) {
  switch (style) {
    case Style::Bold:
      return "1";
    case Style::Dim:
      return "2";
    case Style::Red:
      return "31";
    case Style::Green:
      return "32";
    case Style::Yellow:
      return "33";
  }
  return "0";
}

}  // namespace

std::optional<ColorChoice> parse_color_choice(std::string_view text) {
  if (text == "never") return ColorChoice::Never;
  if (text == "auto") return ColorChoice::Auto;
  if (text == "always") return ColorChoice::Always;
  return std::nullopt;
}

TerminalEnvironment read_terminal(int descriptor) {
  return {.is_terminal = ::isatty(descriptor) == 1,
          .no_color = environment_variable("NO_COLOR"),
          .term = environment_variable("TERM"),
          .columns = read_columns(descriptor)};
}

bool may_animate(const TerminalEnvironment& environment) {
  return environment.is_terminal && environment.term && !environment.term->empty() &&
         *environment.term != "dumb";
}

bool use_color(ColorChoice choice, const TerminalEnvironment& environment) {
  if (choice != ColorChoice::Auto) return choice == ColorChoice::Always;
  const bool refused = environment.no_color && !environment.no_color->empty();
  return may_animate(environment) && !refused;
}

std::string Styles::apply(Style style, std::string_view text) const {
  if (!enabled_ || text.empty()) return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", sequence(style), text);
}

}  // namespace ponte
