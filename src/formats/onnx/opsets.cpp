#include "formats/onnx/opsets.h"

#include <fmt/format.h>

#include <algorithm>
#include <ranges>
#include <tuple>
#include <utility>

#include "base/counted.h"
#include "base/error.h"
#include "formats/onnx/opset_changes.h"
#include "formats/onnx/schemas.h"
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

std::vector<std::int64_t> DownDraft::take_ints_input(std::size_t index, std::string_view name,
                                                     std::int64_t version) {
  const ir::Value* value = node.input(index);
  const ir::Tensor* tensor = value ? value->fixed_tensor() : nullptr;
  if (!tensor) {
    throw Error(Code::OpsetTooOld,
                fmt::format("a computed `{}` of `{}` needs opset {}", name, op, version));
  }
  inputs[index].clear();
  while (!inputs.empty() && inputs.back().empty()) inputs.pop_back();
  return tensor->to_i64();
}

const ir::TensorType* DownDraft::tensor_type(std::size_t index) const {
  const ir::Value* value = node.input(index);
  return value ? value->type().as_tensor() : nullptr;
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
  spec.outputs = std::move(draft.outputs);
  spec.subgraphs = reader.subgraphs();
  spec.opaque = opaque;
  if (!draft.wraps.empty() && (source.outputs.empty() || source.outputs[0].empty()))
    throw Error(Code::WrongInputCount, "output 0 is missing");
  if (!draft.wraps.empty()) spec.outputs[0] = reader.unique_name(source.outputs[0] + "/wrapped");
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
  UpDraft draft{reader, source.op, reader.inputs(), reader.take_attributes(), source.outputs};
  bool opaque = !reader.graph().ops().find(source.domain, source.op);
  if (source.domain.empty() && !opaque) {
    try {
      climb(draft, source.version);
    } catch (const Error& error) {
      // A meaning that the newest opset can't say is carried as it stands.
      if (error.code() != Code::UnsupportedOpset) throw;
      reader.warn(error.code(), error.what());
      draft.op = source.op;
      draft.inputs = reader.inputs();
      draft.attributes = reader.take_attributes();
      draft.outputs = source.outputs;
      draft.wraps.clear();
      opaque = true;
    }
  }
  add_node(reader, std::move(draft), opaque);
}

