#include <algorithm>

#include "base/text.h"
#include "base/utf8.h"
#include "report/fields.h"
#include "report/report.h"
#include "report/terminal_views.h"

namespace ponte::report {
namespace {

constexpr std::size_t longest_prose = 1000;

}  // namespace

std::string View::toned(Tone tone, std::string_view text) const {
  switch (tone) {
    case Tone::Good:
      return styles_.apply(Style::Green, text);
    case Tone::Caution:
      return styles_.apply(Style::Yellow, text);
    case Tone::Bad:
      return styles_.apply(Style::Red, text);
    case Tone::Neutral:
      break;
  }
  return std::string(text);
}

std::string View::name(std::string_view text) const {
  return escape_control(text, std::clamp<std::size_t>(columns_ * 2 / 5, 16, 60));
}

std::string View::trial_name(std::string_view text) const {
  const std::size_t room = std::clamp<std::size_t>(columns_ * 2 / 5, 24, 60);
  std::string shown = escape_control(text, longest_prose);
  if (display_width(shown) <= room) return shown;
  constexpr std::size_t head = 8;
  std::size_t start = 0;  // of the end that fits
  while (display_width(std::string_view(shown).substr(start)) + head > room)
    decode_utf8(shown, start);
  return shorten(shown, head) + shown.substr(start);
}

std::string View::wrapped(std::string_view text, std::size_t indent) const {
  const std::string shown = escape_control(text, longest_prose);
  const std::size_t width = std::max<std::size_t>(columns_, indent + 24);
  const std::string margin(indent, ' ');
  std::string out;
  std::string line = margin;
  for (std::string_view rest = shown; !rest.empty();) {
    const auto space = rest.find(' ');
    const std::string word(rest.substr(0, space));
    rest.remove_prefix(space == std::string_view::npos ? rest.size() : space + 1);
    const bool is_first = line.size() == margin.size();
    if (!is_first && display_width(line) + 1 + display_width(word) > width) {
      out += line + '\n';
      line = margin + word;
    } else {
      line += (is_first ? "" : " ") + word;
    }
  }
  return line.size() == margin.size() ? out : out + line + '\n';
}

std::string terminal(const Json& document, const TerminalStyle& style) {
  const View view(style);
  const std::string kind = schema_kind(document);
  if (kind == "inspect") return inspect_view(document, view);
  if (kind == "convert") return convert_view(document, view);
  if (kind == "runtimes") return runtimes_view(document, view);
  if (kind == "formats") return formats_view(document, view);
  if (kind == "ops") return ops_view(document, view);
  if (kind == "conformance") return conformance_view(document, view);
  if (kind == "comparison") return comparison_view(document, view);
  if (kind == "analyze") return analyze_view(document, view);
  const Json analysis = as_analysis(document);
  if (kind == "verify") return verify_view(document, view) + verdict_line(analysis, view);
  if (kind == "bench") return bench_view(document, view) + verdict_line(analysis, view);
  return findings_view(field(document, "findings"), view) + verdict_line(analysis, view);
}

}  // namespace ponte::report
