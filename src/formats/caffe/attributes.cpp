#include "formats/caffe/attributes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "formats/caffe/schema.h"

namespace ponte::caffe {
namespace {

// Fields of LayerParameter that connect layers or steer training.
constexpr auto left_out = std::to_array<std::string_view>(
    {"blobs", "blobs_lr", "bottom", "exclude", "include", "loss_weight", "name", "param", "phase",
     "propagate_down", "top", "type", "weight_decay"});

[[noreturn]] void invalid(const Field& field, const std::string& path, std::string_view wanted) {
  refuse(field, fmt::format("`{}`: `{}` is no {}", path, field.text, wanted));
}

std::string bool_word(const Field& field, const std::string& path) {
  for (const std::string_view yes : {"true", "True", "t", "1"}) {
    if (field.text == yes) return "true";
  }
  for (const std::string_view no : {"false", "False", "f", "0"}) {
    if (field.text == no) return "false";
  }
  invalid(field, path, "bool");
}

// Enumerators are texts; a number stands for its word.
std::string enumerator(const Field& field, const std::string& path, const FieldSpec& spec) {
  std::string_view word = field.text;
  if (const auto number = parse_integer(word)) word = enum_word(spec.detail, *number);
  const auto known = enum_specs();
  const bool exists = std::ranges::any_of(known, [&](const EnumSpec& candidate) {
    return candidate.name == spec.detail && candidate.word == word;
  });
  if (!exists) invalid(field, path, "enumerator");
  return std::string(word);
}

// The kind of a field that the schema does not know.
FieldType guessed_type(const std::vector<const Field*>& fields) {
  const auto all = [&](const auto& is) {
    return std::ranges::all_of(fields, [&](const Field* field) {
      return field->kind == FieldKind::Word && is(field->text);
    });
  };
  if (all([](std::string_view word) { return parse_integer(word).has_value(); }))
    return FieldType::Int;
  if (all([](std::string_view word) { return parse_float(word).has_value(); }))
    return FieldType::Float;
  return FieldType::Text;
}

template <typename T, typename Convert>
ir::Attribute list_or_one(const std::vector<const Field*>& fields, Repetition repetition,
                          const Convert& convert) {
  if (repetition == Repetition::One) return T(convert(*fields.back()));
  std::vector<T> values;
  for (const Field* field : fields) values.push_back(convert(*field));
  return values;
}

ir::Attribute scalar_attribute(const std::vector<const Field*>& fields, const std::string& path,
                               const FieldSpec* spec) {
  for (const Field* field : fields) {
    if (field->kind == FieldKind::Message) invalid(*field, path, "single value");
  }
  const FieldType type = spec ? spec->type : guessed_type(fields);
  const Repetition repetition =
      spec ? spec->repetition : (fields.size() > 1 ? Repetition::Many : Repetition::One);
  switch (type) {
    case FieldType::Int:
      return list_or_one<std::int64_t>(fields, repetition, [&](const Field& field) {
        const auto value = parse_integer(field.text);
        if (!value) invalid(field, path, "integer");
        return *value;
      });
    case FieldType::Float:
      return list_or_one<float>(fields, repetition, [&](const Field& field) {
        const auto value = parse_float(field.text);
        if (!value) invalid(field, path, "number");
        return static_cast<float>(*value);
      });
    case FieldType::Bool:
      return list_or_one<std::string>(fields, repetition,
                                      [&](const Field& field) { return bool_word(field, path); });
    case FieldType::Enum:
      return list_or_one<std::string>(
          fields, repetition, [&](const Field& field) { return enumerator(field, path, *spec); });
    default:
      return list_or_one<std::string>(fields, repetition,
                                      [](const Field& field) { return field.text; });
  }
}

void flatten(const std::vector<const Message*>& parts, const std::string& prefix,
             std::string_view type, ir::Attributes& out);

void flatten_group(const std::vector<const Field*>& fields, const std::string& path,
                   const FieldSpec* spec, ir::Attributes& out) {
  const bool messages =
      spec ? spec->type == FieldType::Message : fields.front()->kind == FieldKind::Message;
  if (!messages) {
    out.insert_or_assign(path, scalar_attribute(fields, path, spec));
    return;
  }
  const bool many = spec ? spec->repetition == Repetition::Many : fields.size() > 1;
  const std::string_view type = spec ? spec->detail : std::string_view();
  std::vector<const Message*> parts;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (fields[i]->kind != FieldKind::Message) invalid(*fields[i], path, "message");
    parts.push_back(&fields[i]->message);
    if (many) {
      flatten({&fields[i]->message}, fmt::format("{}[{}].", path, i), type, out);
    }
  }
  if (!many) flatten(parts, path + ".", type, out);
}

// The fields of one message that is given in parts, each name once.
void flatten(const std::vector<const Message*>& parts, const std::string& prefix,
             std::string_view type, ir::Attributes& out) {
  std::map<std::string_view, std::vector<const Field*>> groups;
  for (const Message* part : parts) {
    for (const Field& field : part->fields) {
      if (prefix.empty() && std::ranges::find(left_out, field.name) != left_out.end()) continue;
      groups[field.name].push_back(&field);
    }
  }
  for (const auto& [name, fields] : groups) {
    flatten_group(fields, prefix + std::string(name), find_field(type, name), out);
  }
}

}  // namespace

ir::Attributes layer_attributes(const Message& layer) {
  ir::Attributes result;
  flatten({&layer}, "", "LayerParameter", result);
  return result;
}

}  // namespace ponte::caffe
