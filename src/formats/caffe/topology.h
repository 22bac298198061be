// Which layers make up the network at test time, and what flows between them.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "formats/caffe/network.h"
#include "formats/shared/foreign_graph.h"

namespace ponte::caffe {

struct NetInput {
  std::string name;
  std::optional<std::vector<std::int64_t>> shape;
  std::string layer;
  std::string type;
  std::uint64_t byte = 0;
};

// One layer. Each name of its inputs and outputs is assigned once in the whole network: a blob that
// layers change in place has a value per layer, the last of which carries the blob's name.
struct NetNode {
  shared::ForeignNode node;               // its name is unique
  std::string layer;                      // the name in the file, which weights go by
  std::vector<std::string> origins;       // of the outputs: what Caffe and OpenCV call them
  std::vector<std::string> shared_names;  // of its parameters; "" where not shared
  Message fields{};                       // as the file has them, in the current form
  double gain = 1;  // of drawn weights: below one where the result is added to others
};

struct Topology {
  std::vector<NetInput> inputs;
  std::vector<NetNode> nodes;
  std::vector<std::string> outputs;
};

using InputShapes = std::map<std::string, std::vector<std::int64_t>>;

// The layers of the phase TEST in their order. Losses and what else only training and testing need
// are left out, with a note each. Takes the layers' blobs as weights. Throws DuplicateName,
// InvalidText.
Topology find_topology(Network network, const InputShapes& input_shapes, const std::string& file,
                       Diagnostics& problems);

}  // namespace ponte::caffe
