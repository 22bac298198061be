// A NetParameter in the current form of Caffe, from a text or a binary file of any age.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "formats/caffe/message.h"
#include "ir/tensor.h"

namespace ponte::caffe {

struct Layer {
  Message fields;  // of LayerParameter, without the blobs
  std::vector<ir::Tensor> blobs;
  std::uint64_t byte = 0;

  std::string name() const { return fields.text("name"); }
  std::string type() const { return fields.text("type"); }
  Location where(const std::string& file = {}) const { return {file, name(), type(), byte}; }
};

struct Network {
  std::string name;
  Message fields;  // of NetParameter, without the layers
  std::vector<Layer> layers;
};

// Each throws what makes the file unreadable: InvalidText, MalformedField, TruncatedFile,
// TensorSizeMismatch, CountTooLarge, NestingTooDeep. What is returned is not upgraded yet: layers
// of old files are in the form of V1LayerParameter.
Network parse_network(std::string_view text, int max_depth);
Network decode_network(const ByteRange& file, int max_depth);

// From V0 and V1 layers, old input fields and old data transformations to the current form, as
// upgrade_proto.cpp of BVLC/caffe has it.
void upgrade(Network& network);

// A file may not hold more fields than this, data of blobs not counted.
inline constexpr std::size_t max_fields = 4'000'000;

}  // namespace ponte::caffe
