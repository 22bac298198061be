#include "ops/windows.h"

#include <fmt/format.h>

#include "base/counted.h"
#include "base/error.h"

namespace ponte::ops {
namespace {

using ir::Dim;

std::vector<std::int64_t> list_or(const ir::AttributeReader& attributes, std::string_view name,
                                  std::size_t size, std::int64_t fallback, std::int64_t lowest) {
  std::vector<std::int64_t> values = attributes.ints(name);
  if (values.empty()) return std::vector<std::int64_t>(size, fallback);
  if (values.size() != size) {
    throw Error(Code::InvalidAttribute,
                fmt::format("`{}` has {}, not {}", name,
                            counted(values.size(), "number", "numbers"), size));
  }
  for (const std::int64_t value : values) {
    if (value < lowest || value > max_dimension) {
      throw Error(Code::InvalidAttribute, fmt::format("`{}` = {} is out of range", name, value));
    }
  }
  return values;
}

void set_explicit(WindowAxis& axis, const Dim& extent, Rounding rounding) {
  const Dim room = axis.input + axis.pad_begin + axis.pad_end - extent;
  if (room.range().highest < 0) {
    throw Error(
        Code::ShapeMismatch,
        fmt::format("a window of {} is larger than the padded input of {}", extent.to_string(),
                    (axis.input + axis.pad_begin + axis.pad_end).to_string()));
  }
  if (rounding == Rounding::Floor) {
    axis.output = floor_div(room, axis.stride) + 1;
    return;
  }
  // The last window must start inside the input or the padding before it.
  axis.output =
      min(ceil_div(room, axis.stride) + 1, ceil_div(axis.input + axis.pad_begin, axis.stride));
}

void set_same(WindowAxis& axis, const Dim& extent, std::string_view auto_pad) {
  axis.output = ceil_div(axis.input, axis.stride);
  const Dim total = max((axis.output - 1) * axis.stride + extent - axis.input, 0);
  const Dim smaller = floor_div(total, 2);
  axis.pad_begin = auto_pad == "SAME_UPPER" ? smaller : total - smaller;
  axis.pad_end = total - axis.pad_begin;
}

}  // namespace

std::vector<WindowAxis> windows(const ir::AttributeReader& attributes, const ir::Shape& spatial,
                                const ir::Shape& kernel, Rounding rounding) {
  const std::size_t rank = spatial.size();
  if (kernel.size() != rank) {
    throw Error(Code::ShapeMismatch, fmt::format("the kernel has {}, the input {}",
                                                 counted(kernel.size(), "axis", "axes"), rank));
  }
  const auto strides = list_or(attributes, "strides", rank, 1, 1);
  const auto dilations = list_or(attributes, "dilations", rank, 1, 1);
  const auto pads = list_or(attributes, "pads", rank * 2, 0, 0);
  const std::string auto_pad = attributes.s("auto_pad");
  std::vector<WindowAxis> axes(rank);
  for (std::size_t i = 0; i < rank; ++i) {
    WindowAxis& axis = axes[i];
    axis.input = spatial[i];
    axis.kernel = kernel[i];
    axis.stride = strides[i];
    axis.dilation = dilations[i];
    const Dim extent = (axis.kernel - 1) * axis.dilation + 1;
    if (auto_pad == "SAME_UPPER" || auto_pad == "SAME_LOWER") {
      set_same(axis, extent, auto_pad);
    } else if (auto_pad == "VALID" || auto_pad == "NOTSET") {
      if (auto_pad == "NOTSET") {
        axis.pad_begin = pads[i];
        axis.pad_end = pads[rank + i];
      }
      set_explicit(axis, extent, rounding);
    } else {
      throw Error(Code::InvalidAttribute,
                  fmt::format("`auto_pad` = \"{}\" is not known", auto_pad));
    }
  }
  return axes;
}

}  // namespace ponte::ops
