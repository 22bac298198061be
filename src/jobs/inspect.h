// `ponte inspect`: what is in a model.
#pragma once

#include <map>
#include <vector>

#include "base/diagnostics.h"
#include "base/json_fwd.h"
#include "ir/type.h"
#include "jobs/model_options.h"
#include "jobs/operation_count.h"

namespace ponte::jobs {

struct NamedType {
  std::string name;
  ir::Type type;
  bool has_default = false;  // of an input: it may be left out
};

struct StateNames {
  std::string input;
  std::string output;
  ir::Type type;
};

// How much is known of the types of inputs and results, subgraphs included.
struct ValueCounts {
  std::int64_t known = 0;    // every dim is a number
  std::int64_t ranked = 0;   // the rank is known
  std::int64_t unknown = 0;  // the rest, and all that is no tensor
};

struct InspectResult {
  std::string file;
  std::string format;
  std::string format_version;
  std::optional<std::uint64_t> bytes;
  std::string producer;
  std::vector<NamedType> inputs;  // without those that only say a constant of the file
  std::vector<NamedType> outputs;
  std::int64_t nodes = 0;  // of subgraphs too
  std::map<std::string, std::int64_t> ops;
  std::int64_t parameters = 0;  // elements of constants other than i64, bool and string
  std::uint64_t parameter_bytes = 0;
  OperationCount macs;
  std::map<std::string, std::int64_t> opsets;
  std::vector<std::string> signatures;
  std::vector<StateNames> states;
  ValueCounts values;
  std::vector<std::string> dynamic_dims;  // names of the open dims of the inputs
  std::string text;                       // the model's text form, where it was asked for
  bool is_read = false;                   // without it only file, bytes and problems say something
  Diagnostics problems;
};

enum class ModelText : std::uint8_t { LeftOut, Wanted };

// Throws nothing that a file can cause: it is in `problems`.
InspectResult inspect(const ModelOptions& options, ModelText text = ModelText::LeftOut);

Json to_json(const InspectResult& result);

// A type as JSON writes it: {name, dtype, shape}, and has_default where that is so.
Json to_json(const NamedType& value);
// {input, output, dtype, shape} for each.
Json to_json(const std::vector<StateNames>& states);
std::vector<StateNames> states_of(const ir::Model& model);

// "Conv", or "com.microsoft::Gelu" outside ai.onnx.
std::string op_key(const ir::Node& node);

}  // namespace ponte::jobs
