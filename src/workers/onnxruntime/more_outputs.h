// A model whose intermediate values are outputs as well: ONNX Runtime returns outputs alone.
#pragma once

#include <span>
#include <string>

namespace ponte::worker {

// The bytes of the model file with these values of its graph as further outputs. Messages of
// protobuf that follow each other are merged, so that nothing of the file is decoded. Throws
// Refusal.
std::string with_more_outputs(const std::string& model_path, std::span<const std::string> names);

}  // namespace ponte::worker
