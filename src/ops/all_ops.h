// The list of all ops.
#pragma once

#include "ir/op.h"

namespace ponte::ops {

// ai.onnx at opset 28, ai.onnx.ml 5, com.microsoft: one list, in all_ops.cpp.
const ir::OpSet& all_ops();

}  // namespace ponte::ops