namespace {

bool takes(ir::TypeSet set, const ir::Type& type) {
  if (const ir::TensorType* tensor = type.as_tensor())
    return tensor->dtype == ir::DType::Undefined || set.has(tensor->dtype);
  if (type.as_sequence()) return (set.bits & ir::types::sequence.bits) != 0;
  if (type.as_optional()) return (set.bits & ir::types::optional.bits) != 0;
  if (type.as_map()) return (set.bits & ir::types::map.bits) != 0;
  return true;
}

// The types of parameter number i; null where there is none.
template <std::size_t N>
const ir::TypeSet* parameter(const ir::FixedList<ir::TypeSet, N>& types, bool repeats,
                             std::size_t i) {
  if (i < types.size()) return &types[i];
  return repeats && !types.empty() ? &types.back() : nullptr;
}

const ir::TypeSet* input_types(const Schema& schema, std::size_t i) {
  return parameter(schema.inputs,
                   schema.form == Form::MoreInputs || schema.form == Form::MoreOfBoth, i);
}

const ir::TypeSet* output_types(const Schema& schema, std::size_t i) {
  return parameter(schema.outputs,
                   schema.form == Form::MoreOutputs || schema.form == Form::MoreOfBoth, i);
}

bool has_word(std::string_view words, std::string_view word) {
  for (const auto part : words | std::views::split(' ')) {
    if (std::string_view(part.begin(), part.end()) == word) return true;
  }
  return false;
}

// Refuses what a version can't say; the first later one that satisfies `could` is named.
template <typename Could>
void require(const DownDraft& draft, const Schema& schema, const std::string& what, Could could) {
  if (could(schema)) return;
  for (const Schema& row : schemas()) {
    if (row.op == draft.op && row.since > schema.since && row.form != Form::Gone && could(row)) {
      throw Error(Code::OpsetTooOld,
                  fmt::format("{} of `{}` needs opset {}", what, draft.op, row.since));
    }
  }
  throw Error(Code::OpsetTooOld, fmt::format("no opset has {} of `{}`", what, draft.op));
}

void require_values(const DownDraft& draft, const Schema& schema) {
  for (std::size_t i = 0; i < draft.inputs.size(); ++i) {
    const ir::Value* value = draft.node.input(i);
    if (draft.inputs[i].empty() || !value) continue;
    require(draft, schema, fmt::format("input {}", i),
            [&](const Schema& row) { return input_types(row, i) != nullptr; });
    require(draft, schema, fmt::format("{} as input {}", to_string(value->type()), i),
            [&](const Schema& row) {
              const ir::TypeSet* types = input_types(row, i);
              return types && takes(*types, value->type());
            });
  }
  for (std::size_t i = 0; i < draft.node.outputs().size(); ++i) {
    const ir::Value* value = draft.node.output(i);
    if (!value) continue;
    require(draft, schema, fmt::format("{} as output {}", to_string(value->type()), i),
            [&](const Schema& row) {
              const ir::TypeSet* types = output_types(row, i);
              return types && takes(*types, value->type());
            });
  }
  const auto given = static_cast<std::size_t>(
      std::ranges::count_if(draft.inputs, [](const std::string& name) { return !name.empty(); }));
  require(draft, schema, "a node with " + counted(given, "input", "inputs"),
          [&](const Schema& row) { return given >= row.required_inputs; });
}

bool is_default(const ir::Attribute& attribute, const ir::Op& op, std::string_view name) {
  const auto spec = std::ranges::find(op.attributes, name, &ir::AttributeSpec::name);
  if (spec == op.attributes.end()) return false;
  if (const auto* i = std::get_if<std::int64_t>(&spec->fallback))
    return std::holds_alternative<std::int64_t>(attribute) &&
           std::get<std::int64_t>(attribute) == *i;
  if (const auto* f = std::get_if<double>(&spec->fallback))
    return std::holds_alternative<float>(attribute) &&
           std::get<float>(attribute) == static_cast<float>(*f);
  if (const auto* s = std::get_if<std::string_view>(&spec->fallback))
    return std::holds_alternative<std::string>(attribute) && std::get<std::string>(attribute) == *s;
  return false;
}

// An attribute that the version does not have is left out where it says what goes without saying.
void settle_attributes(DownDraft& draft, const Schema& schema) {
  std::erase_if(draft.attributes, [&](const auto& entry) {
    return !has_word(schema.attributes, entry.first) &&
           is_default(entry.second, *draft.node.op(), entry.first);
  });
  for (const auto& [name, attribute] : draft.attributes) {
    require(draft, schema, fmt::format("`{}`", name),
            [&, &attribute_name = name](const Schema& row) {
              return has_word(row.attributes, attribute_name);
            });
  }
}

const Schema& first_schema(std::string_view op) {
  return *std::ranges::find(schemas(), op, &Schema::op);
}

}  // namespace

void lower(DownDraft& draft) {
  if (draft.target < lowest_written_opset) {
    throw Error(Code::OpsetTooOld,
                fmt::format("nodes are written for opset {} and later", lowest_written_opset));
  }
  const auto steps = opset_steps();
  for (auto it = steps.rbegin(); it != steps.rend(); ++it) {
    if (it->op == draft.op && it->version > draft.target && it->down) it->down(draft);
  }
  const Schema* schema = schema_at(draft.op, draft.target);
  if (!schema) {
    throw Error(Code::OpsetTooOld, fmt::format("`{}` exists from opset {} on", draft.op,
                                               first_schema(draft.op).since));
  }
  require_values(draft, *schema);
  settle_attributes(draft, *schema);
}

void require_same_form(const ir::Node& node, std::int64_t own, std::int64_t target) {
  const Schema* source = schema_at(node.op_name(), own);
  if (own == target || (source && source == schema_at(node.op_name(), target))) return;
  throw Error(
      Code::NoWriterForOp,
      fmt::format("`{}` is carried as it stands in opset {}, and has another form in opset {}",
                  node.op_name(), own, target),
      "keep the model's own opset");
}

}  // namespace ponte::onnx
