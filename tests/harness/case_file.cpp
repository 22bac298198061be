#include "harness/case_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "ir/attribute_text.h"
#include "ir/literal.h"
#include "ops/array.h"

namespace ponte::harness {
namespace {

using ops::Arithmetic;

class CaseParser {
 public:
  CaseParser(const std::string& file, int line, const std::string& text, const ir::OpSet& ops)
      : cursor_(text, file, line), ops_(ops) {
    case_.file = file;
    case_.line = line;
  }

  OpCase parse(std::string title) {
    case_.title = std::move(title);
    take_node();
    while (!cursor_.at_end()) take_statement();
    return std::move(case_);
  }

 private:
  CaseParameter take_parameter() {
    CaseParameter result;
    if (cursor_.takes_word("_")) return result;
    result.is_constant = cursor_.takes_word("const");
    result.name = cursor_.name();
    if (cursor_.takes(":")) result.type = cursor_.type();
    return result;
  }

  void take_node() {
    do {
      case_.outputs.push_back(take_parameter());
    } while (cursor_.takes(","));
    cursor_.expect("=");
    const auto [domain, op] = cursor_.op_name();
    case_.domain = domain;
    case_.op = op;
    cursor_.expect("(");
    while (!cursor_.takes(")")) {
      case_.inputs.push_back(take_parameter());
      cursor_.takes(",");
    }
    case_.attributes = take_attributes(
        cursor_, ops_.find(domain, op), [](const ir::Type& type) { return type; },
        [](const std::string&) { return false; });
  }

  void take_statement() {
    const std::size_t position = cursor_.position();
    const std::string first = cursor_.name();
    if (first == "error") {
      case_.error = parse_code(cursor_.word());
      if (!case_.error) cursor_.fail_at(position, "no such error code");
    } else if (first == "tolerance") {
      case_.tolerance = to_real(cursor_, ir::take_literal(cursor_));
    } else {
      const ir::Type type = declared_type(first, position);
      cursor_.expect("=");
      case_.values.emplace(first, to_value(type, ir::take_literal(cursor_)));
    }
  }

  ir::Type declared_type(const std::string& name, std::size_t position) const {
    for (const auto* list : {&case_.inputs, &case_.outputs}) {
      for (const CaseParameter& parameter : *list) {
        if (parameter.name == name) return parameter.type;
      }
    }
    cursor_.fail_at(position, fmt::format("`{}` is no input or output", name));
  }

  CaseValue to_value(const ir::Type& declared, const ir::Literal& literal) const {
    CaseValue result{declared, {}};
    const ir::Type* inner = &declared;
    if (const auto* optional = declared.as_optional()) {
      if (literal.is_word("none")) return result;
      inner = optional->element.get();
    }
    const auto* sequence = inner->as_sequence();
    const ir::TensorType* tensor = (sequence ? *sequence->element : *inner).as_tensor();
    if (!tensor) cursor_.fail_at(literal.position, "the type is not declared");
    if (!sequence) {
      result.tensors.push_back(to_tensor(cursor_, *tensor, literal));
      return result;
    }
    if (literal.kind != ir::Literal::Kind::Sequence)
      cursor_.fail_at(literal.position, "a sequence stands in parentheses");
    for (const ir::Literal& item : literal.items)
      result.tensors.push_back(to_tensor(cursor_, *tensor, item));
    return result;
  }

  ir::TextCursor cursor_;
  const ir::OpSet& ops_;
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
