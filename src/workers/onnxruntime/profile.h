// The runtime's own profile file, summed up per node.
#pragma once

#include <string>

#include "runtimes/protocol/messages.h"

namespace ponte::worker {

// Reads the trace that ONNX Runtime wrote. The first run in it is warming up and does not count.
// Throws Refusal when the file is too large or is no trace.
protocol::Profile read_profile_trace(const std::string& path);

}  // namespace ponte::worker
