#include "formats/caffe/ops.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/checked.h"
#include "base/counted.h"
#include "base/error.h"

namespace ponte::caffe {

using shared::NodeReader;
using shared::ReadRow;

namespace {

constexpr auto rows = std::to_array<ReadRow>({
    // Caffe                    reader                  becomes
    {"AbsVal", read_abs_val, "Abs"},
    {"ArgMax", read_arg_max, "TopK"},
    {"Axpy", read_axpy, "Mul"},
    {"BN", nullptr, ""},
    {"BNLL", read_bnll, "Softplus"},
    {"BatchNorm", read_batch_norm, "BatchNormalization"},
    {"BatchReindex", read_batch_reindex, "Gather"},
    {"Bias", read_bias, "Add"},
    {"Clip", read_clip, "Clip"},
    {"Concat", read_concat, "Concat"},
    {"Convolution", read_convolution, "Conv"},
    {"Convolution3D", nullptr, ""},
    {"ConvolutionDepthwise", read_convolution, "Conv"},
    {"Crop", read_crop, "Slice"},
    {"CuDNNBatchNorm", nullptr, ""},
    {"Deconvolution", read_deconvolution, "ConvTranspose"},
    {"DepthwiseConvolution", read_convolution, "Conv"},
    {"DetectionOutput", read_detection_output, "NonMaxSuppression"},
    {"Dropout", read_dropout, "Identity"},
    {"ELU", read_elu, "Elu"},
    {"Eltwise", read_eltwise, "Add"},
    {"Embed", read_embed, "Gather"},
    {"Exp", read_exp, "Exp"},
    {"Filter", nullptr, ""},
    {"Flatten", read_flatten, "Flatten"},
    {"Im2col", read_im2col, "Conv"},
    {"InnerProduct", read_inner_product, "Gemm"},
    {"Interp", read_interp, "Resize"},
    {"LRN", read_lrn, "LRN"},
    {"LSTM", nullptr, ""},
    {"LSTMUnit", nullptr, ""},
    {"Log", read_log, "Log"},
    {"MVN", read_mvn, "ReduceMean"},
    {"Normalize", read_normalize, "ReduceSum"},
    {"PReLU", read_prelu, "PRelu"},
    {"PSROIPooling", nullptr, ""},
    {"Parameter", read_parameter, ""},
    {"Permute", read_permute, "Transpose"},
    {"Pooling", read_pooling, "MaxPool"},
    {"Pooling3D", nullptr, ""},
    {"Power", read_power, "Pow"},
    {"PriorBox", read_prior_box, ""},
    {"Proposal", nullptr, ""},
    {"Python", nullptr, ""},
    {"RNN", nullptr, ""},
    {"ROIAlign", nullptr, ""},
    {"ROIPooling", read_roi_pooling, "MaxRoiPool"},
    {"ReLU", read_relu, "Relu"},
    {"ReLU6", read_relu6, "Clip"},
    {"Reduction", read_reduction, "ReduceSum"},
    {"Reorg", nullptr, ""},
    {"Reshape", read_reshape, "Reshape"},
    {"Resize", nullptr, ""},
    {"SPP", read_spp, "MaxPool"},
    {"Scale", read_scale, "Mul"},
    {"ShuffleChannel", read_shuffle_channel, "Transpose"},
    {"Sigmoid", read_sigmoid, "Sigmoid"},
    {"Slice", read_slice, "Split"},
    {"Softmax", read_softmax, "Softmax"},
    {"Split", read_split, "Identity"},
    {"Swish", read_swish, "Sigmoid"},
    {"TanH", read_tanh, "Tanh"},
    {"Threshold", read_threshold, "Greater"},
    {"Tile", read_tile, "Tile"},
    {"Upsample", read_upsample, "Resize"},
    {"YoloDetectionOutput", nullptr, ""},
    {"Yolov3DetectionOutput", nullptr, ""},
});
static_assert(std::ranges::is_sorted(rows, {}, &ReadRow::foreign));

}  // namespace

std::span<const ReadRow> read_rows() { return rows; }

Dims dims_of(NodeReader& reader, std::size_t input) {
  const auto dims = ir::known_dims(reader.shape(input));
  if (!dims) {
    throw Error(Code::InvalidForeignNode, fmt::format("the shape of input `{}` must be known here",
                                                      reader.node().inputs[input]));
  }
  return *dims;
}

Dims channel_dims(NodeReader& reader, std::size_t input) {
  Dims dims = dims_of(reader, input);
  if (dims.size() < 2) {
    throw Error(Code::ShapeMismatch,
                fmt::format("{} needs a blob of two axes or more", reader.node().op));
  }
  return dims;
}

Dims image_dims(NodeReader& reader, std::size_t input) {
  Dims dims = dims_of(reader, input);
  if (dims.size() != 4) {
    throw Error(Code::ShapeMismatch, fmt::format("{} needs a blob of four axes", reader.node().op));
  }
  return dims;
}

Dims part_of(const Dims& dims, std::size_t first, std::size_t last) {
  return {dims.begin() + static_cast<std::ptrdiff_t>(first),
          dims.begin() + static_cast<std::ptrdiff_t>(last)};
}

Dims joined(Dims first, const Dims& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

std::size_t axis_of(std::int64_t axis, std::size_t rank) {
  const auto limit = static_cast<std::int64_t>(rank);
  if (axis < -limit || axis >= limit) {
    throw Error(Code::InvalidAxis,
                fmt::format("axis {} of a blob with {}", axis, counted(rank, "axis", "axes")));
  }
  return static_cast<std::size_t>(axis < 0 ? axis + limit : axis);
}

std::size_t end_of_axes(std::int64_t num_axes, std::size_t first, std::size_t rank) {
  const std::size_t rest = rank - first;
  if (num_axes < -1 || num_axes > static_cast<std::int64_t>(rest))
    throw Error(Code::InvalidAttribute, fmt::format("`num_axes` is {} of {}", num_axes, rest));
  return num_axes < 0 ? rank : first + static_cast<std::size_t>(num_axes);
}

std::int64_t count_of(const Dims& dims, std::size_t first, std::size_t last) {
  const auto count = element_count(std::span(dims).subspan(first, last - first));
  if (!count) throw Error(Code::DimensionOutOfRange, "the number of elements overflows");
  return *count;
}

void require_groups(std::int64_t groups, std::int64_t channels) {
  if (groups >= 1 && channels % groups == 0) return;
  throw Error(Code::ShapeMismatch, fmt::format("`group` is {}, which does not divide {}", groups,
                                               counted(channels, "channel", "channels")));
}

void ignore_fields(NodeReader& reader, std::string_view parameter,
                   std::initializer_list<std::string_view> fields) {
  for (const std::string_view field : fields) reader.ignore(fmt::format("{}.{}", parameter, field));
}

void finish(NodeReader& reader, ir::Value& value, const Dims& dims, std::size_t index) {
  reader.graph().declare(value, ir::Type::tensor(ir::DType::Float32, ir::to_shape(dims)));
  reader.set_output(index, value);
}

ir::Value& scalar(NodeReader& reader, std::string_view name, double value) {
  return reader.constant(name, ir::Tensor::scalar_f32(static_cast<float>(value)));
}

ir::Value& integers(NodeReader& reader, std::string_view name, const Dims& values) {
  return reader.constant(name, ir::Tensor::vector_i64(values));
}

ir::Value& per_channel(NodeReader& reader, std::string_view name, std::size_t rank) {
  Dims shape(rank - 1, 1);
  shape[0] = reader.weight(0).count();
  return reader.constant(name, ir::reshaped(reader.weight(0), shape));
}

ir::Value& reshaped(NodeReader& reader, ir::Value& value, const Dims& dims) {
  return reader.add("Reshape", {&value, &integers(reader, "shape", dims)});
}

ir::Value& cast(NodeReader& reader, ir::Value& value, ir::DType dtype) {
  return reader.add("Cast", {&value}, {{"to", static_cast<std::int64_t>(dtype)}});
}

ir::Attributes window_attributes(Dims kernel, Dims strides, Dims pads) {
  return {{"kernel_shape", std::move(kernel)},
          {"strides", std::move(strides)},
          {"pads", std::move(pads)}};
}

ir::Value& filled(NodeReader& reader, ir::Value& shape, float value) {
  return reader.add("ConstantOfShape", {&shape},
                    {{"value", ir::Tensor::f32({1}, std::span(&value, 1))}});
}

Largest largest(NodeReader& reader, ir::Value& data, std::int64_t k, std::int64_t axis) {
  const ir::Node& node = reader.add_with_results("TopK", {&data, &integers(reader, "k", {k})},
                                                 {{"axis", axis}}, {"values", "places"});
  return {node.output(0), node.output(1)};
}

}  // namespace ponte::caffe
