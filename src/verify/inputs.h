// Input values for a model: seeded, and such that they suit what the model does with them first.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ir/graph.h"
#include "verify/judge.h"

namespace ponte::verify {

// Of inputs of floats; Expected is the range that the model's first nodes are made for. Integers,
// masks and indices are drawn from what the model takes in every kind but Zeros; Integers are
// floats as in Normal, and integers of which nothing is known on both sides of zero; LargeIntegers
// are such that do not fit a narrower dtype.
enum class InputKind : std::uint8_t {
  Normal,
  Expected,
  Zeros,
  Large,
  Denormal,
  Integers,
  LargeIntegers
};
std::string_view to_string(InputKind kind);

struct InputOptions {
  std::uint64_t seed = 1;
  // name -> lowest and highest value of a uniform distribution instead of the default one. It
  // overrides the kind, too.
  std::map<std::string, std::pair<double, double>> ranges;
  Inputs given;            // values that are not made up
  std::int64_t batch = 1;  // for an open first axis, unless a given value or `dims` decide it
  std::map<std::string, std::int64_t> dims;  // sizes of open dims by name
};

struct InputSet {
  Inputs values;
  std::vector<std::string> assumptions;  // what was assumed about an input, one line each
};

// Values for every input without a fixed default. Throws OpenDimension for an open dim of unknown
// size, MissingModelInput for an input whose values can't be made up, InvalidInputType where given
// values contradict the model.
InputSet make_inputs(const ir::Graph& graph, InputKind kind, const InputOptions& options);

// The inputs without a fixed default: values must be given for them.
std::vector<const ir::Value*> open_inputs(const ir::Graph& graph);

bool is_float_input(const ir::Value& input);

// Whether the values of an integer input are known to be neither indices nor a mask, nor few enough
// to be drawn among all: the model may take any.
bool is_free_integer(const ir::Value& input);

// The sizes of the graph's open dims: as given values have them, as `options` say, or assumed.
std::map<std::string, std::int64_t> bind_dims(const ir::Graph& graph, const InputOptions& options,
                                              std::vector<std::string>& assumptions);

// The dtype that an input declares, of numbers that are exactly those given or, for floats, rounded
// once. Throws ShapeMismatch, InvalidInputType and InvalidInputValue.
ir::Tensor fitted(const ir::Value& input, const ir::Tensor& given);

}  // namespace ponte::verify
