// A protobuf message without its schema's types: fields by name in the order of the file. Text and
// binary files both become this.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ponte::caffe {

struct Field;

struct Message {
  std::vector<Field> fields;

  const Field* find(std::string_view name) const;  // the last one; null when absent
  Field* find(std::string_view name);
  bool has(std::string_view name) const { return find(name) != nullptr; }
  // The text of the last field of this name, or the fallback.
  std::string text(std::string_view name, std::string_view fallback = {}) const;
  std::vector<std::string> texts(std::string_view name) const;
  std::vector<const Message*> messages(std::string_view name) const;
  // Throws InvalidText where the field is no integer.
  std::int64_t integer(std::string_view name, std::int64_t fallback) const;
  std::vector<std::int64_t> integers(std::string_view name) const;

  void add_word(std::string_view name, std::string word);
  void add_text(std::string_view name, std::string text);
  // The submessage of this name; added when absent.
  Message& child(std::string_view name);
  void erase(std::string_view name);
};

enum class FieldKind : std::uint8_t { Word, Text, Message };

struct Field {
  std::string name{};
  FieldKind kind = FieldKind::Word;
  std::string text{};  // a word (number, name of an enumerator, true, false), or a quoted text
  Message message{};
  std::uint64_t byte = 0;  // where it stands in the file
};

// Throws InvalidText at the field's place.
[[noreturn]] void refuse(const Field& field, const std::string& message);

// Numbers as protobuf's text format writes them: decimal, hexadecimal, octal; floats with exponent
// and `f`. None when the word is no such number.
std::optional<std::int64_t> parse_integer(std::string_view word);
std::optional<double> parse_float(std::string_view word);

}  // namespace ponte::caffe
