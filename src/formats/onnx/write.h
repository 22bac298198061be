// Writes ONNX models. What no pass touched is written as it stood in its file, when the opset
// stays.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "base/diagnostics.h"
#include "base/stop.h"
#include "ir/graph.h"

namespace ponte::onnx {

struct WriteOptions {
  // Of ai.onnx; without it the source's own, or the lowest from 17 on that can say every node.
  std::optional<std::int64_t> opset;
  // Weights go to a data file beside the model when the model would pass this size.
  std::uint64_t external_above_bytes = 0x7FFF'0000;
  StopToken stop{};
};

struct WrittenFile {
  std::filesystem::path path;
  std::uint64_t bytes = 0;
};

struct WriteResult {
  std::vector<WrittenFile> files;
  std::int64_t opset = 0;
};

// Problems that are errors mean that nothing was written. Throws what FileWriter throws.
WriteResult write(const ir::Model& model, const std::filesystem::path& path,
                  const WriteOptions& options, Diagnostics& problems);

}  // namespace ponte::onnx
