// BatchNorm, LRN, MVN and Normalize: batch_norm_layer.cpp, lrn_layer.cpp, mvn_layer.cpp;
// normalize_layer.cpp of Caffe's SSD branch.
#include <fmt/format.h>

#include <utility>

#include "base/error.h"
#include "formats/caffe/ops.h"

namespace ponte::caffe {

using shared::NodeReader;

namespace {

// Some axes reduced by an op; they stay as ones.
ir::Value& over_axes(NodeReader& reader, std::string_view op, ir::Value& x, const Dims& axes) {
  return reader.add(op, {&x, &integers(reader, "axes", axes)}, {{"keepdims", std::int64_t{1}}});
}

ir::Value& centered(NodeReader& reader, const Dims& axes) {
  ir::Value& x = reader.input(0);
  return reader.add("Sub", {&x, &over_axes(reader, "ReduceMean", x, axes)});
}

ir::Value& mean_square(NodeReader& reader, ir::Value& x, const Dims& axes) {
  return over_axes(reader, "ReduceMean", reader.add("Mul", {&x, &x}), axes);
}

Dims range(std::int64_t first, std::size_t last) {
  Dims axes;
  for (std::int64_t axis = first; axis < static_cast<std::int64_t>(last); ++axis)
    axes.push_back(axis);
  return axes;
}

// A statistic over its moving average's weight, in f32 as Caffe divides.
ir::Tensor corrected(const ir::Tensor& statistic, const ir::Tensor& factor) {
  const auto weight = static_cast<float>(factor.to_f64().at(0));
  const float scale = weight == 0 ? 0 : 1 / weight;
  std::vector<float> values;
  for (const double value : statistic.to_f64()) values.push_back(scale * static_cast<float>(value));
  return ir::Tensor::f32(statistic.shape(), values);
}

ir::Value& normalized_by_batch(NodeReader& reader, double epsilon) {
  Dims axes = range(2, dims_of(reader, 0).size());
  axes.insert(axes.begin(), 0);
  ir::Value& x = centered(reader, axes);
  ir::Value& shifted =
      reader.add("Add", {&mean_square(reader, x, axes), &scalar(reader, "epsilon", epsilon)});
  return reader.add("Div", {&x, &reader.add("Sqrt", {&shifted})});
}

ir::Value& within_channel(NodeReader& reader, std::int64_t size, double alpha, double beta) {
  ir::Value& x = reader.input(0);
  ir::Attributes window = window_attributes({size, size}, {1, 1}, Dims(4, (size - 1) / 2));
  window["count_include_pad"] = std::int64_t{1};
  ir::Value& square = reader.add("Mul", {&x, &x});
  ir::Value& mean = reader.add("AveragePool", {&square}, std::move(window));
  ir::Value& scaled = reader.add("Mul", {&mean, &scalar(reader, "alpha", alpha)});
  ir::Value& shifted = reader.add("Add", {&scaled, &scalar(reader, "one", 1)});
  ir::Value& power = reader.add("Pow", {&shifted, &scalar(reader, "beta", -beta)});
  return reader.add("Mul", {&x, &power});
}

}  // namespace

void read_batch_norm(NodeReader& reader) {
  const Dims x = channel_dims(reader);
  if (x[1] > (std::int64_t{1} << 24))
    throw Error(Code::ElementCountTooLarge, fmt::format("{} channels", x[1]));
  const double epsilon = reader.f("batch_norm_param.eps", 1e-5);
  reader.ignore("batch_norm_param.moving_average_fraction");
  if (!reader.b("batch_norm_param.use_global_stats", true))
    return finish(reader, normalized_by_batch(reader, epsilon), x);
  const std::vector<float> ones(static_cast<std::size_t>(reader.weight(0).count()), 1),
      zeros(ones.size(), 0);
  const Dims channels{x[1]};
  ir::Value& y =
      reader.add("BatchNormalization",
                 {&reader.input(0), &reader.constant("scale", ir::Tensor::f32(channels, ones)),
                  &reader.constant("bias", ir::Tensor::f32(channels, zeros)),
                  &reader.constant("mean", corrected(reader.weight(0), reader.weight(2))),
                  &reader.constant("variance", corrected(reader.weight(1), reader.weight(2)))},
                 {{"epsilon", static_cast<float>(epsilon)}});
  finish(reader, y, x);
}

void read_lrn(NodeReader& reader) {
  const Dims x = image_dims(reader);
  const std::int64_t size = reader.i("lrn_param.local_size", 5);
  const double alpha = reader.f("lrn_param.alpha", 1), beta = reader.f("lrn_param.beta", 0.75),
               k = reader.f("lrn_param.k", 1);
  reader.ignore("lrn_param.engine");
  if (size < 1 || size % 2 == 0)
    throw Error(Code::InvalidAttribute, fmt::format("`local_size` is {}, and must be odd", size));
  // Within channels Caffe has no use for k.
  if (reader.s("lrn_param.norm_region", "ACROSS_CHANNELS") == "WITHIN_CHANNEL")
    return finish(reader, within_channel(reader, size, alpha, beta), x);
  ir::Value& y = reader.add("LRN", {&reader.input(0)},
                            {{"size", size},
                             {"alpha", static_cast<float>(alpha)},
                             {"beta", static_cast<float>(beta)},
                             {"bias", static_cast<float>(k)}});
  finish(reader, y, x);
}

// (x - mean) / (deviation + eps)
void read_mvn(NodeReader& reader) {
  const Dims x = image_dims(reader);
  const bool across = reader.b("mvn_param.across_channels", false);
  const double epsilon = reader.f("mvn_param.eps", 1e-9);
  const Dims axes = range(across ? 1 : 2, x.size());
  ir::Value& difference = centered(reader, axes);
  if (!reader.b("mvn_param.normalize_variance", true)) return finish(reader, difference, x);
  ir::Value& deviation = reader.add("Sqrt", {&mean_square(reader, difference, axes)});
  ir::Value& divisor = reader.add("Add", {&deviation, &scalar(reader, "epsilon", epsilon)});
  finish(reader, reader.add("Div", {&difference, &divisor}), x);
}

// x / sqrt(sum of squares + eps) * scale
void read_normalize(NodeReader& reader) {
  const Dims x = channel_dims(reader);
  const bool across = reader.b("norm_param.across_spatial", true);
  const double epsilon = reader.f("norm_param.eps", 1e-10);
  ignore_fields(reader, "norm_param", {"channel_shared", "scale_filler"});  // the blob says both
  ir::Value& input = reader.input(0);
  ir::Value& square = reader.add("Mul", {&input, &input});
  ir::Value& sum = over_axes(reader, "ReduceSum", square, across ? range(1, x.size()) : Dims{1});
  ir::Value& shifted = reader.add("Add", {&sum, &scalar(reader, "epsilon", epsilon)});
  ir::Value& y = reader.add("Div", {&input, &reader.add("Sqrt", {&shifted})});
  finish(reader, reader.add("Mul", {&y, &per_channel(reader, "scale", x.size())}), x);
}

}  // namespace ponte::caffe
