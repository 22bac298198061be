// The lexer that ponte's text forms share: graphs, and the case files of the tests.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "ir/type.h"

namespace ponte::ir {

// Whether a character may stand in a bare word: letters, digits and `_ . + - / ?`.
bool is_word_character(char c);

// A name as text: bare where it is a word that begins with a letter, a digit, `_` or `/`, is none
// of the words that begin a statement and holds no sign; in double quotes otherwise.
std::string name_text(std::string_view name);

// Walks over a text. Blanks, line ends and comments (from `#` to the end of the line) separate
// words and mean nothing else. What does not fit throws TextSyntax with line and column.
class TextCursor {
 public:
  // `name` and `first_line` are for messages.
  explicit TextCursor(std::string_view text, std::string name = {}, int first_line = 1)
      : text_(text), name_(std::move(name)), first_line_(first_line) {}

  [[noreturn]] void fail(const std::string& problem) const { fail_at(at_, problem); }
  [[noreturn]] void fail_at(std::size_t position, const std::string& problem) const;
  std::size_t position();  // of the next token

  bool at_end();
  char peek();                             // the next character; 0 at the end
  bool peeks_word(std::string_view word);  // whether the next token is exactly this bare word
  bool takes(std::string_view token);      // punctuation
  bool takes_word(std::string_view word);  // a whole bare word
  void expect(std::string_view token);
  void expect_word(std::string_view word);

  std::string word();    // a bare word
  std::string quoted();  // a text in double quotes
  std::string name();    // either; not empty
  struct OpName {
    std::string domain;
    std::string name;
  };
  OpName op_name();  // "Conv", "com.microsoft::Gelu"
  // A type, up to the bracket that closes it.
  bool is_type_next();
  Type type();

  // Counts nested brackets, literals and blocks while it lives. Throws NestingTooDeep.
  class Depth {
   public:
    explicit Depth(TextCursor& cursor);
    ~Depth() { --cursor_.depth_; }
    Depth(const Depth&) = delete;
    Depth& operator=(const Depth&) = delete;

   private:
    TextCursor& cursor_;
  };

 private:
  void skip_blanks();
  std::string_view rest() const { return text_.substr(at_); }
  std::size_t type_size() const;

  std::string_view text_;
  std::string name_;
  int first_line_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace ponte::ir
