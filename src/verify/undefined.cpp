#include "verify/undefined.h"

#include <cmath>

namespace ponte::verify {
namespace {

ir::DType dtype_of(const ir::Value* value) {
  const ir::TensorType* tensor = value ? value->type().as_tensor() : nullptr;
  return tensor ? tensor->dtype : ir::DType::Undefined;
}

// As doubles: 2^(bits) - 1 of 64 bits is not one.
double lowest(ir::DType dtype) {
  return ir::is_signed_integer(dtype) ? -std::ldexp(1, ir::info(dtype).bits - 1) : 0;
}
double beyond_highest(ir::DType dtype) {
  const int bits = ir::info(dtype).bits;
  return std::ldexp(1, ir::is_signed_integer(dtype) ? bits - 1 : bits);
}

template <typename T>
T end_of(ir::DType dtype, End end) {
  const int bits = ir::info(dtype).bits - (ir::is_signed_integer(dtype) ? 1 : 0);
  const T highest = static_cast<T>(~std::uint64_t{0} >> (64 - bits));
  if (end == End::Highest) return highest;
  return ir::is_signed_integer(dtype) ? static_cast<T>(-highest - 1) : T{0};
}

}  // namespace

bool casts_to_integers(const ir::Node& node) {
  const bool is_cast =
      node.domain().empty() && (node.op_name() == "Cast" || node.op_name() == "CastLike");
  return is_cast && ir::is_integer(dtype_of(node.output(0))) &&
         ir::is_float(dtype_of(node.input(0)));
}

std::vector<std::size_t> undefined_elements(const ir::Node& node,
                                            const std::vector<ops::Datum>& inputs) {
  std::vector<std::size_t> elements;
  if (!casts_to_integers(node) || inputs.empty()) return elements;
  const auto* input = std::get_if<ops::Array>(&inputs.front().held);
  if (!input || !input->holds<double>()) return elements;
  const ir::DType dtype = dtype_of(node.output(0));
  const double low = lowest(dtype), high = beyond_highest(dtype);
  const auto values = input->as<double>();
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double truncated = std::trunc(values[i]);
    if (!(truncated >= low && truncated < high)) elements.push_back(i);
  }
  return elements;
}

void set_undefined(const std::vector<std::size_t>& elements, End end, ops::Array& result) {
  const auto set = [&]<typename T>(std::span<T> values) {
    for (const std::size_t i : elements) values[i] = end_of<T>(result.dtype(), end);
  };
  if (elements.empty()) return;
  if (result.holds<std::int64_t>()) set(result.mutable_as<std::int64_t>());
  if (result.holds<std::uint64_t>()) set(result.mutable_as<std::uint64_t>());
}

}  // namespace ponte::verify
