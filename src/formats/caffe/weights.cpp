// Which blobs each layer type has: the LayerSetUp functions of BVLC/caffe.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/error.h"
#include "formats/caffe/ops.h"

namespace ponte::caffe {

using shared::NodeReader;

namespace {

using enum BlobRole;

std::vector<BlobSpec> with_bias(BlobSpec weight, bool has_bias, std::int64_t outputs) {
  std::vector<BlobSpec> specs{std::move(weight)};
  if (has_bias) specs.push_back({Bias, {outputs}});
  return specs;
}

std::vector<BlobSpec> convolution_blobs(NodeReader& reader) {
  const ConvolutionGeometry geometry = read_convolution_geometry(reader);
  const bool transposed = reader.node().op == "Deconvolution";
  const Dims shape = joined(transposed ? Dims{geometry.channels, geometry.outputs / geometry.group}
                                       : Dims{geometry.outputs, geometry.channels / geometry.group},
                            geometry.window.kernel);
  std::int64_t fan_in = count_of(shape, 1, shape.size());
  if (transposed) {
    // An element of the output sees one of stride * stride elements of the kernel.
    fan_in = count_of({count_of(shape, 2, shape.size()), geometry.channels / geometry.group}) /
             std::max<std::int64_t>(count_of(geometry.window.stride), 1);
  }
  return with_bias({Weight, shape, fan_in}, geometry.has_bias, geometry.outputs);
}

std::vector<BlobSpec> inner_product_blobs(NodeReader& reader) {
  const InnerProductGeometry g = read_inner_product_geometry(reader);
  Dims shape = g.transposed ? Dims{g.inputs, g.outputs} : Dims{g.outputs, g.inputs};
  return with_bias({Weight, std::move(shape), g.inputs}, g.has_bias, g.outputs);
}

std::vector<BlobSpec> embed_blobs(NodeReader& reader) {
  const std::int64_t inputs = reader.i("embed_param.input_dim"),
                     outputs = reader.i("embed_param.num_output");
  return with_bias({Weight, {inputs, outputs}, 2}, reader.b("embed_param.bias_term", true),
                   outputs);
}

std::vector<BlobSpec> batch_norm_blobs(NodeReader& reader) {
  const Dims channels{channel_dims(reader)[1]};
  return {{Mean, channels}, {Variance, channels}, {Factor, {1}}};
}

std::vector<BlobSpec> per_channel_blob(NodeReader& reader, BlobRole role, std::string_view shared,
                                       bool shared_by_default) {
  const bool is_shared = reader.b(shared, shared_by_default);
  return {{role, is_shared ? Dims{} : Dims{channel_dims(reader)[1]}}};
}

// The axes of the input that a learned factor or bias covers.
Dims covered_axes(NodeReader& reader, const std::string& prefix) {
  const Dims x = dims_of(reader, 0);
  const std::size_t first = axis_of(reader.i(prefix + "axis", 1), x.size());
  return part_of(x, first, end_of_axes(reader.i(prefix + "num_axes", 1), first, x.size()));
}

std::vector<BlobSpec> scale_blobs(NodeReader& reader) {
  const bool has_bias = reader.b("scale_param.bias_term", false);
  std::vector<BlobSpec> specs;
  Dims shape;
  if (reader.input_count() > 1) {
    shape = dims_of(reader, 1);
  } else {
    shape = covered_axes(reader, "scale_param.");
    specs.push_back({Scale, shape});
  }
  if (has_bias) specs.push_back({Bias, shape});
  return specs;
}

std::vector<BlobSpec> bias_blobs(NodeReader& reader) {
  if (reader.input_count() > 1) return {};
  return {{Bias, covered_axes(reader, "bias_param.")}};
}

std::vector<BlobSpec> parameter_blobs(NodeReader& reader) {
  return {{Bias, reader.ints("parameter_param.shape.dim")}};
}

struct BlobRow {
  std::string_view type;
  std::vector<BlobSpec> (*specs)(NodeReader&);
};

constexpr auto rows = std::to_array<BlobRow>({
    {"BatchNorm", batch_norm_blobs},
    {"Bias", bias_blobs},
    {"Convolution", convolution_blobs},
    {"ConvolutionDepthwise", convolution_blobs},
    {"Deconvolution", convolution_blobs},
    {"DepthwiseConvolution", convolution_blobs},
    {"Embed", embed_blobs},
    {"InnerProduct", inner_product_blobs},
    {"Normalize",
     [](NodeReader& reader) {
       return per_channel_blob(reader, Scale, "norm_param.channel_shared", true);
     }},
    {"PReLU",
     [](NodeReader& reader) {
       return per_channel_blob(reader, Slope, "prelu_param.channel_shared", false);
     }},
    {"Parameter", parameter_blobs},
    {"Scale", scale_blobs},
});
static_assert(std::ranges::is_sorted(rows, {}, &BlobRow::type));

}  // namespace

std::vector<BlobSpec> blob_specs(NodeReader& reader) {
  const auto it =
      std::ranges::lower_bound(rows, std::string_view(reader.node().op), {}, &BlobRow::type);
  if (it == rows.end() || it->type != reader.node().op) return {};
  return it->specs(reader);
}

}  // namespace ponte::caffe
