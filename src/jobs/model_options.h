// What every command that reads a model lets the user say about it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/stop.h"
#include "convert/convert.h"

namespace ponte::jobs {

struct ModelOptions {
  std::filesystem::path path{};
  std::string format{};             // empty: recognised
  std::filesystem::path weights{};  // empty: found beside the graph
  std::optional<std::uint64_t> random_weights{};
  std::string signature{};
  convert::ShapeOptions shapes{};
  int max_depth = 64;
  std::vector<std::string> outputs_at{};  // nodes or values where the network is to end
  // Whether the options are those of several files, each of which takes what it has a use for.
  bool is_one_of_several = false;
  // Whether sizes that the file leaves open only say what goes in: it is run as it is.
  bool stays_open = false;
  StopToken stop{};  // ends the writing of files
};

convert::ReadOptions read_options(const ModelOptions& options);

// Reads the model, cut where the options say, and gives its inputs the shapes asked for. Problems
// are collected; the model is whole when none is an error. Throws what makes going on impossible,
// with the file's name, and what require_use throws unless it is one of several.
convert::Source read_model(const ModelOptions& options, Diagnostics& problems);

// "data=1,3,224,224" and "batch=8" of the command line, added to `shapes`. Throws UsageError.
void add_input_shape(convert::ShapeOptions& shapes, const std::string& text);
void add_dim(convert::ShapeOptions& shapes, const std::string& text);

// Throws UnknownName where no file has a node or value that `outputs_at` names, UsageError for
// another option that none of these formats has a use for. `sources` has at least one.
void require_use(const ModelOptions& options, std::span<const convert::Source* const> sources);

}  // namespace ponte::jobs
