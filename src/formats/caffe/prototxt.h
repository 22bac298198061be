// Protobuf's text format, read and written without a schema.
// Specification: protobuf.dev/reference/protobuf/textformat-spec.
#pragma once

#include <string>
#include <string_view>

#include "formats/caffe/message.h"

namespace ponte::caffe {

// Throws InvalidText with line and column, NestingTooDeep. Time is linear in the text.
Message parse_prototxt(std::string_view text, int max_depth);

// A line for each field; parses to the same message.
std::string print_prototxt(const Message& message);

}  // namespace ponte::caffe
