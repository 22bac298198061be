#include "harness/case_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <limits>
#include <sstream>

#include "ops/array.h"

namespace ponte::harness {
namespace {

using ir::DType;
using ops::Arithmetic;
using ops::Array;

// A value before its dtype is known: a scalar's text, or a list.
struct Literal {
  std::string text;
  bool is_list = false;
  bool is_sequence = false;
  bool is_string = false;
  std::vector<Literal> items;
};

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.' || c == '-' || c == '+' || c == '?' || c == ':';
}

class CaseParser {
 public:
  CaseParser(std::string file, int line, std::string text, const ir::OpSet& ops)
      : file_(std::move(file)), line_(line), text_(std::move(text)), ops_(ops) {}

  OpCase parse(std::string title) {
    case_.file = file_;
    case_.line = line_;
    case_.title = std::move(title);
    parse_node();
    while (!at_end()) parse_statement();
    return std::move(case_);
  }

 private:
  [[noreturn]] void fail(const std::string& problem) const {
    const int line =
        line_ + static_cast<int>(std::count(
                    text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(at_), '\n'));
    throw Error(Code::TextSyntax, fmt::format("{}:{}: {}", file_, line, problem));
  }

  void skip_blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
  }
  bool at_end() {
    skip_blanks();
    return at_ == text_.size();
  }
  bool takes(std::string_view token) {
    skip_blanks();
    if (std::string_view(text_).substr(at_, token.size()) != token) return false;
    at_ += token.size();
    return true;
  }
  void expect(std::string_view token) {
    if (!takes(token)) fail(fmt::format("`{}` is expected", token));
  }

