#include "workers/reference/engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/clock.h"
#include "base/error.h"
#include "convert/convert.h"
#include "runtimes/reference/settings.h"
#include "workers/reference/settings.h"

namespace ponte::worker {
namespace {

using ops::Datum;
using protocol::HostTensor;
using protocol::Refusal;

Refusal refusal_of(const Error& error) {
  const auto code_of = [&] {
    switch (error.code()) {
      case Code::NotEvaluable:
        return "unsupported";
      case Code::MissingModelInput:
      case Code::InvalidInputType:
      case Code::WorkerProtocol:
        return "invalid_input";
      default:
        return "runtime_error";
    }
  };
  const std::string& node = error.where().node;
  std::string message = node.empty() ? error.what() : fmt::format("`{}`: {}", node, error.what());
  if (error.code() == Code::BudgetExceeded)
    message += "; `--set reference.memory_bytes=N` and `--set reference.max_steps=N` allow more";
  return {code_of(), message};
}

ir::Model read_model(const protocol::LoadRequest& request) {
  Diagnostics problems;
  ir::Model model;
  try {
    model =
        convert::read(request.model, request.format, {.weights = request.weights}, problems).model;
  } catch (const Error& error) {
    throw Refusal("invalid_model", error.what());
  }
  for (const Diagnostic& problem : problems.entries()) {
    if (problem.severity == Severity::Error) throw Refusal("invalid_model", problem.message);
  }
  return model;
}

void require_evaluable(const ir::Graph& graph) {
  ir::for_each_node(graph, [](const ir::Node& node) {
    if (node.op() && node.op()->evaluate) return;
    throw Refusal("unsupported", fmt::format("`{}` can't be evaluated", node.op_name()));
  });
}

bool is_judged_in_f64(ir::DType dtype) {
  return dtype == ir::DType::Float32 || dtype == ir::DType::Float16 || dtype == ir::DType::Bfloat16;
}

// What is computed in double precision leaves so.
Datum as_computed(Datum value) {
  if (auto* array = std::get_if<ops::Array>(&value.held)) {
    if (array->holds<double>() && is_judged_in_f64(array->dtype()))
      *array = array->with_dtype(ir::DType::Float64);
  } else if (auto* sequence = std::get_if<ops::Sequence>(&value.held);
             sequence && sequence->items) {
    auto items = std::make_shared<std::vector<Datum>>();
    for (const Datum& item : *sequence->items) items->push_back(as_computed(item));
    sequence->items = std::move(items);
  }
  return value;
}

protocol::ValueInfo info_of(const ir::Value& value) {
  protocol::ValueInfo info{.name = value.name()};
  const ir::Type& type = value.type();
  if (type.as_sequence()) info.kind = "sequence";
  if (type.as_optional()) info.kind = "optional";
  if (type.as_map()) info.kind = "map";
  const ir::TensorType* tensor = type.as_tensor();
  if (!tensor) return info;
  info.dtype = tensor->dtype;
  if (!tensor->shape) return info;
  info.shape.emplace();
  for (const ir::Dim& dim : *tensor->shape) info.shape->push_back(dim.known().value_or(-1));
  return info;
}

// As the model's file calls it: a Caffe layer that changes its blob in place makes a value of its
// own, which goes by the layer's name.
std::string name_in_file(const ir::Value& value, std::string_view format) {
  const auto& origin = value.origin;
  const bool is_whole = origin && origin->permutation.empty() && !origin->reshaped;
  return format != "onnx" && is_whole ? origin->name : value.name();
}

std::uint64_t nanoseconds_since(Nanoseconds start) {
  return static_cast<std::uint64_t>((monotonic_raw_now() - start).count());
}

}  // namespace

protocol::Identity ReferenceEngine::identity() {
  return {.worker = "ponte-worker-reference",
          .runtime = "reference",
          .version = PONTE_VERSION,
          .library_path = ""};
}

protocol::Description ReferenceEngine::describe() {
  protocol::Description description{
      .devices = {"cpu"}, .formats = {}, .settings = runtimes::reference::settings()};
  for (const convert::FormatRow& row : convert::formats())
    description.formats.emplace_back(row.name);
  return description;
}

std::vector<std::string> ReferenceEngine::intermediates() const {
  std::vector<std::string> names;
  for (const ir::Node& node : model_.graph->nodes()) {
    for (const ir::Value* value : node.outputs()) {
      if (value) names.push_back(name_in_file(*value, request_.format));
    }
  }
  return names;
}

protocol::Loaded ReferenceEngine::load(const protocol::LoadRequest& request) {
  evaluator_.reset();
  selected_ = nullptr;
  sets_.clear();
  request_ = request;
  if (request.device != "cpu") {
    throw Refusal("unknown_device",
                  fmt::format("the reference evaluator has no device `{}`", request.device));
  }
  const evaluate::Options options = evaluation_options(request.settings);
  const Nanoseconds start = monotonic_raw_now();
  model_ = read_model(request);
  require_evaluable(*model_.graph);
  protocol::Loaded loaded{.load_ns = nanoseconds_since(start),
                          .inputs = std::vector<protocol::ValueInfo>{}};
  for (const ir::Value* input : model_.graph->inputs()) loaded.inputs->push_back(info_of(*input));
  for (const ir::Value* output : model_.graph->outputs()) {
    loaded.outputs.push_back(info_of(*output));
    ir::DType& dtype = loaded.outputs.back().dtype;
    if (options.arithmetic == ops::Arithmetic::Judge && is_judged_in_f64(dtype))
      dtype = ir::DType::Float64;
  }
  loaded.intermediates = intermediates();
  loaded.in_force = settings_in_force(request.settings);
  for (const std::string& name : request.keep) {
    if (std::ranges::find(loaded.intermediates, name) == loaded.intermediates.end())
      throw Refusal("invalid_request", fmt::format("the model has no value `{}`", name));
  }
  keep_ = request.keep_all ? loaded.intermediates : request.keep;
  std::erase_if(keep_, [&](const std::string& name) {
    return std::ranges::find(loaded.outputs, name, &protocol::ValueInfo::name) !=
           loaded.outputs.end();
  });
  arithmetic_ = options.arithmetic;
  evaluator_ = std::make_unique<evaluate::Evaluator>(*model_.graph, options);
  return loaded;
}

void ReferenceEngine::set_inputs(std::uint64_t set, std::vector<HostTensor> inputs) {
  if (!evaluator_) throw Refusal("invalid_request", "no model is loaded");
  values::Values values;
  try {
    values = values::from_host(std::move(inputs), arithmetic_);
  } catch (const Error& error) {
    throw refusal_of(error);
  }
  for (const auto& [name, value] : values) {
    const ir::Value* input = model_.graph->find(name);
    if (!input || input->kind() != ir::Value::Kind::Input)
      throw Refusal("invalid_input", fmt::format("the model has no input `{}`", name));
  }
  sets_[set] = std::move(values);
}

void ReferenceEngine::select(std::uint64_t set) {
  const auto it = sets_.find(set);
  if (it == sets_.end())
    throw Refusal("unknown_set", fmt::format("there are no inputs of set {}", set));
  selected_ = &it->second;
}

void ReferenceEngine::run(const evaluate::Observer& observer) {
  try {
    result_ = evaluator_->run(*selected_, observer);
  } catch (const Error& error) {
    throw refusal_of(error);
  }
}

void ReferenceEngine::keep_outputs_of(const ir::Node& node, const std::vector<Datum>& outputs) {
  if (&node.graph() != model_.graph.get()) return;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (!node.output(i)) continue;
    const std::string name = name_in_file(*node.output(i), request_.format);
    if (std::ranges::find(keep_, name) != keep_.end()) kept_[name] = outputs[i];
  }
}

