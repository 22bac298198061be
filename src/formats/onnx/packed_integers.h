// int32_data, int64_data and uint64_data of a TensorProto: varints that become elements when they
// are read, so that a long list is never held in memory.
#pragma once

#include <memory>

#include "base/bytes.h"
#include "ir/tensor.h"

namespace ponte::onnx {

// Each number gives the `width` low bytes of an element. Looks at every byte once. Throws
// MalformedField for a number of more than ten bytes or one that the list ends in, and
// TensorSizeMismatch or TruncatedTensor when it is not `size_bytes` in all.
std::shared_ptr<const ir::TensorData> packed_integers(const ByteRange& numbers, std::size_t width,
                                                      std::uint64_t size_bytes);

}  // namespace ponte::onnx
