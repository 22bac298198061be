#include "formats/onnx/opsets.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/error.h"
#include "formats/onnx/opset_changes.h"
#include "ops/all_ops.h"

namespace ponte::onnx {
namespace {

auto key(const OpsetStep& step) { return std::tuple(step.op, step.version); }

// The next change of an op after a version; null when there is none.
const OpsetStep* step_after(std::string_view op, std::int64_t version) {
  const auto steps = opset_steps();
  const auto it = std::ranges::upper_bound(steps, std::tuple(op, version), {}, key);
  return it != steps.end() && it->op == op ? &*it : nullptr;
}

void add_outputs(shared::NodeReader& reader, const ir::Node& node) {
  for (std::size_t i = 0; i < node.outputs().size(); ++i) {
    if (node.output(i)) reader.set_output(i, *node.output(i));
  }
}

}  // namespace

std::optional<ir::Attribute> UpDraft::take(std::string_view name) {
  const auto it = attributes.find(name);
  if (it == attributes.end()) return std::nullopt;
  return std::move(attributes.extract(it).mapped());
}

std::optional<std::int64_t> UpDraft::take_int(std::string_view name) {
  const auto attribute = take(name);
  if (!attribute) return std::nullopt;
  if (const auto* value = std::get_if<std::int64_t>(&*attribute)) return *value;
  throw Error(Code::InvalidAttribute, fmt::format("attribute `{}` is no integer", name));
}

std::optional<std::vector<std::int64_t>> UpDraft::take_ints(std::string_view name) {
  const auto attribute = take(name);
  if (!attribute) return std::nullopt;
  if (const auto* values = std::get_if<std::vector<std::int64_t>>(&*attribute)) return *values;
  throw Error(Code::InvalidAttribute, fmt::format("attribute `{}` is no list of integers", name));
}

void UpDraft::set_ints_input(std::size_t index, std::string_view name,
                             std::span<const std::int64_t> values) {
  if (inputs.size() <= index) inputs.resize(index + 1, nullptr);
  inputs[index] = &reader.constant(name, ir::Tensor::vector_i64(values));
}

std::optional<std::int64_t> UpDraft::known_rank(std::size_t input) const {
  const ir::Value* value = input < inputs.size() ? inputs[input] : nullptr;
  const ir::TensorType* tensor = value ? value->type().as_tensor() : nullptr;
  if (!tensor || !tensor->shape) return std::nullopt;
  return static_cast<std::int64_t>(tensor->shape->size());
}

std::int64_t UpDraft::rank(std::size_t input) const {
  if (const auto known = known_rank(input)) return *known;
  throw Error(
      Code::UnsupportedOpset,
      fmt::format("the old meaning of `{}` depends on the rank of its input, which is not known",
                  op));
}

std::vector<std::int64_t> DownDraft::take_ints_input(std::size_t index, std::string_view name) {
  const ir::Value* value = node.input(index);
  const ir::Tensor* tensor = value ? value->fixed_tensor() : nullptr;
  if (!tensor) {
    throw Error(Code::OpsetTooOld, fmt::format("`{}` of `{}` must be a constant below opset {}",
                                               name, op, target + 1));
  }
  if (index + 1 == inputs.size()) {
    inputs.pop_back();
  } else {
    inputs[index].clear();
  }
  return tensor->to_i64();
}

namespace {

void climb(UpDraft& draft, std::int64_t version) {
  if (version > newest_opset) {
    throw Error(Code::UnsupportedOpset,
                fmt::format("opset {} is newer than {}, the newest known", version, newest_opset));
  }
  for (const OpsetStep* step = step_after(draft.op, version); step;
       step = step_after(draft.op, step->version)) {
    if (step->up) step->up(draft);
  }
}

void add_node(shared::NodeReader& reader, UpDraft draft, bool opaque) {
  const shared::ForeignNode& source = reader.node();
  ir::NodeSpec spec;
  spec.domain = source.domain;
  spec.op = draft.op;
  spec.name = source.name;
  spec.inputs = std::move(draft.inputs);
  spec.attributes = std::move(draft.attributes);
  spec.outputs = source.outputs;
  spec.subgraphs = reader.subgraphs();
  spec.opaque = opaque;
  if (!draft.wraps.empty())
    spec.outputs[0] = reader.graph().unique_name(source.outputs[0] + "/wrapped");
  ir::Node& node = reader.add(std::move(spec));
  node.doc = source.doc;
  node.annotations = source.annotations;
  add_outputs(reader, node);
  if (draft.wraps.empty()) return;
  ir::Value* result = node.output(0);
  for (const auto& wrap : draft.wraps) result = &wrap(*result);
  reader.set_output(0, *result);
}

}  // namespace

void read_node(shared::NodeReader& reader) {
  const shared::ForeignNode& source = reader.node();
  UpDraft draft{reader, source.op, reader.inputs(), reader.take_attributes()};
  bool opaque = false;
  if (source.domain.empty()) {
    try {
      climb(draft, source.record ? source.record->version : newest_opset);
    } catch (const Error& error) {
      // A meaning that the newest opset can't say is carried as it stands.
      if (error.code() != Code::UnsupportedOpset) throw;
      reader.warn(error.code(), error.what());
      draft.op = source.op;
      draft.inputs = reader.inputs();
      draft.attributes = reader.take_attributes();
      draft.wraps.clear();
      opaque = true;
    }
  }
  add_node(reader, std::move(draft), opaque);
}

void lower(DownDraft& draft) {
  const auto steps = opset_steps();
  for (auto it = steps.rbegin(); it != steps.rend(); ++it) {
    if (it->op != draft.op || it->version <= draft.target) continue;
    for (const auto* values : {&draft.node.inputs(), &draft.node.outputs()}) {
      for (const ir::Value* value : *values) {
        const ir::TensorType* tensor = value ? value->type().as_tensor() : nullptr;
        if (tensor && tensor->dtype != ir::DType::Undefined && it->added_types.has(tensor->dtype)) {
          throw Error(Code::OpsetTooOld, fmt::format("`{}` takes {} from opset {} on", draft.op,
                                                     ir::to_string(tensor->dtype), it->version));
        }
      }
    }
    if (it->down) it->down(draft);
  }
}

}  // namespace ponte::onnx
