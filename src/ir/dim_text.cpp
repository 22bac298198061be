// The text form of dimensions. Names that would not read as one word stand in double quotes.
#include "ir/dim_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/error.h"
#include "base/text.h"
#include "ir/dim_algebra.h"
#include "ir/quoted.h"

namespace ponte::ir {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool begins_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '?';
}
bool continues_name(char c) { return begins_name(c) || is_digit(c) || c == '.'; }

std::string name_text(const std::string& name) {
  const bool is_plain = begins_name(name[0]) && std::ranges::all_of(name, continues_name);
  return is_plain ? name : quoted_text(name);
}

std::string atom_text(const DimAtom& atom) {
  if (atom.operation == DimOperation::Symbol) return name_text(atom.name);
  std::string text = atom.operation == DimOperation::FloorDiv ? "floordiv("
                     : atom.operation == DimOperation::Min    ? "min("
                                                              : "max(";
  for (std::size_t i = 0; i < atom.arguments.size(); ++i) {
    if (i > 0) text += ", ";
    text += atom.arguments[i].to_string();
  }
  return text + ")";
}

// The term without its sign.
std::string term_text(const DimTerm& term) {
  std::string text;
  if (term.coefficient != 1 && term.coefficient != -1) {
    const std::string number = std::to_string(term.coefficient);
    text = number.substr(term.coefficient < 0 ? 1 : 0);
  }
  for (const DimFactor& factor : term.factors) {
    for (int i = 0; i < factor.power; ++i) {
      if (!text.empty()) text += '*';
      text += atom_text(*factor.atom);
    }
  }
  return text;
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text), rest_(text) {}

  std::string_view rest() const { return rest_; }

  Dim expression() {
    if (++depth_ > static_cast<int>(max_dim_depth)) fail("nested too deeply");
    Dim result = term(takes('-'));
    for (;;) {
      skip_spaces();
      if (takes('+')) {
        result = result + term(false);
      } else if (takes('-')) {
        result = result + term(true);
      } else {
        --depth_;
        return result;
      }
    }
  }

  void skip_spaces() {
    while (!rest_.empty() && rest_.front() == ' ') rest_.remove_prefix(1);
  }

 private:
  [[noreturn]] void fail(std::string_view problem) const {
    throw Error(Code::TextSyntax,
                fmt::format("dimension `{}`: {} at column {}", escape_control(text_), problem,
                            text_.size() - rest_.size() + 1));
  }

  bool takes(char c) {
    skip_spaces();
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  Dim term(bool negative) {
    skip_spaces();
    // The sign belongs to the digits: the lowest number has no positive counterpart.
    const bool is_number = !rest_.empty() && is_digit(rest_.front());
    Dim result = is_number ? Dim(number(negative)) : factor();
    while (takes('*')) {
      skip_spaces();
      result = result * factor();
    }
    return negative && !is_number ? Dim(0) - result : result;
  }

  std::int64_t number(bool negative) {
    std::string digits = negative ? "-" : "";
    while (!rest_.empty() && is_digit(rest_.front())) {
      digits += rest_.front();
      rest_.remove_prefix(1);
    }
    std::int64_t result = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), result);
    if (error != std::errc()) fail("a number out of range");
    return result;
  }

  Dim factor() {
    if (rest_.empty()) fail("a number, a name or `(` is missing");
    if (is_digit(rest_.front())) return number(false);
    if (rest_.front() == '"') return Dim::symbol(quoted_name());
    if (takes('(')) {
      Dim result = expression();
      if (!takes(')')) fail("`)` is missing");
      return result;
    }
    if (!begins_name(rest_.front())) fail("a number, a name or `(` is missing");
    const auto end = std::ranges::find_if_not(rest_, continues_name);
    const std::string name(rest_.begin(), end);
    rest_.remove_prefix(name.size());
    return takes('(') ? application(name) : Dim::symbol(name);
  }

  std::string quoted_name() {
    std::string name;
    try {
      name = take_quoted(rest_);
    } catch (const Error& error) {
      fail(error.what());
    }
    if (name.empty()) fail("an empty name");
    return name;
  }

  Dim application(const std::string& name) {
    std::vector<Dim> arguments;
    do {
      arguments.push_back(expression());
    } while (takes(','));
    if (!takes(')')) fail("`)` is missing");
    if (name == "min" || name == "max") {
      Dim result = arguments.front();
      for (std::size_t i = 1; i < arguments.size(); ++i) {
        result = name == "min" ? min(result, arguments[i]) : max(result, arguments[i]);
      }
      return result;
    }
    if (arguments.size() != 2) fail("two arguments are expected before this");
    if (name == "floordiv") return floor_div(arguments[0], arguments[1]);
    if (name == "ceildiv") return ceil_div(arguments[0], arguments[1]);
    if (name == "mod") return mod(arguments[0], arguments[1]);
    fail(fmt::format("no function `{}` before this", name));
  }

  std::string_view text_;
  std::string_view rest_;
  int depth_ = 0;
};

}  // namespace

std::string Dim::to_string() const {
  if (is_known()) return std::to_string(constant_);
  std::string text;
  const auto append = [&text](bool negative, const std::string& magnitude) {
    if (text.empty()) {
      text = negative ? "-" : "";
    } else {
      text += negative ? " - " : " + ";
    }
    text += magnitude;
  };
  for (const DimTerm& term : *terms_) append(term.coefficient < 0, term_text(term));
  if (constant_ != 0) {
    append(constant_ < 0, std::to_string(constant_).substr(constant_ < 0 ? 1 : 0));
  }
  return text;
}

Dim take_dim(std::string_view& text) {
  Parser parser(text);
  Dim result = parser.expression();
  text = parser.rest();
  return result;
}

Dim parse_dim(std::string_view text) {
  std::string_view rest = text;
  Dim result = take_dim(rest);
  if (rest.find_first_not_of(' ') != std::string_view::npos) {
    throw Error(Code::TextSyntax, fmt::format("dimension `{}`: `{}` is left over",
                                              escape_control(text), escape_control(rest)));
  }
  return result;
}

}  // namespace ponte::ir
