// Sliding windows of convolution and pooling: the attributes kernel_shape, strides, dilations,
// pads, auto_pad, ceil_mode.
#pragma once

#include <vector>

#include "ir/inference.h"

namespace ponte::ops {

// One spatial axis. Pads may depend on the input's size (SAME_*), so they are dims as well.
struct WindowAxis {
  ir::Dim input;
  ir::Dim kernel;
  std::int64_t stride = 1;
  std::int64_t dilation = 1;
  ir::Dim pad_begin;
  ir::Dim pad_end;
  ir::Dim output;
};

enum class Rounding : std::uint8_t { Floor, Ceil };

// The windows over the spatial axes of an input (all axes after the first two). `kernel` is the
// attribute's or the weight's. With Ceil, a last window that would start in the padding at the end
// is left out. Throws InvalidAttribute where attributes contradict each other or the rank.
std::vector<WindowAxis> windows(const ir::AttributeReader& attributes, const ir::Shape& spatial,
                                const ir::Shape& kernel, Rounding rounding = Rounding::Floor);

}  // namespace ponte::ops
