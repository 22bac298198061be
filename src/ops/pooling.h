// Sliding windows over the spatial axes: what MaxPool, AveragePool and LpPool share.
#pragma once

#include <functional>

#include "ops/evaluation.h"
#include "ops/windows.h"

namespace ponte::ops {

// Inference: batch and channels stay, the spatial axes shrink.
void infer_pooling(ir::Inference& c, Rounding rounding);
Rounding pooling_rounding(const ir::AttributeReader& attributes);

// The windows of an input of known shape.
std::vector<WindowAxis> pooling_windows(const ir::AttributeReader& attributes, const Dims& shape);
Dims pooled_shape(const Dims& shape, const std::vector<WindowAxis>& axes);

// One window: the offsets, within the channel's plane, of its elements that lie inside the input,
// in row-major order, and how many positions it has with the padding (but not beyond it).
struct Window {
  std::vector<std::int64_t> offsets;
  std::int64_t padded_size = 0;
};

// Calls visit(output index within the plane, window) for every window of one plane, some at the
// same time.
void for_each_window(Services& services, const std::vector<WindowAxis>& axes,
                     const std::function<void(std::int64_t, const Window&)>& visit);

}  // namespace ponte::ops
