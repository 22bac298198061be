#include "verify/states.h"

#include <fmt/format.h>

#include <algorithm>

#include "ir/shapes.h"

namespace ponte::verify {
namespace {

// "h0" begins like "hn": the number of the step does not count.
std::string_view stem(std::string_view name) {
  while (name.ends_with('0')) name.remove_suffix(1);
  return name;
}

bool same_shape(const ir::TensorType& a, const ir::TensorType& b) {
  return a.shape && b.shape && !a.shape->empty() && ir::may_be_equal(*a.shape, *b.shape);
}

bool looks_like_state(const ir::Value& input, const ir::Value& output) {
  const std::string_view begin = stem(input.name());
  const bool same_name = !begin.empty() && output.name().size() > begin.size() &&
                         std::string_view(output.name()).starts_with(begin);
  const ir::TensorType *a = input.type().as_tensor(), *b = output.type().as_tensor();
  return same_name && a && b && ir::is_float(a->dtype) && a->dtype == b->dtype &&
         same_shape(*a, *b);
}

std::size_t index_of(const ir::Graph& graph, const ir::Value* output) {
  return static_cast<std::size_t>(std::ranges::find(graph.outputs(), output) -
                                  graph.outputs().begin());
}

}  // namespace

States find_states(const ir::Graph& graph) {
  States states;
  for (const ir::State& state : graph.states())
    states.pairs.push_back(
        {state.input, state.output, index_of(graph, state.output), &state.initial});
  if (!states.pairs.empty()) return states;
  for (const ir::Value* input : graph.inputs()) {
    if (input->tensor()) continue;
    const auto output = std::ranges::find_if(graph.outputs(), [&](const ir::Value* candidate) {
      return looks_like_state(*input, *candidate) &&
             std::ranges::find(states.pairs, candidate, &StatePair::output) == states.pairs.end();
    });
    if (output == graph.outputs().end()) continue;
    states.pairs.push_back({input, *output, index_of(graph, *output), nullptr});
    states.assumptions.push_back(
        fmt::format("`{}` is the next execution's `{}`", (*output)->name(), input->name()));
  }
  return states;
}

Inputs initial_states(const States& states, const Inputs& made) {
  Inputs values;
  for (const StatePair& pair : states.pairs) {
    const std::string& name = pair.input->name();
    if (pair.initial) {
      values[name] = {ops::load(*pair.initial, ops::Arithmetic::Judge)};
    } else if (const auto it = made.find(name); it != made.end()) {
      const ops::Array& array = it->second.array();
      values[name] = {ops::Array::zeros(array.dtype(), array.shape(), ops::Arithmetic::Judge)};
    }
  }
  return values;
}

}  // namespace ponte::verify
