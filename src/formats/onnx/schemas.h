// What each version of an ai.onnx op takes and gives.
#pragma once

#include <span>
#include <string_view>

#include "ir/op.h"

namespace ponte::onnx {

// What may be repeated, the last of its list; Gone: the op ended with this version.
enum class Form : std::uint8_t { Fixed, MoreInputs, MoreOutputs, MoreOfBoth, Gone };

// One version of an op, in force until the op's next row. The types of sequences and optionals are
// told without those of their elements.
struct Schema {
  std::string_view op;
  std::int64_t since;
  std::size_t required_inputs;
  ir::FixedList<ir::TypeSet, 16> inputs;
  ir::FixedList<ir::TypeSet, 12> outputs;
  std::string_view attributes;  // names, separated by spaces
  Form form = Form::Fixed;
};

// All rows, sorted by op and version.
std::span<const Schema> schemas();

// The row in force at a version; null before the first one and after the end.
const Schema* schema_at(std::string_view op, std::int64_t version);

}  // namespace ponte::onnx
