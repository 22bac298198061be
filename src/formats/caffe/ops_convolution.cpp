// Convolution, Deconvolution and Im2col: base_conv_layer.cpp, conv_layer.cpp, deconv_layer.cpp,
// im2col_layer.cpp.
#include <fmt/format.h>

#include <algorithm>

#include "base/checked.h"
#include "base/counted.h"
#include "base/error.h"
#include "formats/caffe/ops.h"

namespace ponte::caffe {

using shared::NodeReader;

namespace {

constexpr std::string_view param = "convolution_param";

std::string path(std::string_view field) { return fmt::format("{}.{}", param, field); }

// The dims of the first bottom, whose windows cover all axes behind the channels.
Dims windowed_dims(NodeReader& reader) {
  Dims x = dims_of(reader, 0);
  if (x.size() < 3 || axis_of(reader.i(path("axis"), 1), x.size()) != 1) {
    throw Error(Code::InvalidAxis,
                fmt::format("{} is read over the axes after the channels alone", reader.node().op));
  }
  return x;
}

// One number for all axes, one per axis, or `_h` and `_w`.
Dims per_axis(NodeReader& reader, std::string_view field, std::string_view short_field,
              std::size_t axes, std::optional<std::int64_t> fallback) {
  const Dims values = reader.ints(path(field));
  const std::string h = path(fmt::format("{}_h", short_field)),
                    w = path(fmt::format("{}_w", short_field));
  if (reader.has(h) || reader.has(w)) {
    if (axes != 2 || !values.empty()) {
      throw Error(Code::InvalidAttribute,
                  fmt::format("`{}_h` and `{}_w` are for two axes, without `{}`", short_field,
                              short_field, field));
    }
    return {reader.i(h, fallback.value_or(0)), reader.i(w, fallback.value_or(0))};
  }
  if (values.empty() && fallback) return Dims(axes, *fallback);
  if (values.size() != 1 && values.size() != axes) {
    throw Error(Code::InvalidAttribute,
                fmt::format("`{}` has {} for {}", field, counted(values.size(), "value", "values"),
                            counted(axes, "axis", "axes")));
  }
  return values.size() == 1 ? Dims(axes, values[0]) : values;
}

void require_between(std::string_view field, const Dims& values, std::int64_t lowest) {
  for (const std::int64_t value : values) {
    if (value < lowest || value > (std::int64_t{1} << 24)) {
      throw Error(Code::InvalidAttribute, fmt::format("`{}` is {}", field, value));
    }
  }
}

WindowGeometry read_window(NodeReader& reader, std::size_t axes) {
  WindowGeometry window{per_axis(reader, "kernel_size", "kernel", axes, std::nullopt),
                        per_axis(reader, "stride", "stride", axes, 1),
                        per_axis(reader, "pad", "pad", axes, 0),
                        per_axis(reader, "dilation", "dilation", axes, 1)};
  require_between("kernel_size", window.kernel, 1);
  require_between("stride", window.stride, 1);
  require_between("pad", window.pad, 0);
  require_between("dilation", window.dilation, 1);
  ignore_fields(reader, param, {"weight_filler", "bias_filler", "engine", "force_nd_im2col"});
  return window;
}

ir::Attributes convolution_attributes(const WindowGeometry& window, std::int64_t group) {
  ir::Attributes attributes =
      window_attributes(window.kernel, window.stride, joined(window.pad, window.pad));
  attributes["dilations"] = window.dilation;
  attributes["group"] = group;
  return attributes;
}

// The size of axis number i behind the channels.
std::int64_t convolved(const WindowGeometry& window, std::size_t i, std::int64_t size) {
  const std::int64_t extent = window.dilation[i] * (window.kernel[i] - 1) + 1;
  const std::int64_t room = size + 2 * window.pad[i] - extent;
  if (room < 0) throw Error(Code::ShapeMismatch, "the kernel is larger than the padded input");
  return room / window.stride[i] + 1;
}

std::int64_t deconvolved(const WindowGeometry& window, std::size_t i, std::int64_t size) {
  const std::int64_t spread = count_of({window.stride[i], std::max<std::int64_t>(size - 1, 0)}),
                     extent = window.dilation[i] * (window.kernel[i] - 1) + 1;
  const std::int64_t result = spread + extent - 2 * window.pad[i];
  if (result > max_dimension) throw Error(Code::DimensionOutOfRange, "the output is too large");
  if (result < 1) throw Error(Code::ShapeMismatch, "the padding removes the whole output");
  return result;
}

ir::Value& convolve(NodeReader& reader, std::size_t input, std::string_view op,
                    const ConvolutionGeometry& geometry) {
  std::vector<ir::Value*> inputs{&reader.input(input),
                                 &reader.constant("weight", reader.weight(0))};
  if (geometry.has_bias) inputs.push_back(&reader.constant("bias", reader.weight(1)));
  return reader.add(op, std::move(inputs), convolution_attributes(geometry.window, geometry.group));
}

// The same filters may serve several bottoms.
void convolve_all(NodeReader& reader, std::string_view op,
                  std::int64_t (*output_size)(const WindowGeometry&, std::size_t, std::int64_t)) {
  const ConvolutionGeometry geometry = read_convolution_geometry(reader);
  for (std::size_t i = 0; i < reader.input_count(); ++i) {
    Dims shape = dims_of(reader, i);
    if (shape.size() != geometry.window.kernel.size() + 2 || shape[1] != geometry.channels)
      throw Error(Code::ShapeMismatch, "the bottoms have different shapes");
    shape[1] = geometry.outputs;
    for (std::size_t axis = 2; axis < shape.size(); ++axis)
      shape[axis] = output_size(geometry.window, axis - 2, shape[axis]);
    finish(reader, convolve(reader, i, op, geometry), shape, i);
  }
}

}  // namespace

ConvolutionGeometry read_convolution_geometry(NodeReader& reader) {
  const Dims x = windowed_dims(reader);
  ConvolutionGeometry geometry;
  geometry.window = read_window(reader, x.size() - 2);
  geometry.channels = x[1];
  geometry.outputs = reader.i(path("num_output"));
  geometry.group = reader.i(path("group"), 1);
  geometry.has_bias = reader.b(path("bias_term"), true);
  const std::string& type = reader.node().op;
  if (type == "ConvolutionDepthwise" || type == "DepthwiseConvolution") geometry.group = x[1];
  require_between("num_output", {geometry.outputs}, 1);
  require_groups(geometry.group, geometry.channels);
  require_groups(geometry.group, geometry.outputs);
  return geometry;
}

void read_convolution(NodeReader& reader) { convolve_all(reader, "Conv", convolved); }

void read_deconvolution(NodeReader& reader) { convolve_all(reader, "ConvTranspose", deconvolved); }

// Column c * kh * kw + i * kw + j holds the input shifted by (i, j): a convolution per channel with
// unit kernels.
void read_im2col(NodeReader& reader) {
  const Dims x = windowed_dims(reader);
  const WindowGeometry window = read_window(reader, x.size() - 2);
  const std::int64_t size = count_of(window.kernel);
  if (size > 1024 || x[1] > 65536 || x[1] * size * size > (std::int64_t{1} << 24))
    throw Error(Code::ElementCountTooLarge, "the columns are too many");
  std::vector<float> unit(static_cast<std::size_t>(x[1] * size * size));
  for (std::int64_t row = 0; row < x[1] * size; ++row)
    unit[static_cast<std::size_t>(row * size + row % size)] = 1;
  const Dims kernel = joined({x[1] * size, 1}, window.kernel);
  ir::Value& y = reader.add(
      "Conv", {&reader.input(0), &reader.constant("unit", ir::Tensor::f32(kernel, unit))},
      convolution_attributes(window, x[1]));
  Dims shape{x[0], x[1] * size};
  for (std::size_t axis = 2; axis < x.size(); ++axis)
    shape.push_back(convolved(window, axis - 2, x[axis]));
  finish(reader, y, shape);
}

}  // namespace ponte::caffe
