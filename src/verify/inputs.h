// Input values for a model: seeded, and such that they suit what the model does with them first.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ir/graph.h"
#include "verify/judge.h"

namespace ponte::verify {

enum class InputKind : std::uint8_t { Normal, Unit, Zeros, Large };

struct InputOptions {
  std::uint64_t seed = 1;
  // name -> lowest and highest value of a uniform distribution instead of the default one.
  std::map<std::string, std::pair<double, double>> ranges;
};

struct InputSet {
  Inputs values;
  std::vector<std::string> assumptions;  // what was assumed about an input, one line each
};

// Values for every input without a fixed default. Open dims become 1 where they are a batch (the
// first axis). Throws OpenDimension for any other open dim.
InputSet make_inputs(const ir::Graph& graph, InputKind kind, const InputOptions& options);

}  // namespace ponte::verify
