#include "cli/toml.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <set>

#include "base/error.h"
#include "base/text.h"
#include "base/utf8.h"

namespace ponte::cli {
namespace {

bool is_key_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
}

std::string utf8(std::uint32_t point) {
  std::string text;
  const auto byte = [&](std::uint32_t value) { text += static_cast<char>(value); };
  if (point < 0x80) {
    byte(point);
  } else if (point < 0x800) {
    byte(0xC0 | point >> 6);
    byte(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    byte(0xE0 | point >> 12);
    byte(0x80 | (point >> 6 & 0x3F));
    byte(0x80 | (point & 0x3F));
  } else {
    byte(0xF0 | point >> 18);
    byte(0x80 | (point >> 12 & 0x3F));
    byte(0x80 | (point >> 6 & 0x3F));
    byte(0x80 | (point & 0x3F));
  }
  return text;
}

class TomlParser {
 public:
  explicit TomlParser(std::string_view text) : text_(text) {}

  std::vector<Setting> run() {
    if (!is_utf8(text_)) fail("the text is not UTF-8");
    std::vector<Setting> settings;
    std::set<std::string> seen;
    std::string section;
    for (skip_empty(); !text_.empty(); skip_empty()) {
      const int line = line_;
      if (take('[')) {
        if (take('[')) fail("lists of tables are not supported");
        section = key();
        expect(']');
        if (!seen.insert(section).second) fail(fmt::format("[{}] stands twice", section));
      } else {
        Setting setting{.section = section, .key = key(), .values = {}, .line = line};
        expect('=');
        read_value(setting);
        if (!seen.insert(section + '.' + setting.key).second)
          fail(fmt::format("`{}` stands twice", setting.key));
        settings.push_back(std::move(setting));
      }
      end_of_line();
    }
    return settings;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(Code::ConfigurationError, fmt::format("line {}: {}", line_, what));
  }

  bool take(char c) {
    if (!text_.starts_with(c)) return false;
    text_.remove_prefix(1);
    return true;
  }

  void skip_spaces() {
    while (text_.starts_with(' ') || text_.starts_with('\t')) text_.remove_prefix(1);
  }

  void skip_comment() {
    if (text_.starts_with('#')) text_.remove_prefix(std::min(text_.find('\n'), text_.size()));
  }

  bool take_line_feed() {
    if (!text_.starts_with('\n') && !text_.starts_with("\r\n")) return false;
    text_.remove_prefix(text_.front() == '\n' ? 1 : 2);
    ++line_;
    return true;
  }

  void skip_empty() {
    do {
      skip_spaces();
      skip_comment();
    } while (take_line_feed());
  }

  void end_of_line() {
    skip_spaces();
    skip_comment();
    if (!text_.empty() && !take_line_feed()) unexpected("the end of the line");
  }

  [[noreturn]] void unexpected(std::string_view wanted) const {
    const std::string_view rest = text_.substr(0, text_.find('\n'));
    fail(rest.empty()
             ? fmt::format("{} is missing", wanted)
             : fmt::format("`{}` where {} should stand", escape_control(rest, 40), wanted));
  }

  void expect(char c) {
    skip_spaces();
    if (!take(c)) unexpected(fmt::format("`{}`", c));
    skip_spaces();
  }

  std::string key() {
    skip_spaces();
    const auto end = std::ranges::find_if_not(text_, is_key_character);
    std::string name(text_.begin(), end);
    if (name.empty()) unexpected("a key of letters, digits, `_` and `-`");
    text_.remove_prefix(name.size());
    skip_spaces();
    if (text_.starts_with('.')) fail("keys with dots are not supported");
    return name;
  }

  void read_value(Setting& setting) {
    if (!take('[')) {
      setting.values.push_back(scalar());
      return;
    }
    setting.is_list = true;
    skip_empty();
    while (!take(']')) {
      setting.values.push_back(scalar());
      skip_empty();
      if (!take(',') && !text_.starts_with(']')) unexpected("`,` or `]`");
      skip_empty();
    }
  }

  std::string scalar() {
    if (text_.starts_with("\"\"\"") || text_.starts_with("'''"))
      fail("strings over several lines are not supported");
    if (take('"')) return basic_string();
    if (take('\'')) return literal_string();
    if (text_.starts_with('{')) fail("tables inside a line are not supported");
    if (text_.starts_with('[')) fail("lists inside lists are not supported");
    const auto end = std::ranges::find_if_not(
        text_, [](char c) { return is_key_character(c) || c == '+' || c == '.' || c == ':'; });
    std::string word(text_.begin(), end);
    if (word == "true" || word == "false") {
      text_.remove_prefix(word.size());
      return word;
    }
    return number(word);
  }

  // An integer or a float of TOML, without its underscores.
  std::string number(const std::string& word) {
    std::string digits;
    for (std::size_t i = 0; i < word.size(); ++i) {
      if (word[i] != '_') {
        digits += word[i];
      } else if (i == 0 || i + 1 == word.size() || std::isdigit(word[i - 1]) == 0 ||
                 std::isdigit(word[i + 1]) == 0) {
        unexpected("a value");
      }
    }
    std::string plain = digits.starts_with('+') ? digits.substr(1) : digits;
    double parsed = 0;
    const char* const last = plain.data() + plain.size();
    const auto [end, error] = std::from_chars(plain.data(), last, parsed);
    const char first = plain.starts_with('-') ? plain.c_str()[1] : plain.c_str()[0];
    if (error != std::errc() || end != last || std::isdigit(static_cast<unsigned char>(first)) == 0)
      unexpected("a value (text stands in quotes)");
    text_.remove_prefix(word.size());
    return plain;
  }

  std::string literal_string() {
    const auto end = text_.find_first_of("'\n");
    if (end == std::string_view::npos || text_[end] == '\n') fail("a string has no end");
    std::string value(text_.substr(0, end));
    text_.remove_prefix(end + 1);
    return value;
  }

  std::string basic_string() {
    std::string value;
    while (!text_.empty() && text_.front() != '\n') {
      const char c = text_.front();
      text_.remove_prefix(1);
      if (c == '"') return value;
      value += c == '\\' ? escape() : std::string(1, c);
    }
    fail("a string has no end");
  }

  std::string escape() {
    static constexpr std::string_view letters = "btnfr\"\\";
    static constexpr std::string_view meanings = "\b\t\n\f\r\"\\";
    const char c = text_.empty() ? '\0' : text_.front();
    if (!text_.empty()) text_.remove_prefix(1);
    if (const auto i = letters.find(c); i != std::string_view::npos) return {meanings[i]};
    if (c != 'u' && c != 'U') fail("`\\` with an unknown letter behind it");
    const std::size_t digits = c == 'u' ? 4 : 8;
    std::uint32_t point = 0;
    const std::string_view number = text_.substr(0, digits);
    const auto [end, error] =
        std::from_chars(number.data(), number.data() + number.size(), point, 16);
    if (number.size() != digits || error != std::errc() || end != number.data() + digits ||
        point > 0x10FFFF || (point >= 0xD800 && point < 0xE000))
      fail("`\\u` without a character's number behind it");
    text_.remove_prefix(digits);
    return utf8(point);
  }

  std::string_view text_;
  int line_ = 1;
};

}  // namespace

std::vector<Setting> parse_toml(std::string_view text) { return TomlParser(text).run(); }

}  // namespace ponte::cli
