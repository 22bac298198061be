// A layer's parameters as attributes of a foreign node.
#pragma once

#include "formats/caffe/message.h"
#include "ir/attribute.h"

namespace ponte::caffe {

// Fields by their path ("convolution_param.pad", "input_param.shape[0].dim"). Kinds follow the
// schema, and the look of the word where the schema has no such field. Repeated fields are lists;
// of one that is given twice and may not be repeated the last counts. What says nothing about the
// result (name, connections, rules, learning rates) is left out. Throws InvalidText.
ir::Attributes layer_attributes(const Message& layer);

}  // namespace ponte::caffe
