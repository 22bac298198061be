#include "ir/quoted.h"

#include <fmt/format.h>

#include <charconv>
#include <limits>

#include "base/error.h"
#include "base/text.h"

namespace ponte::ir {

std::string quoted_text(std::string_view text) {
  const bool is_printable = escape_control(text, std::numeric_limits<std::size_t>::max()) == text;
  std::string result = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      result += '\\';
      result += c;
    } else if (byte < 0x20 || byte == 0x7F || (byte >= 0x80 && !is_printable)) {
      result += fmt::format("\\x{:02x}", byte);
    } else {
      result += c;
    }
  }
  return result + '"';
}

namespace {

char take_escaped(std::string_view& rest) {
  if (rest.empty()) throw Error(Code::TextSyntax, "`\"` is missing");
  const char c = rest.front();
  rest.remove_prefix(1);
  if (c != 'x') return c;
  unsigned code = 0;
  if (rest.size() < 2 ||
      std::from_chars(rest.data(), rest.data() + 2, code, 16).ptr != rest.data() + 2) {
    throw Error(Code::TextSyntax, "two hexadecimal digits are missing");
  }
  rest.remove_prefix(2);
  return static_cast<char>(code);
}

}  // namespace

std::string take_quoted(std::string_view& rest) {
  std::string text;
  rest.remove_prefix(1);
  while (!rest.empty() && rest.front() != '"') {
    const char c = rest.front();
    rest.remove_prefix(1);
    text += c == '\\' ? take_escaped(rest) : c;
  }
  if (rest.empty()) throw Error(Code::TextSyntax, "`\"` is missing");
  rest.remove_prefix(1);
  return text;
}

}  // namespace ponte::ir
