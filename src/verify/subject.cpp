#include "verify/subject.h"

#include <fmt/format.h>

#include "base/error.h"

namespace ponte::verify {
namespace {

using runtimes::HostTensor;

HostTensor tensor_to_host(const std::string& name, const ops::Array& array) {
  if (array.dtype() == ir::DType::String) {
    return {name, array.dtype(), array.shape(), protocol::encode_strings(array.as<std::string>())};
  }
  return {name, array.dtype(), array.shape(), ops::store(array).read_all()};
}

// Sequences arrive as one tensor per element, in order, under one name.
void add_value(HostTensor tensor, Values& values) {
  using protocol::Part;
  const std::string name = tensor.name;
  const Part part = tensor.part;
  if (part == Part::Whole) {
    values[name] = from_host(std::move(tensor));
    return;
  }
  if (part == Part::Absent) {
    values[name] = ops::Datum{ops::OptionalDatum{}};
    return;
  }
  auto& held = values[name].held;
  auto items = std::make_shared<std::vector<ops::Datum>>();
  const ir::Type element = ir::Type::tensor(tensor.dtype);
  if (const auto* sequence = std::get_if<ops::Sequence>(&held)) *items = *sequence->items;
  if (part == Part::Element) items->push_back(from_host(std::move(tensor)));
  held = ops::Sequence{element, std::move(items)};
}

}  // namespace

std::vector<HostTensor> to_host(const Inputs& inputs) {
  std::vector<HostTensor> tensors;
  for (const auto& [name, datum] : inputs) {
    if (const auto* sequence = std::get_if<ops::Sequence>(&datum.held)) {
      for (const ops::Datum& item : *sequence->items) {
        tensors.push_back(tensor_to_host(name, item.array()));
        tensors.back().part = protocol::Part::Element;
      }
    } else {
      tensors.push_back(tensor_to_host(name, datum.array()));
    }
  }
  return tensors;
}

ops::Datum from_host(HostTensor tensor) {
  protocol::check_tensor(tensor);
  if (tensor.dtype == ir::DType::String) {
    const auto count = static_cast<std::uint64_t>(ops::count_of(tensor.shape));
    return {ops::Array(tensor.dtype, tensor.shape, protocol::decode_strings(tensor.bytes, count))};
  }
  const ir::Tensor constant(tensor.dtype, tensor.shape,
                            whole(buffer_source(std::move(tensor.bytes))));
  return {ops::load(constant, ops::Arithmetic::Judge)};
}

runtimes::Outcome<std::vector<Values>> run_subject(const SubjectSpec& spec,
                                                   const std::vector<Inputs>& sets,
                                                   const std::vector<std::string>& keep) {
  auto worker = runtimes::Worker::start(spec.command);
  if (!worker) return worker.failure();
  runtimes::LoadRequest load = spec.load;
  load.keep = keep;
  if (const auto loaded = worker.value()->load(load); !loaded) return loaded.failure();
  std::vector<Values> results;
  for (std::size_t set = 0; set < sets.size(); ++set) {
    if (const auto done = worker.value()->set_inputs(set, to_host(sets[set])); !done)
      return done.failure();
    auto result = worker.value()->run(set);
    if (!result) return result.failure();
    Values values;
    for (HostTensor& tensor : result->outputs) add_value(std::move(tensor), values);
    results.push_back(std::move(values));
  }
  (void)worker.value()->bye();
  return results;
}

}  // namespace ponte::verify
