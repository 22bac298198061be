#include "formats/caffe/prototxt.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/error.h"

namespace ponte::caffe {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f';
}

void append_utf8(std::string& out, std::uint32_t code) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | (code >> 6));
    put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | (code >> 12));
    put(0x80 | ((code >> 6) & 0x3F));
    put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | (code >> 18));
    put(0x80 | ((code >> 12) & 0x3F));
    put(0x80 | ((code >> 6) & 0x3F));
    put(0x80 | (code & 0x3F));
  }
}

class Parser {
 public:
  Parser(std::string_view text, int max_depth) : text_(text), max_depth_(max_depth) {
    if (text_.starts_with("\xEF\xBB\xBF")) position_ = 3;
    skip_space();
  }

  Message parse() {
    Message message;
    while (position_ < text_.size()) field(message, 0);
    return message;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const { fail_at(position_, what); }

  [[noreturn]] void fail_at(std::size_t at, const std::string& what) const {
    const std::string_view before = text_.substr(0, std::min(at, text_.size()));
    const auto line = 1 + std::ranges::count(before, '\n');
    const std::size_t newline = before.rfind('\n');
    const std::size_t column =
        before.size() - (newline == std::string_view::npos ? 0 : newline + 1) + 1;
    throw Error(Code::InvalidText, fmt::format("line {}, column {}: {}", line, column, what))
        .at({.file = {}, .node = {}, .op = {}, .byte = at});
  }

  char peek() const { return position_ < text_.size() ? text_[position_] : '\0'; }
  bool at_end() const { return position_ >= text_.size(); }

  void skip_space() {
    while (!at_end()) {
      if (is_space(peek())) {
        ++position_;
      } else if (peek() == '#') {
        const std::size_t newline = text_.find('\n', position_);
        position_ = newline == std::string_view::npos ? text_.size() : newline;
      } else {
        return;
      }
    }
  }

  bool take(char c) {
    if (at_end() || peek() != c) return false;
    ++position_;
    skip_space();
    return true;
  }

  std::string field_name() {
    if (take('[')) {  // the name of an extension
      const std::size_t start = position_;
      while (!at_end() && (is_letter(peek()) || is_digit(peek()) || peek() == '.')) ++position_;
      std::string name(text_.substr(start, position_ - start));
      skip_space();
      if (name.empty() || !take(']')) fail("the name of an extension is expected");
      return name;
    }
    const std::size_t start = position_;
    if (!is_letter(peek()) || at_end()) {
      fail(at_end() ? "the text ends where a field is expected" : "a field's name is expected");
    }
    while (!at_end() && (is_letter(peek()) || is_digit(peek()))) ++position_;
    std::string name(text_.substr(start, position_ - start));
    skip_space();
    return name;
  }

  void field(Message& into, int depth) {
    const std::size_t start = position_;
    const std::string name = field_name();
    const bool colon = take(':');
    if (peek() == '[' && !at_end()) {
      list(into, name, start, depth);
    } else if (peek() == '{' || peek() == '<') {
      message(into, name, start, depth);
    } else {
      if (!colon) fail(fmt::format("`:` or a message is expected after `{}`", name));
      scalar(into, name, start);
    }
    if (!take(',')) take(';');
  }

  void list(Message& into, const std::string& name, std::size_t start, int depth) {
    take('[');
    if (take(']')) return;
    while (true) {
      if (peek() == '{' || peek() == '<') {
        message(into, name, start, depth);
      } else {
        scalar(into, name, start);
      }
      if (take(']')) return;
      if (!take(',')) fail(fmt::format("`,` or `]` is expected in the list of `{}`", name));
    }
  }

  void message(Message& into, const std::string& name, std::size_t start, int depth) {
    if (depth >= max_depth_) {
      throw Error(Code::NestingTooDeep, "messages are nested too deep",
                  "raise the limit with --max-depth")
          .at({.file = {}, .node = {}, .op = {}, .byte = start});
    }
    const char close = peek() == '{' ? '}' : '>';
    take(peek());
    Field result{name, FieldKind::Message, {}, {}, start};
    while (!take(close)) {
      if (at_end())
        fail_at(text_.size(),
                fmt::format("the text ends inside `{}`, opened at {}", name, line_of(start)));
      field(result.message, depth + 1);
    }
    into.fields.push_back(std::move(result));
  }

  std::string line_of(std::size_t at) const {
    return fmt::format("line {}", 1 + std::ranges::count(text_.substr(0, at), '\n'));
  }

  void scalar(Message& into, const std::string& name, std::size_t start) {
    if (peek() == '"' || peek() == '\'') {
      std::string text;
      while (!at_end() && (peek() == '"' || peek() == '\'')) quoted_text(text);
      into.fields.push_back({name, FieldKind::Text, std::move(text), {}, start});
      return;
    }
    std::string word;
    if (take('-')) word = "-";
    const std::size_t first = position_;
    const bool number = is_digit(peek()) || peek() == '.';
    while (!at_end() && (is_letter(peek()) || is_digit(peek()) || peek() == '.' ||
                         (number && is_exponent_sign(first)))) {
      ++position_;
    }
    word += text_.substr(first, position_ - first);
    if (position_ == first) {
      fail(at_end() ? fmt::format("the text ends where the value of `{}` is expected", name)
                    : fmt::format("the value of `{}` is expected", name));
    }
    if ((number || word.front() == '-') && !parse_float(word))
      fail_at(first, fmt::format("`{}` is no number", word));
    skip_space();
    into.fields.push_back({name, FieldKind::Word, std::move(word), {}, start});
  }

  bool is_exponent_sign(std::size_t first) const {
    if (peek() != '+' && peek() != '-') return false;
    const char before = position_ > first ? text_[position_ - 1] : '\0';
    return before == 'e' || before == 'E';
  }

  void quoted_text(std::string& out) {
    const char quote = peek();
    const std::size_t start = position_++;
    while (true) {
      if (at_end() || peek() == '\n') fail_at(start, "a text is not closed on its line");
      const char c = text_[position_++];
      if (c == quote) break;
      if (c == '\\') {
        escape(out);
      } else {
        out += c;
      }
    }
    skip_space();
  }

  std::uint32_t digits(int base, int most) {
    std::uint32_t value = 0;
    const std::size_t first = position_;
    const std::size_t last = std::min(text_.size(), first + static_cast<std::size_t>(most));
    const auto [end, error] =
        std::from_chars(text_.data() + first, text_.data() + last, value, base);
    if (error != std::errc()) fail("an escape without digits");
    position_ = static_cast<std::size_t>(end - text_.data());
    return value;
  }

  void escape(std::string& out) {
    static constexpr std::string_view names = "abfnrtv?\\'\"", values = "\a\b\f\n\r\t\v?\\'\"";
    if (at_end()) fail("a text is not closed");
    const char c = peek();
    if (const std::size_t i = names.find(c); i != std::string_view::npos) {
      out += values[i];
      ++position_;
    } else if (c >= '0' && c <= '7') {
      out += static_cast<char>(digits(8, 3) & 0xFF);
    } else if (c == 'x' || c == 'X') {
      ++position_;
      out += static_cast<char>(digits(16, 2));
    } else if (c == 'u' || c == 'U') {
      ++position_;
      const std::uint32_t code = digits(16, c == 'u' ? 4 : 8);
      if (code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) fail("no such character");
      append_utf8(out, code);
    } else {
      fail("an unknown escape");
    }
  }

  std::string_view text_;
  int max_depth_;
  std::size_t position_ = 0;
};

// What no text may hold as it is becomes an octal escape.
std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += {'\\', c};
    } else if (byte < 0x20 || byte == 0x7F) {
      out += fmt::format("\\{:03o}", byte);
    } else {
      out += c;
    }
  }
  return out + '"';
}

void print(const Message& message, std::size_t indent, std::string& out) {
  for (const Field& field : message.fields) {
    out.append(indent, ' ').append(field.name);
    switch (field.kind) {
      case FieldKind::Word:
        out.append(": ").append(field.text).append("\n");
        break;
      case FieldKind::Text:
        out.append(": ").append(in_quotes(field.text)).append("\n");
        break;
      case FieldKind::Message:
        out.append(" {\n");
        print(field.message, indent + 2, out);
        out.append(indent, ' ').append("}\n");
        break;
    }
  }
}

}  // namespace

Message parse_prototxt(std::string_view text, int max_depth) {
  return Parser(text, max_depth).parse();
}

std::string print_prototxt(const Message& message) {
  std::string out;
  print(message, 0, out);
  return out;
}

}  // namespace ponte::caffe
