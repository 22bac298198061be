// Reads Caffe models: a network as text or binary, of any age, and a file of weights.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"
#include "formats/caffe/topology.h"
#include "ir/graph.h"

namespace ponte::caffe {

struct ReadOptions {
  std::filesystem::path weights = {};                // empty: found beside the graph
  std::optional<std::uint64_t> random_weights = {};  // seed, for networks without a file of weights
  int max_depth = 64;
  InputShapes input_shapes = {};             // by blob; before what the file says
  std::vector<std::string> outputs_at = {};  // layers or blobs; shared::cut_at
};

// The blobs of one layer, as Caffe orders them.
struct LayerBlobs {
  std::string layer;
  std::string type;
  std::vector<ir::Tensor> blobs;
};

struct ReadResult {
  ir::Model model;
  std::vector<LayerBlobs> blobs;  // of all layers that have some
  Message network{};              // a NetParameter: what was read, in the current form
};

// Whether a file of this name that starts like this is a prototxt or a caffemodel.
bool recognise(std::span<const std::byte> head, std::string_view file_name);

// Reads the network at `path`, a prototxt or a caffemodel that carries its own. Problems are
// collected; without an error among them the model is whole. Throws what makes going on impossible.
ReadResult read_with_blobs(const std::filesystem::path& path, const ReadOptions& options,
                           Diagnostics& problems);
// The same for a network whose file, which problems name, is decoded already.
ReadResult read_network(Network network, const std::filesystem::path& path,
                        const ReadOptions& options, Diagnostics& problems);
ir::Model read(const std::filesystem::path& path, const ReadOptions& options,
               Diagnostics& problems);

}  // namespace ponte::caffe
