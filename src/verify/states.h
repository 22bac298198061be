// What a recurrent model hands from one execution to the next.
#pragma once

#include <string>
#include <vector>

#include "ir/graph.h"
#include "verify/judge.h"

namespace ponte::verify {

struct StatePair {
  const ir::Value* input = nullptr;
  const ir::Value* output = nullptr;
  std::size_t output_index = 0;
  const ir::Tensor* initial = nullptr;  // null: zeros
};

struct States {
  std::vector<StatePair> pairs;
  std::vector<std::string> assumptions;
};

// The graph's own states. A graph that declares none (ONNX can't) has those whose names and types
// say so: an output that is called like an input with something behind it, as `state` and `stateN`
// or `h0` and `hn` are.
States find_states(const ir::Graph& graph);

// The values with which the first execution begins.
Inputs initial_states(const States& states, const Inputs& made);

}  // namespace ponte::verify
