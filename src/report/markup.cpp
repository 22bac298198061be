#include "report/markup.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <vector>

#include "base/check.h"
#include "base/text.h"

namespace ponte::report {
namespace {

constexpr std::size_t longest_prose = 4000;
constexpr std::size_t longest_name = 120;

std::string entities(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

}  // namespace

namespace detail {
std::string safe(const Markup& markup) { return markup.text(); }

std::string filled(std::string_view pattern, std::span<const std::string> pieces) {
  std::string out;
  for (const std::string& piece : pieces) {
    const auto place = pattern.find("{}");
    out.append(pattern.substr(0, place)).append(piece);
    pattern.remove_prefix(place + 2);
  }
  return out.append(pattern);
}
}  // namespace detail

std::string escape_html(std::string_view text, std::size_t max_length) {
  return entities(escape_control(text, max_length));
}

std::string coordinate(double value) {
  std::string out = fmt::format("{:.2f}", value);
  out.erase(out.find_last_not_of('0') + 1);
  if (out.ends_with('.')) out.pop_back();
  return out == "-0" ? "0" : out;
}

Markup long_text(std::string_view text) { return Markup(escape_html(text, longest_prose)); }

Markup prose(std::string_view text) {
  const std::string shown = shorten(text, longest_prose);
  std::vector<std::string_view> pieces;
  for (std::string_view rest = shown;;) {
    const auto tick = rest.find('`');
    pieces.push_back(rest.substr(0, tick));
    if (tick == std::string_view::npos) break;
    rest.remove_prefix(tick + 1);
  }
  Markup out;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const bool closed = i + 1 < pieces.size();
    if (i % 2 == 0) {
      out += long_text(pieces[i]);
    } else if (closed) {
      out += markup("<code>{}</code>", long_text(pieces[i]));
    } else {
      out += markup("`{}", long_text(pieces[i]));
    }
  }
  return out;
}

Markup code(std::string_view name) { return markup("<code>{}</code>", shortened(name)); }

Markup shortened(std::string_view name) { return long_text(shorten(name, longest_name)); }

Markup long_path(std::string_view path) {
  PONTE_CHECK(std::ranges::all_of(path, [](unsigned char c) {
    return std::isalnum(c) != 0 || c == ' ' || c == '.' || c == '-';
  }));
  return Markup(std::string(path));
}

Markup program_text(std::string_view text) { return Markup(std::string(text)); }

Markup script_data(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  for (const char c : json) {
    if (c == '<') {
      out += "\\u003c";
    } else {
      out += c;
    }
  }
  return Markup(std::move(out));
}

}  // namespace ponte::report
