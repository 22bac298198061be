#include "formats/caffe/message.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <ranges>
#include <utility>

#include "base/error.h"

namespace ponte::caffe {

const Field* Message::find(std::string_view name) const {
  for (const Field& field : std::views::reverse(fields)) {
    if (field.name == name) return &field;
  }
  return nullptr;
}

Field* Message::find(std::string_view name) {
  return const_cast<Field*>(std::as_const(*this).find(name));
}

std::string Message::text(std::string_view name, std::string_view fallback) const {
  const Field* field = find(name);
  return field ? field->text : std::string(fallback);
}

std::vector<std::string> Message::texts(std::string_view name) const {
  std::vector<std::string> result;
  for (const Field& field : fields) {
    if (field.name == name) result.push_back(field.text);
  }
  return result;
}

std::vector<const Message*> Message::messages(std::string_view name) const {
  std::vector<const Message*> result;
  for (const Field& field : fields) {
    if (field.name == name) result.push_back(&field.message);
  }
  return result;
}

std::int64_t Message::integer(std::string_view name, std::int64_t fallback) const {
  const std::vector<std::int64_t> all = integers(name);
  return all.empty() ? fallback : all.back();
}

std::vector<std::int64_t> Message::integers(std::string_view name) const {
  std::vector<std::int64_t> result;
  for (const Field& field : fields) {
    if (field.name != name) continue;
    const auto value =
        field.kind == FieldKind::Word ? parse_integer(field.text) : std::optional<std::int64_t>();
    if (!value) refuse(field, fmt::format("`{}` is no integer", name));
    result.push_back(*value);
  }
  return result;
}

void Message::add_word(std::string_view name, std::string word) {
  fields.push_back({std::string(name), FieldKind::Word, std::move(word), {}, 0});
}

void Message::add_text(std::string_view name, std::string text) {
  fields.push_back({std::string(name), FieldKind::Text, std::move(text), {}, 0});
}

Message& Message::child(std::string_view name) {
  Field* field = find(name);
  if (!field || field->kind != FieldKind::Message) {
    fields.push_back({std::string(name), FieldKind::Message, {}, {}, 0});
    field = &fields.back();
  }
  return field->message;
}

void Message::erase(std::string_view name) {
  std::erase_if(fields, [&](const Field& field) { return field.name == name; });
}

void refuse(const Field& field, const std::string& message) {
  throw Error(Code::InvalidText, message)
      .at({.file = {}, .node = {}, .op = {}, .byte = field.byte});
}

std::optional<std::int64_t> parse_integer(std::string_view word) {
  const bool negative = word.starts_with('-');
  if (negative) word.remove_prefix(1);
  int base = 10;
  if (word.starts_with("0x") || word.starts_with("0X")) {
    base = 16;
    word.remove_prefix(2);
  } else if (word.size() > 1 && word.front() == '0') {
    base = 8;
  }
  std::uint64_t magnitude = 0;
  const auto [end, error] =
      std::from_chars(word.data(), word.data() + word.size(), magnitude, base);
  if (word.empty() || error != std::errc() || end != word.data() + word.size()) return std::nullopt;
  constexpr auto largest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (magnitude > largest) return std::nullopt;
  const auto value = static_cast<std::int64_t>(magnitude);
  return negative ? -value : value;
}

std::optional<double> parse_float(std::string_view word) {
  if (const auto integer = parse_integer(word)) return static_cast<double>(*integer);
  const bool negative = word.starts_with('-');
  if (negative) word.remove_prefix(1);
  std::string lower(word);
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  double value = 0;
  if (lower == "inf" || lower == "infinity" || lower == "inff") {
    value = std::numeric_limits<double>::infinity();
  } else if (lower == "nan" || lower == "nanf") {
    value = std::numeric_limits<double>::quiet_NaN();
  } else {
    if (lower.ends_with('f')) lower.pop_back();
    if (lower.empty() || !(lower.front() == '.' || (lower.front() >= '0' && lower.front() <= '9')))
      return std::nullopt;
    const auto [end, error] = std::from_chars(lower.data(), lower.data() + lower.size(), value);
    if (end != lower.data() + lower.size() || error == std::errc::invalid_argument)
      return std::nullopt;
    // Out of range is infinity or zero, as strtod has it.
    if (error == std::errc::result_out_of_range) {
      const std::size_t exponent = lower.find('e');
      const bool tiny = exponent != std::string::npos && lower.find("e-") != std::string::npos;
      value = tiny ? 0 : std::numeric_limits<double>::infinity();
    }
  }
  return negative ? -value : value;
}

}  // namespace ponte::caffe
