#include "evaluate/evaluator.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/counted.h"
#include "base/error.h"
#include "base/text.h"
#include "ir/shapes.h"

namespace ponte::evaluate {
namespace {

// The node of `graph` in which a node stands: itself, or the one whose subgraph holds it.
void collect_last_uses(const ir::Graph& graph,
                       std::unordered_map<const ir::Value*, const ir::Node*>& last_use) {
  for (const ir::Node& node : graph.nodes()) {
    const std::function<void(const ir::Node&)> visit = [&](const ir::Node& inner) {
      for (const ir::Value* value : inner.inputs()) {
        if (value && &value->graph() == &graph) last_use[value] = &node;
      }
      for (const ir::Subgraph& subgraph : inner.subgraphs()) {
        for (const ir::Value* value : subgraph.graph->outputs()) {
          if (&value->graph() == &graph) last_use[value] = &node;
        }
        for (const ir::Node& deeper : subgraph.graph->nodes()) visit(deeper);
      }
    };
    visit(node);
    for (const ir::Subgraph& subgraph : node.subgraphs())
      collect_last_uses(*subgraph.graph, last_use);
  }
  for (const ir::Value* value : graph.outputs()) last_use[value] = nullptr;
}

void check_input(const ir::Value& input, const Datum& datum) {
  const ir::TensorType* declared = input.type().as_tensor();
  const auto* array = std::get_if<Array>(&datum.held);
  if (!declared || !array) return;
  const auto fail = [&] {
    throw Error(Code::InvalidInputType,
                fmt::format("input `{}` is {}, but the model takes {}", input.name(),
                            ir::to_string(ops::type_of(datum)), ir::to_string(input.type())));
  };
  if (declared->dtype != ir::DType::Undefined && declared->dtype != array->dtype()) fail();
  if (declared->shape && !ir::may_be_equal(*declared->shape, ir::to_shape(array->shape()))) fail();
}

std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

}  // namespace

Evaluator::Evaluator(const ir::Graph& graph, Options options)
    : graph_(graph),
      options_(std::move(options)),
      meter_(std::make_shared<ops::MemoryMeter>(options_.memory_bytes)),
      pool_(std::max(options_.threads, 1)) {
  collect_last_uses(graph, last_use_);
}

Evaluator::~Evaluator() = default;

Result Evaluator::run(const std::map<std::string, Datum>& inputs, const Observer& observer) {
  values_.clear();
  overflows_.clear();
  steps_ = 0;
  observer_ = observer ? &observer : nullptr;
  for (const ir::Value* input : graph_.inputs()) {
    if (const auto given = inputs.find(input->name()); given != inputs.end()) {
      check_input(*input, given->second);
      values_[input] = given->second;
    } else if (input->tensor()) {
      values_[input] = Datum{ops::load(*input->tensor(), options_.arithmetic, meter_)};
    } else {
      throw Error(Code::MissingModelInput, fmt::format("input `{}` was not given", input->name()));
    }
  }
  Result result;
  result.outputs = run_graph(graph_);
  result.overflows = std::move(overflows_);
  result.peak_bytes = meter_->peak();
  values_.clear();
  return result;
}

std::vector<Datum> Evaluator::run_graph(const ir::Graph& graph) {
  for (const ir::Node& node : graph.nodes()) run_node_of(node);
  std::vector<Datum> outputs;
  for (const ir::Value* value : graph.outputs()) {
    outputs.push_back(value->is_constant() ? constant(*value) : values_.at(value));
  }
  return outputs;
}

std::vector<Datum> Evaluator::run_subgraph(const ir::Graph& body, std::vector<Datum> inputs) {
  if (inputs.size() != body.inputs().size()) {
    throw Error(Code::WrongInputCount,
                fmt::format("a body takes {}, not {}",
                            counted(body.inputs().size(), "input", "inputs"), inputs.size()));
  }
  for (std::size_t i = 0; i < inputs.size(); ++i) values_[body.inputs()[i]] = std::move(inputs[i]);
  return run_graph(body);
}

Datum Evaluator::input_of(const ir::Value& value, const ir::Node& node) {
  if (value.is_constant()) return constant(value);
  const auto it = values_.find(&value);
  if (it == values_.end())
    throw Error(Code::UndefinedValue, fmt::format("`{}` has no value", value.name()));
  const auto last = last_use_.find(&value);
  // The same value may stand at several inputs of its last node: it is moved out once it stands
  // there alone.
  const bool is_last = last != last_use_.end() && last->second == &node &&
                       node.subgraphs().empty() && std::ranges::count(node.inputs(), &value) == 1;
  return is_last ? std::move(it->second) : it->second;
}

void Evaluator::run_node_of(const ir::Node& node) {
  try {
    throw_if_stopped(options_.stop);
    std::vector<Datum> inputs;
    for (const ir::Value* value : node.inputs()) {
      inputs.push_back(value ? input_of(*value, node) : Datum{});
    }
    std::vector<Datum> outputs;
    if (observer_) {
      outputs = evaluate(node, inputs);
      (*observer_)(node, inputs, outputs);
    } else {
      outputs = evaluate(node, std::move(inputs));
    }
    for (const ir::Value* value : node.inputs()) {
      if (!value || value->is_constant() || &value->graph() != &node.graph()) continue;
      if (const auto last = last_use_.find(value); last != last_use_.end() && last->second == &node)
        values_.erase(value);
    }
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      const ir::Value* value = node.output(i);
      if (value && last_use_.contains(value)) values_[value] = std::move(outputs[i]);
    }
  } catch (Error& error) {
    error.fill_where(
        {.file = {}, .node = node.name(), .op = std::string(node.op_name()), .byte = {}});
    throw;
  }
}

