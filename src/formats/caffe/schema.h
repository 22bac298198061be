// The fields of Caffe's messages: numbers, names and kinds.
// Source of the facts: caffe.proto of BVLC/caffe; of its SSD branch for 202 to 206; of
// rbgirshick/caffe-fast-rcnn for `scale_train`.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace ponte::caffe {

enum class FieldType : std::uint8_t { Int, Float, Bool, Text, Enum, Message, Blob };
enum class Repetition : std::uint8_t { One, Many };

struct FieldSpec {
  std::string_view message;
  std::uint32_t number;
  std::string_view name;
  FieldType type;
  Repetition repetition;
  std::string_view detail;  // the submessage's or the enumeration's name
};

struct EnumSpec {
  std::string_view name;
  std::int64_t number;
  std::string_view word;
};

// Null when the message has no such field, or is not known.
const FieldSpec* find_field(std::string_view message, std::string_view name);
const FieldSpec* find_field(std::string_view message, std::uint32_t number);

// The word of an enumerator; empty when unknown.
std::string_view enum_word(std::string_view enumeration, std::int64_t number);

// All fields, sorted by message and number, and all enumerators, sorted by enumeration and number.
std::span<const FieldSpec> field_specs();
std::span<const EnumSpec> enum_specs();

}  // namespace ponte::caffe
