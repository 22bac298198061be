#include "ops/evaluation.h"

#include <fmt/format.h>

#include <utility>

namespace ponte::ops {

Evaluation::Evaluation(const ir::Node& node, std::vector<Datum> inputs, Services& services)
    : node_(node),
      attributes_(node),
      inputs_(std::move(inputs)),
      outputs_(node.outputs().size()),
      services_(services) {}

const Array& Evaluation::input(std::size_t i) const {
  if (!has_input(i)) throw Error(Code::WrongInputCount, fmt::format("input {} is missing", i));
  return inputs_[i].array();
}

Array Evaluation::take(std::size_t i) {
  Array array = input(i);
  inputs_[i].held = std::monostate{};
  return array;
}

Array Evaluation::allocate(ir::DType dtype, Dims shape) const {
  return Array::zeros(dtype, std::move(shape), arithmetic(), services_.meter());
}

void Evaluation::set(std::size_t output, Array array) { set(output, Datum{std::move(array)}); }

void Evaluation::set(std::size_t output, Datum datum) {
  if (output < outputs_.size()) outputs_[output] = std::move(datum);
}

std::vector<Datum> Evaluation::run_subgraph(std::string_view name,
                                            std::vector<Datum> inputs) const {
  const ir::Graph* body = node_.subgraph(name);
  if (!body) throw Error(Code::MissingAttribute, fmt::format("attribute `{}` is missing", name));
  return services_.run_subgraph(*body, std::move(inputs));
}

}  // namespace ponte::ops