std::vector<Datum> Evaluator::evaluate(const ir::Node& node, std::vector<Datum> inputs) {
  if (!node.op() || !node.op()->evaluate) {
    const std::string domain = node.domain().empty() ? "" : fmt::format("{}::", node.domain());
    throw Error(Code::NotEvaluable,
                fmt::format("`{}{}` can't be evaluated", domain, node.op_name()));
  }
  ops::Evaluation evaluation(node, std::move(inputs), *this);
  node.op()->evaluate(evaluation);
  std::vector<Datum> outputs = std::move(evaluation.outputs());
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    auto* array = std::get_if<Array>(&outputs[i].held);
    if (!array) continue;
    if (const std::int64_t count = ops::round_to_dtype(*array, options_.arithmetic);
        count > 0 && node.output(i)) {
      overflows_.push_back({node.name(), node.output(i)->name(), count});
    }
  }
  return outputs;
}

std::vector<Datum> Evaluator::run_node(const ir::Node& node, std::vector<Datum> inputs) {
  try {
    return evaluate(node, std::move(inputs));
  } catch (Error& error) {
    error.fill_where(
        {.file = {}, .node = node.name(), .op = std::string(node.op_name()), .byte = {}});
    throw;
  }
}

const Datum& Evaluator::constant(const ir::Value& value) {
  const auto [it, inserted] = constants_.try_emplace(&value);
  if (inserted) it->second = Datum{ops::load(*value.tensor(), options_.arithmetic, meter_)};
  return it->second;
}

void Evaluator::set_constant(const ir::Value& value, Datum datum) {
  constants_[&value] = std::move(datum);
}

void Evaluator::charge_steps(std::int64_t steps) {
  steps_ += steps;
  if (steps_ > options_.steps) {
    throw Error(Code::BudgetExceeded,
                fmt::format("evaluation needs over {} steps", grouped(options_.steps)));
  }
  throw_if_stopped(options_.stop);
}

void Evaluator::parallel_for(std::int64_t count, std::int64_t grain,
                             const std::function<void(std::int64_t, std::int64_t)>& work) {
  pool_.parallel_for(count, grain, work);
}

Random Evaluator::random(const ir::Node& node) {
  return Random(
      mix_seed(options_.seed, hash_of(node.output(0) ? node.output(0)->name() : node.name())));
}

}  // namespace ponte::evaluate
