// Writes files of weights that Caffe and OpenCV read beside a prototxt.
#pragma once

#include <filesystem>
#include <span>
#include <string_view>

#include "formats/caffe/read.h"

namespace ponte::caffe {

// A caffemodel in the current form: names, types and blobs of layers, matched by name by whoever
// reads it. Appears whole or not at all. Throws CannotWriteFile.
void write_weights(std::string_view network_name, std::span<const LayerBlobs> layers,
                   const std::filesystem::path& path);

}  // namespace ponte::caffe
