// What every file format offers to the rest of the program: one row per format in formats.cpp.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"
#include "base/stop.h"
#include "ir/graph.h"

namespace ponte::convert {

struct ReadOptions {
  std::filesystem::path weights{};                // empty: found beside the graph
  std::optional<std::uint64_t> random_weights{};  // seed, for files that are a graph alone
  std::string signature{};
  int max_depth = 64;
  std::map<std::string, std::vector<std::int64_t>>
      input_shapes{};  // for files that leave them open
  // Nodes or values where the graph is to end, in the file's names: their results are its outputs,
  // and what these do not need is not read. The model says which of them it has.
  std::vector<std::string> outputs_at{};
};

struct WriteOptions {
  std::optional<std::int64_t> opset{};
  bool external_data = false;  // weights in a file of their own, where the format can
  StopToken stop{};
};

struct WrittenFile {
  std::filesystem::path path;
  std::uint64_t bytes = 0;
};

struct WriteResult {
  std::vector<WrittenFile> files;
  std::optional<std::int64_t> opset;
};

// A model in files that say everything by themselves.
struct DeployedFiles {
  std::filesystem::path graph;
  std::filesystem::path weights;  // empty where the graph holds them
};

// One op of a format's files and the op of the graph that it becomes ("Conv").
struct FormatOp {
  std::string_view foreign;
  std::string_view becomes;  // empty where it is not read
  bool read = false;
  bool write = false;
};

struct FormatRow {
  std::string_view name;
  std::span<const std::string_view> extensions;
  bool has_weights_files;  // the weights may be in a file of their own
  bool has_signatures;     // a file may have several graphs
  // Whether these first bytes (up to 4,096) of a file with this name look like the format.
  bool (*recognise)(std::span<const std::byte> head, std::string_view file_name);
  // Reads a model; problems are collected, and the model is only usable when none is an error.
  // Never null: a format without a reader has no row, so that nobody is told to name it.
  ir::Model (*read)(const std::filesystem::path& path, const ReadOptions& options,
                    Diagnostics& problems);
  // Writes it, atomically; problems that are errors mean that nothing was written. Null: not
  // written.
  WriteResult (*write)(const ir::Model& model, const std::filesystem::path& path,
                       const WriteOptions& options, Diagnostics& problems);
  // Writes a model of this format again with what the options say of it: weights that were drawn,
  // shapes of inputs. `target` has no extension. Throws what reading and writing throw. Null: the
  // format has nothing that a file could leave open.
  DeployedFiles (*deploy)(const std::filesystem::path& source, const ReadOptions& options,
                          const std::filesystem::path& target, const StopToken& stop);
  // The ops that its tables have.
  std::vector<FormatOp> (*ops)();
};

}  // namespace ponte::convert
