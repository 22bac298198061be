// The table of layers, and what its readers share. Meanings: src/caffe/layers of BVLC/caffe.
#pragma once

#include <array>
#include <initializer_list>
#include <span>
#include <string_view>
#include <vector>

#include "formats/caffe/tensors.h"
#include "formats/shared/node_reader.h"
#include "formats/shared/read_nodes.h"

namespace ponte::caffe {

// Sorted by layer type.
std::span<const shared::ReadRow> read_rows();

// The blobs that a layer has, in Caffe's order; empty for layers without. Throws what the layer's
// parameters make impossible.
std::vector<BlobSpec> blob_specs(shared::NodeReader& reader);

using Dims = std::vector<std::int64_t>;

// The dims of an input; all of Caffe's are numbers. Throws InvalidForeignNode where one is not
// known.
Dims dims_of(shared::NodeReader& reader, std::size_t input);
// The same for inputs with channels, and for images: batch, channels, height, width. Throws
// ShapeMismatch.
Dims channel_dims(shared::NodeReader& reader, std::size_t input = 0);
Dims image_dims(shared::NodeReader& reader, std::size_t input = 0);
// The dims of [first, last).
Dims part_of(const Dims& dims, std::size_t first, std::size_t last);
Dims joined(Dims first, const Dims& second);
// From 0 to rank - 1; negative ones count from the end. Throws InvalidAxis.
std::size_t axis_of(std::int64_t axis, std::size_t rank);
// The end of a field's number of axes from `first` on; -1 is all that there are. Throws
// InvalidAttribute.
std::size_t end_of_axes(std::int64_t num_axes, std::size_t first, std::size_t rank);
// The product of [first, last). Throws DimensionOutOfRange.
std::int64_t count_of(const Dims& dims, std::size_t first, std::size_t last);
inline std::int64_t count_of(const Dims& dims) { return count_of(dims, 0, dims.size()); }
// Throws ShapeMismatch where the channels do not divide into so many groups.
void require_groups(std::int64_t groups, std::int64_t channels);

// Marks fields of one parameter ("scale_param") as looked at.
void ignore_fields(shared::NodeReader& reader, std::string_view parameter,
                   std::initializer_list<std::string_view> fields);

// Binds output number `index` to a value, whose shape Caffe's own rule gives: a contradiction to
// the inferred type throws TypesDisagree.
void finish(shared::NodeReader& reader, ir::Value& value, const Dims& dims, std::size_t index = 0);

ir::Value& scalar(shared::NodeReader& reader, std::string_view name, double value);
ir::Value& integers(shared::NodeReader& reader, std::string_view name, const Dims& values);
// Weight number 0, one element for each channel of an input of this rank or one for all.
ir::Value& per_channel(shared::NodeReader& reader, std::string_view name, std::size_t rank);
ir::Value& reshaped(shared::NodeReader& reader, ir::Value& value, const Dims& dims);
ir::Value& cast(shared::NodeReader& reader, ir::Value& value, ir::DType dtype);
// A tensor of this shape, an i64 list, with one value everywhere.
ir::Value& filled(shared::NodeReader& reader, ir::Value& shape, float value);

struct Largest {
  ir::Value* values;
  ir::Value* places;  // i64
};
// The k largest along an axis, from the largest on; of equal ones the first.
Largest largest(shared::NodeReader& reader, ir::Value& data, std::int64_t k, std::int64_t axis);

// Fields of `detection_output_param` that only draw or store beside the result.
inline constexpr auto detection_side_effects = std::to_array<std::string_view>(
    {"save_file", "save_output_param", "visualize", "visualize_threshold"});

// Of a node with windows; pads are those before all axes, then those behind them.
ir::Attributes window_attributes(Dims kernel, Dims strides, Dims pads);

// Windows of convolutions.
struct WindowGeometry {
  Dims kernel, stride, pad, dilation;
};
struct ConvolutionGeometry {
  WindowGeometry window;
  std::int64_t group = 1, outputs = 0, channels = 0;
  bool has_bias = true;
};
ConvolutionGeometry read_convolution_geometry(shared::NodeReader& reader);

// A matrix product over the axes from `axis` on.
struct InnerProductGeometry {
  std::size_t axis = 1;
  std::int64_t inputs = 0, outputs = 0;
  bool transposed = false, has_bias = true;
};
InnerProductGeometry read_inner_product_geometry(shared::NodeReader& reader);

// Readers, by the file that has them: ops_<family>.cpp.
void read_convolution(shared::NodeReader& reader);
void read_deconvolution(shared::NodeReader& reader);
void read_im2col(shared::NodeReader& reader);

void read_pooling(shared::NodeReader& reader);
void read_spp(shared::NodeReader& reader);
void read_roi_pooling(shared::NodeReader& reader);

void read_abs_val(shared::NodeReader& reader);
void read_bnll(shared::NodeReader& reader);
void read_clip(shared::NodeReader& reader);
void read_dropout(shared::NodeReader& reader);
void read_elu(shared::NodeReader& reader);
void read_exp(shared::NodeReader& reader);
void read_log(shared::NodeReader& reader);
void read_power(shared::NodeReader& reader);
void read_prelu(shared::NodeReader& reader);
void read_relu(shared::NodeReader& reader);
void read_relu6(shared::NodeReader& reader);
void read_sigmoid(shared::NodeReader& reader);
void read_softmax(shared::NodeReader& reader);
void read_split(shared::NodeReader& reader);
void read_swish(shared::NodeReader& reader);
void read_tanh(shared::NodeReader& reader);
void read_threshold(shared::NodeReader& reader);

void read_batch_norm(shared::NodeReader& reader);
void read_lrn(shared::NodeReader& reader);
void read_mvn(shared::NodeReader& reader);
void read_normalize(shared::NodeReader& reader);

void read_axpy(shared::NodeReader& reader);
void read_bias(shared::NodeReader& reader);
void read_eltwise(shared::NodeReader& reader);
void read_scale(shared::NodeReader& reader);

void read_arg_max(shared::NodeReader& reader);
void read_batch_reindex(shared::NodeReader& reader);
void read_embed(shared::NodeReader& reader);
void read_inner_product(shared::NodeReader& reader);
void read_parameter(shared::NodeReader& reader);
void read_reduction(shared::NodeReader& reader);

void read_concat(shared::NodeReader& reader);
void read_crop(shared::NodeReader& reader);
void read_flatten(shared::NodeReader& reader);
void read_interp(shared::NodeReader& reader);
void read_permute(shared::NodeReader& reader);
void read_reshape(shared::NodeReader& reader);
void read_shuffle_channel(shared::NodeReader& reader);
void read_slice(shared::NodeReader& reader);
void read_tile(shared::NodeReader& reader);
void read_upsample(shared::NodeReader& reader);

void read_detection_output(shared::NodeReader& reader);
void read_prior_box(shared::NodeReader& reader);

}  // namespace ponte::caffe
