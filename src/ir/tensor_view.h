// Tensors as strided views of other tensors: transposes and slices, and any chain of them.
#pragma once

#include <memory>
#include <vector>

#include "ir/tensor.h"

namespace ponte::ir {

// Element (i, j, ...) of the view is element base + i * strides[0] + j * strides[1] + ... of the
// source. Strides are positive and no element is seen twice.
struct Layout {
  std::int64_t base = 0;
  std::vector<std::int64_t> dims;
  std::vector<std::int64_t> strides;
};

// What a tensor is a view of: another tensor's data, or its own.
struct View {
  std::shared_ptr<const TensorData> source;
  std::int64_t source_count = 0;
  Layout layout;
};

View view_of(const Tensor& tensor);

// A tensor of the view's elements; the source's own bytes where they lie in the right order.
Tensor make_view(DType dtype, View view);

}  // namespace ponte::ir
