// Writes what Caffe and OpenCV read: a prototxt, and a file of weights beside it.
#pragma once

#include <filesystem>
#include <span>
#include <string_view>

#include "base/stop.h"
#include "formats/caffe/read.h"

namespace ponte::caffe {

// A caffemodel in the current form: names, types and blobs of layers, matched by name by whoever
// reads it. Appears whole or not at all. Throws CannotWriteFile and Interrupted.
void write_weights(std::string_view network_name, std::span<const LayerBlobs> layers,
                   const std::filesystem::path& path, const StopToken& stop = {});

struct NetworkFiles {
  std::filesystem::path network;
  std::filesystem::path weights;
};

// Reads a network and writes it again as one that stands by itself: in the current form, of the
// layers that run at test time, with the shapes of its inputs, and its weights, drawn ones too, in
// a caffemodel of the same name. `target` ends in .prototxt. Throws what reading throws, the first
// problem that is an error, CannotWriteFile and Interrupted.
NetworkFiles write_deployed(const std::filesystem::path& source, const ReadOptions& options,
                            const std::filesystem::path& target, const StopToken& stop = {});

}  // namespace ponte::caffe