  std::string word() {
    skip_blanks();
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_word(text_[at_])) ++at_;
    if (begin == at_) fail("a word is expected");
    return text_.substr(begin, at_ - begin);
  }

  std::string name() {
    std::string result = word();
    if (result.back() == ':') {
      result.pop_back();
      --at_;
    }
    return result;
  }

  // Up to the bracket that closes the type.
  ir::Type type() {
    skip_blanks();
    const std::size_t begin = at_;
    int depth = 0;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '(' || c == '[') ++depth;
      if (depth == 0 && !is_word(c)) break;
      ++at_;
      if ((c == ')' || c == ']') && --depth == 0) break;
    }
    return ir::parse_type(text_.substr(begin, at_ - begin));
  }

  CaseParameter parameter() {
    CaseParameter result;
    result.name = name();
    if (result.name == "const") {
      result.is_constant = true;
      result.name = name();
    }
    if (result.name == "_") return {};
    if (takes(":")) result.type = type();
    return result;
  }

  void parse_node() {
    do {
      case_.outputs.push_back(parameter());
    } while (takes(","));
    expect("=");
    case_.op = word();
    if (const auto colons = case_.op.find("::"); colons != std::string::npos) {
      case_.domain = case_.op.substr(0, colons);
      case_.op = case_.op.substr(colons + 2);
    }
    expect("(");
    while (!takes(")")) {
      case_.inputs.push_back(parameter());
      takes(",");
    }
    if (!takes("{")) return;
    while (!takes("}")) {
      const std::string attribute_name = name();
      expect("=");
      case_.attributes.emplace(attribute_name, attribute(attribute_name));
      takes(",");
    }
  }

  ir::AttributeKind kind_of_attribute(const std::string& attribute_name,
                                      const Literal& literal) const {
    if (const ir::Op* op = ops_.find(case_.domain, case_.op)) {
      for (const ir::AttributeSpec& spec : op->attributes) {
        if (spec.name == attribute_name) return spec.kind;
      }
    }
    const Literal& first = literal.is_list && !literal.items.empty() ? literal.items[0] : literal;
    const bool is_real = first.text.find('.') != std::string::npos;
    if (literal.is_list)
      return first.is_string ? ir::AttributeKind::Strings
             : is_real       ? ir::AttributeKind::Floats
                             : ir::AttributeKind::Ints;
    return first.is_string ? ir::AttributeKind::String
           : is_real       ? ir::AttributeKind::Float
                           : ir::AttributeKind::Int;
  }

  bool is_type_next() {
    skip_blanks();
    const std::string_view rest = std::string_view(text_).substr(at_);
    if (rest.starts_with("seq(") || rest.starts_with("optional(")) return true;
    const auto end = rest.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789");
    return end != std::string_view::npos && rest[end] == '[' &&
           ir::parse_dtype(rest.substr(0, end)).has_value();
  }

  ir::Attribute attribute(const std::string& attribute_name) {
    if (is_type_next()) {
      const ir::Type declared = type();
      skip_blanks();
      if (text_[at_] == ',' || text_[at_] == '}') return declared;
      return value(declared, literal()).tensors.at(0);
    }
    const Literal given = literal();
    const auto all = [&](auto convert) {
      std::vector<decltype(convert(given))> list;
      for (const Literal& item : given.items) list.push_back(convert(item));
      return list;
    };
    const auto to_float = [this](const Literal& item) { return static_cast<float>(real(item)); };
    const auto to_int = [this](const Literal& item) { return integer(item); };
    const auto to_text = [](const Literal& item) { return item.text; };
    switch (kind_of_attribute(attribute_name, given)) {
      case ir::AttributeKind::Float:
        return to_float(given);
      case ir::AttributeKind::Int:
        return to_int(given);
      case ir::AttributeKind::String:
        return to_text(given);
      case ir::AttributeKind::Floats:
        return all(to_float);
      case ir::AttributeKind::Ints:
        return all(to_int);
      case ir::AttributeKind::Strings:
        return all(to_text);
      default:
        fail(fmt::format("attribute `{}` can't be written here", attribute_name));
    }
  }

  void parse_statement() {
    const std::string first = word();
    if (first == "error") {
      case_.error = parse_code(word());
      if (!case_.error) fail("no such error code");
    } else if (first == "tolerance") {
      Literal number;
      number.text = word();
      case_.tolerance = real(number);
    } else {
      expect("=");
      case_.values.emplace(first, value(declared_type(first), literal()));
    }
  }

  ir::Type declared_type(const std::string& value_name) const {
    for (const auto* list : {&case_.inputs, &case_.outputs}) {
      for (const CaseParameter& parameter : *list) {
        if (parameter.name == value_name) return parameter.type;
      }
    }
    fail(fmt::format("`{}` is no input or output", value_name));
  }

  Literal literal() {
    skip_blanks();
    if (at_ == text_.size()) fail("a value is expected");
    Literal result;
    if (text_[at_] == '[' || text_[at_] == '(') {
      result.is_sequence = text_[at_] == '(';
      result.is_list = true;
      const char end = text_[at_++] == '(' ? ')' : ']';
      while (!takes(std::string_view(&end, 1))) {
        result.items.push_back(literal());
        takes(",");
      }
    } else if (text_[at_] == '"') {
      result.is_string = true;
      for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
        if (text_[at_] == '\\') ++at_;
        result.text += text_[at_];
      }
      ++at_;
    } else {
      result.text = word();
    }
    return result;
  }

  double real(const Literal& scalar) const {
    const std::string& t = scalar.text;
    if (t == "true") return 1;
    if (t == "false") return 0;
    char* end = nullptr;
    const double result = std::strtod(t.c_str(), &end);
    if (scalar.is_list || t.empty() || *end != '\0') fail(fmt::format("`{}` is no number", t));
    return result;
  }

  template <typename T = std::int64_t>
  T integer(const Literal& scalar) const {
    const std::string& t = scalar.text;
    if (t == "true" || t == "false") return t == "true" ? 1 : 0;
    if (const auto dtype = ir::parse_dtype(t)) return static_cast<T>(*dtype);
    T result{};
    const auto [end, error] = std::from_chars(t.data(), t.data() + t.size(), result);
    if (scalar.is_list || error != std::errc{} || end != t.data() + t.size())
      fail(fmt::format("`{}` is no integer", t));
    return result;
  }

  // "1.5-2i"
  std::complex<double> complex(const Literal& scalar) const {
    char* end = nullptr;
    const double first = std::strtod(scalar.text.c_str(), &end);
    if (*end == '\0') return {first, 0};
    const double second = std::strtod(end, &end);
    if (std::string_view(end) != "i") fail(fmt::format("`{}` is no complex number", scalar.text));
    return {first, second};
  }

  void collect(const Literal& list, ops::Dims& shape, std::size_t depth,
               std::vector<const Literal*>& scalars) const {
    if (!list.is_list) {
      if (depth != shape.size()) fail("the lists are not rectangular");
      scalars.push_back(&list);
      return;
    }
    const auto size = static_cast<std::int64_t>(list.items.size());
    if (depth == shape.size() && scalars.empty()) shape.push_back(size);
    if (depth >= shape.size() || shape[depth] != size) fail("the lists are not rectangular");
    for (const Literal& item : list.items) collect(item, shape, depth + 1, scalars);
  }

  ir::Tensor tensor(const ir::TensorType& declared, const Literal& list) const {
    ops::Dims shape;
    std::vector<const Literal*> scalars;
    collect(list, shape, 0, scalars);
    if (scalars.empty() && declared.shape) {
      // What is missing in the lists of an empty tensor stands in its type.
      for (std::size_t i = shape.size(); i < declared.shape->size(); ++i)
        shape.push_back((*declared.shape)[i].known().value_or(0));
    }
    Array array = Array::zeros(declared.dtype, shape, Arithmetic::Judge);
    if (array.count() != static_cast<std::int64_t>(scalars.size()))
      fail("the number of elements is not that of the type");
    const auto fill = [&](auto elements, const auto& convert) {
      for (std::size_t i = 0; i < scalars.size(); ++i) elements[i] = convert(*scalars[i]);
    };
    if (array.holds<double>())
      fill(array.mutable_as<double>(), [&](const Literal& s) { return real(s); });
    if (array.holds<std::int64_t>())
      fill(array.mutable_as<std::int64_t>(), [&](const Literal& s) { return integer(s); });
    if (array.holds<std::uint64_t>())
      fill(array.mutable_as<std::uint64_t>(),
           [&](const Literal& s) { return integer<std::uint64_t>(s); });
    if (array.holds<ops::Bool>())
      fill(array.mutable_as<ops::Bool>(),
           [&](const Literal& s) { return integer(s) != 0 ? ops::Bool::True : ops::Bool::False; });
    if (array.holds<std::string>())
      fill(array.mutable_as<std::string>(), [&](const Literal& s) { return s.text; });
    if (array.holds<std::complex<double>>())
      fill(array.mutable_as<std::complex<double>>(), [&](const Literal& s) { return complex(s); });
    return ops::store(array);
  }

  CaseValue value(const ir::Type& declared, const Literal& given) const {
    CaseValue result{declared, {}};
    const ir::Type* inner = &declared;
    if (const auto* optional = declared.as_optional()) {
      if (given.text == "none") return result;
      inner = optional->element.get();
    }
    if (const auto* sequence = inner->as_sequence()) {
      if (!given.is_sequence) fail("a sequence stands in parentheses");
      for (const Literal& item : given.items) {
        result.tensors.push_back(tensor(*sequence->element->as_tensor(), item));
      }
      return result;
    }
    if (!inner->as_tensor() || inner->as_tensor()->dtype == DType::Undefined)
      fail("the dtype is not declared");
    result.tensors.push_back(tensor(*inner->as_tensor(), given));
    return result;
  }

  std::string file_;
  int line_;
  std::string text_;
  const ir::OpSet& ops_;
  std::size_t at_ = 0;
  OpCase case_;
};

