#include "ir/text_cursor.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/error.h"
#include "ir/quoted.h"

namespace ponte::ir {
namespace {

constexpr int max_depth = 64;

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// Words that begin a statement, or stand where a name could.
constexpr auto reserved = std::to_array<std::string_view>(
    {"_",        "as",          "attribute", "const", "default",    "doc",   "fixed",
     "from",     "graph",       "input",     "note",  "opaque",     "opset", "output",
     "overload", "placeholder", "reshaped",  "state", "transposed", "value"});

bool is_bare(std::string_view name) {
  const auto fits = [](char c) {
    return is_letter_or_digit(c) || c == '_' || c == '.' || c == '/';
  };
  return !name.empty() && name[0] != '.' && std::ranges::all_of(name, fits) &&
         std::ranges::find(reserved, name) == reserved.end();
}

}  // namespace

bool is_word_character(char c) {
  return is_letter_or_digit(c) || c == '_' || c == '.' || c == '+' || c == '-' || c == '/' ||
         c == '?';
}

std::string name_text(std::string_view name) {
  return is_bare(name) ? std::string(name) : quoted_text(name);
}

void TextCursor::fail_at(std::size_t position, const std::string& problem) const {
  const std::string_view before = text_.substr(0, position);
  const auto line = first_line_ + std::ranges::count(before, '\n');
  const auto line_start = before.rfind('\n');
  const std::size_t column =
      line_start == std::string_view::npos ? position + 1 : position - line_start;
  const std::string place = name_.empty() ? std::string() : name_ + ":";
  throw Error(Code::TextSyntax, fmt::format("{}{}:{}: {}", place, line, column, problem));
}

void TextCursor::skip_blanks() {
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (c == '#') {
      at_ = std::min(text_.find('\n', at_), text_.size());
    } else if (c == ' ' || c == '\n' || c == '\t' || c == '\r') {
      ++at_;
    } else {
      return;
    }
  }
}

std::size_t TextCursor::position() {
  skip_blanks();
  return at_;
}

bool TextCursor::at_end() { return position() == text_.size(); }

char TextCursor::peek() { return at_end() ? '\0' : text_[at_]; }

bool TextCursor::takes(std::string_view token) {
  skip_blanks();
  if (!rest().starts_with(token)) return false;
  at_ += token.size();
  return true;
}

bool TextCursor::peeks_word(std::string_view word) {
  skip_blanks();
  return rest().starts_with(word) &&
         (at_ + word.size() == text_.size() || !is_word_character(text_[at_ + word.size()]));
}

bool TextCursor::takes_word(std::string_view word) {
  if (!peeks_word(word)) return false;
  at_ += word.size();
  return true;
}

void TextCursor::expect(std::string_view token) {
  if (!takes(token)) fail(fmt::format("`{}` is expected", token));
}

void TextCursor::expect_word(std::string_view word) {
  if (!takes_word(word)) fail(fmt::format("`{}` is expected", word));
}

std::string TextCursor::word() {
  skip_blanks();
  const std::size_t begin = at_;
  while (at_ < text_.size() && is_word_character(text_[at_])) ++at_;
  if (begin == at_) fail("a word is expected");
  return std::string(text_.substr(begin, at_ - begin));
}

std::string TextCursor::quoted() {
  if (peek() != '"') fail("a text in double quotes is expected");
  std::string_view after = rest();
  try {
    std::string text = take_quoted(after);
    at_ = text_.size() - after.size();
    return text;
  } catch (const Error& error) {
    fail(error.what());
  }
}

std::string TextCursor::name() {
  const std::size_t start = position();
  std::string result = peek() == '"' ? quoted() : word();
  if (result.empty()) fail_at(start, "an empty name");
  return result;
}

TextCursor::OpName TextCursor::op_name() {
  std::string first = name();
  if (!takes("::")) return {{}, std::move(first)};
  return {std::move(first), name()};
}

bool TextCursor::is_type_next() {
  if (at_end()) return false;
  for (const std::string_view begin : {"seq(", "optional(", "map(", "?"}) {
    if (rest().starts_with(begin)) return true;
  }
  const auto end = rest().find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789");
  return end != std::string_view::npos && rest()[end] == '[' &&
         parse_dtype(rest().substr(0, end)).has_value();
}

std::size_t TextCursor::type_size() const {
  int depth = 0;
  bool in_quotes = false;
  std::size_t size = 0;
  for (; at_ + size < text_.size(); ++size) {
    const char c = text_[at_ + size];
    if (in_quotes) {
      if (c == '\\') ++size;
      in_quotes = c != '"';
    } else if (c == '"') {
      in_quotes = true;
    } else if (c == '(' || c == '[') {
      ++depth;
    } else if (c == ')' || c == ']') {
      if (depth == 0) return size;
      if (--depth == 0) return size + 1;
    } else if (depth == 0 && !is_word_character(c)) {
      return size;
    }
  }
  return std::min(size, text_.size() - at_);
}

Type TextCursor::type() {
  skip_blanks();
  const std::size_t size = type_size();
  try {
    Type result = parse_type(rest().substr(0, size));
    at_ += size;
    return result;
  } catch (const Error& error) {
    fail(error.what());
  }
}

TextCursor::Depth::Depth(TextCursor& cursor) : cursor_(cursor) {
  if (++cursor_.depth_ > max_depth) {
    --cursor_.depth_;
    throw Error(Code::NestingTooDeep,
                fmt::format("the text is nested over {} levels deep", max_depth));
  }
}

}  // namespace ponte::ir
