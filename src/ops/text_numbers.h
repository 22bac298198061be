// Numbers as text and back, for tensors of strings: onnx.ai/onnx/operators/onnx__Cast.html.
#pragma once

#include <cstdint>
#include <string>

#include "ir/dtype.h"

namespace ponte::ops {

// Plain or scientific notation, or INF, +INF, -INF, NaN in any case. Throws InvalidInputValue.
double parse_real(const std::string& text);
// Integers exactly; other numbers are truncated. Throws InvalidInputValue, also for what does not
// fit.
std::int64_t parse_integer(const std::string& text);
std::uint64_t parse_unsigned(const std::string& text);

// Plain notation with as few digits as tell the number from all others of its dtype.
std::string number_text(ir::DType dtype, double value);
std::string number_text(ir::DType dtype, float value);
std::string number_text(ir::DType dtype, std::int64_t value);
std::string number_text(ir::DType dtype, std::uint64_t value);

}  // namespace ponte::ops