ops::Datum datum_of(const ir::Type& type, const std::vector<ir::Tensor>& tensors,
                    Arithmetic arithmetic) {
  if (const auto* sequence = type.as_sequence()) {
    std::vector<ops::Datum> items;
    for (const ir::Tensor& tensor : tensors) items.push_back({ops::load(tensor, arithmetic)});
    const ir::TensorType* element = sequence->element->as_tensor();
    return {ops::Sequence{ir::Type::tensor(element->dtype),
                          std::make_shared<const std::vector<ops::Datum>>(std::move(items))}};
  }
  if (const auto* optional = type.as_optional()) {
    ops::OptionalDatum result{*optional->element, nullptr};
    if (!tensors.empty() || optional->element->as_sequence()) {
      result.item =
          std::make_shared<const ops::Datum>(datum_of(*optional->element, tensors, arithmetic));
    }
    return {result};
  }
  return {ops::load(tensors.at(0), arithmetic)};
}

}  // namespace

ops::Datum to_datum(const CaseValue& value, Arithmetic arithmetic) {
  return datum_of(value.type, value.tensors, arithmetic);
}

std::vector<OpCase> read_cases(const std::filesystem::path& path, const ir::OpSet& ops) {
  std::ifstream stream(path);
  if (!stream) throw Error(Code::CannotOpenFile, path.string());
  std::vector<OpCase> cases;
  std::string line, title, text;
  int number = 0, first = 0;
  const auto finish = [&] {
    if (!text.empty())
      cases.push_back(CaseParser(path.filename().string(), first, text, ops).parse(title));
    title.clear();
    text.clear();
  };
  while (std::getline(stream, line)) {
    ++number;
    if (line.empty()) {
      finish();
    } else if (line[0] == '#') {
      if (title.empty()) title = line.substr(std::min<std::size_t>(2, line.size()));
    } else {
      if (text.empty()) first = number;
      text += line + '\n';
    }
  }
  finish();
  return cases;
}

}  // namespace ponte::harness
