// Protobuf's text format, read without a schema.
// Specification: protobuf.dev/reference/protobuf/textformat-spec.
#pragma once

#include <string_view>

#include "formats/caffe/message.h"

namespace ponte::caffe {

// Throws InvalidText with line and column, NestingTooDeep. Time is linear in the text.
Message parse_prototxt(std::string_view text, int max_depth);

}  // namespace ponte::caffe
