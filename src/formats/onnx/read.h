// Reads ONNX models. Specification: onnx/docs/IR.md, onnx/onnx.proto.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/diagnostics.h"
#include "ir/graph.h"
#include "ops/all_ops.h"

namespace ponte::onnx {

struct ReadOptions {
  int max_depth = 64;
  std::vector<std::string> outputs_at = {};  // shared::cut_at
};

// Whether the bytes start like a ModelProto: a plausible first field.
bool recognise(std::span<const std::byte> head, std::string_view file_name);

// Problems are collected; without an error among them the model is whole. Throws what makes going
// on impossible.
ir::Model read(const std::filesystem::path& path, const ReadOptions& options,
               Diagnostics& problems);

// The same for bytes that are already at hand; `path` is where data files are looked for.
ir::Model read(std::shared_ptr<const ByteSource> file, const std::filesystem::path& path,
               const ReadOptions& options, Diagnostics& problems);

}  // namespace ponte::onnx