void ReferenceEngine::execute() {
  if (keep_.empty()) return run({});
  run([this](const ir::Node& node, const std::vector<Datum>&, std::vector<Datum>& outputs) {
    keep_outputs_of(node, outputs);
  });
}

void ReferenceEngine::after_execution() {
  const auto& outputs = model_.graph->outputs();
  for (const protocol::StateLink& state : request_.states) {
    const auto from = std::ranges::find(outputs, state.output, &ir::Value::name) - outputs.begin();
    if (static_cast<std::size_t>(from) < result_.outputs.size())
      (*selected_)[state.input] = result_.outputs[static_cast<std::size_t>(from)];
  }
  result_ = {};
  kept_.clear();
}

std::vector<HostTensor> ReferenceEngine::outputs() {
  std::vector<HostTensor> tensors;
  try {
    for (std::size_t i = 0; i < result_.outputs.size(); ++i) {
      values::append_to(tensors, model_.graph->outputs()[i]->name(),
                        as_computed(result_.outputs[i]));
    }
    for (const std::string& name : keep_)
      values::append_to(tensors, name, as_computed(kept_[name]));
  } catch (const Error& error) {
    throw Refusal("unsupported", error.what());
  }
  return tensors;
}

protocol::Profile ReferenceEngine::profile(std::uint64_t set, std::uint64_t executions) {
  select(set);
  run({});
  protocol::Profile profile{.executions = executions};
  std::map<const ir::Node*, std::size_t> rows;
  for (const ir::Node& node : model_.graph->nodes()) {
    rows[&node] = profile.nodes.size();
    profile.nodes.push_back(
        {.node = node.name(), .op = std::string(node.op_name()), .calls = executions});
  }
  for (std::uint64_t i = 0; i < executions; ++i) {
    const Nanoseconds start = monotonic_raw_now();
    Nanoseconds last = start;
    run([&](const ir::Node& node, const std::vector<Datum>&, std::vector<Datum>&) {
      const auto row = rows.find(&node);  // none inside a subgraph
      if (row == rows.end()) return;
      profile.nodes[row->second].ns += nanoseconds_since(last);
      last = monotonic_raw_now();
    });
    profile.total_ns += nanoseconds_since(start);
    after_execution();
  }
  return profile;
}

}  // namespace ponte::worker
