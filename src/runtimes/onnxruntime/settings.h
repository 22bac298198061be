// The settings of ONNX Runtime: one table for the command line's help and for the worker that obeys
// them.
#pragma once

#include <vector>

#include "runtimes/protocol/messages.h"

namespace ponte::runtimes::onnxruntime {

inline constexpr char free_dimension_prefix[] = "free_dimension.";
inline constexpr char free_denotation_prefix[] = "free_dimension_denotation.";
inline constexpr char provider_prefix[] = "provider.";

std::vector<protocol::Setting> settings();

}  // namespace ponte::runtimes::onnxruntime
