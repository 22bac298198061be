#include "runtimes/values/values.h"

#include <fmt/format.h>

#include <utility>

#include "base/error.h"

namespace ponte::values {
namespace {

using ops::Array;
using ops::Datum;
using protocol::HostTensor;
using protocol::Part;

HostTensor tensor_of(const std::string& name, const Array& array) {
  HostTensor tensor{.name = name, .dtype = array.dtype(), .shape = array.shape()};
  tensor.bytes = array.dtype() == ir::DType::String
                     ? protocol::encode_strings(array.as<std::string>())
                     : ops::store(array).read_all();
  return tensor;
}

void append_sequence(std::vector<HostTensor>& tensors, const std::string& name,
                     const ops::Sequence& sequence) {
  if (!sequence.items || sequence.items->empty()) {
    const ir::TensorType* element = sequence.element.as_tensor();
    tensors.push_back({.name = name,
                       .dtype = element ? element->dtype : ir::DType::Undefined,
                       .part = Part::EmptySequence});
    return;
  }
  for (const Datum& item : *sequence.items) {
    tensors.push_back(tensor_of(name, item.array()));
    tensors.back().part = Part::Element;
  }
}

Array array_of(HostTensor tensor, ops::Arithmetic arithmetic) {
  protocol::check_tensor(tensor);
  if (tensor.dtype == ir::DType::String) {
    const auto count = static_cast<std::uint64_t>(ops::count_of(tensor.shape));
    return Array(tensor.dtype, tensor.shape, protocol::decode_strings(tensor.bytes, count));
  }
  const ir::Tensor constant(tensor.dtype, std::move(tensor.shape),
                            whole(buffer_source(std::move(tensor.bytes))));
  return ops::load(constant, arithmetic);
}

// Elements of one sequence come one after the other, under one name.
void add_element(Datum& value, HostTensor tensor, ops::Arithmetic arithmetic) {
  const ir::Type element = ir::Type::tensor(tensor.dtype);
  auto items = std::make_shared<std::vector<Datum>>();
  if (const auto* sequence = std::get_if<ops::Sequence>(&value.held)) *items = *sequence->items;
  if (tensor.part == Part::Element) items->push_back({array_of(std::move(tensor), arithmetic)});
  value.held = ops::Sequence{element, std::move(items)};
}

}  // namespace

void append_to(std::vector<HostTensor>& tensors, const std::string& name, const Datum& value) {
  if (const auto* array = std::get_if<Array>(&value.held)) {
    tensors.push_back(tensor_of(name, *array));
  } else if (const auto* sequence = std::get_if<ops::Sequence>(&value.held)) {
    append_sequence(tensors, name, *sequence);
  } else if (const auto* optional = std::get_if<ops::OptionalDatum>(&value.held)) {
    if (optional->item) return append_to(tensors, name, *optional->item);
    tensors.push_back({.name = name, .part = Part::Absent});
  } else {
    throw Error(Code::InvalidInputType, fmt::format("`{}` has a value that does not travel", name));
  }
}

std::vector<HostTensor> to_host(const Values& values) {
  std::vector<HostTensor> tensors;
  for (const auto& [name, value] : values) append_to(tensors, name, value);
  return tensors;
}

Values from_host(std::vector<HostTensor> tensors, ops::Arithmetic arithmetic) {
  Values values;
  for (HostTensor& tensor : tensors) {
    Datum& value = values[tensor.name];
    switch (tensor.part) {
      case Part::Whole:
        value.held = array_of(std::move(tensor), arithmetic);
        break;
      case Part::Element:
      case Part::EmptySequence:
        add_element(value, std::move(tensor), arithmetic);
        break;
      case Part::Absent:
        value.held = ops::OptionalDatum{};
        break;
    }
  }
  return values;
}

}  // namespace ponte::values
