// Pooling, SPP and ROIPooling: pooling_layer.cpp, spp_layer.cpp; roi_pooling_layer.cpp of Fast
// R-CNN.
#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "formats/caffe/ops.h"

namespace ponte::caffe {

using shared::NodeReader;

namespace {

enum class PoolMethod : std::uint8_t { Max, Average };
enum class PoolRounding : std::uint8_t { Ceil, Floor };

// Windows along one axis, as Caffe places them.
struct PoolAxis {
  std::int64_t size = 0, kernel = 0, stride = 1, pad = 0, output = 0;

  // Padding behind the input that lets ONNX's rule, which rounds down, give the same windows.
  std::int64_t pad_end() const {
    return std::max<std::int64_t>((output - 1) * stride + kernel - size - pad, 0);
  }
};

std::int64_t windows_along(const PoolAxis& axis, PoolRounding rounding) {
  constexpr std::int64_t limit = std::int64_t{1} << 31;
  if (axis.kernel < 1 || axis.kernel > limit || axis.stride < 1 || axis.stride > limit ||
      axis.pad < 0 || axis.pad >= axis.kernel) {
    throw Error(Code::InvalidAttribute, fmt::format("a window of {} with stride {} and padding {}",
                                                    axis.kernel, axis.stride, axis.pad));
  }
  const std::int64_t room = axis.size + 2 * axis.pad - axis.kernel;
  const std::int64_t up = rounding == PoolRounding::Ceil ? axis.stride - 1 : 0;
  const std::int64_t numerator = room + up;
  // Towards negative infinity: a window may be larger than the input.
  const std::int64_t steps =
      numerator >= 0 ? numerator / axis.stride : -((-numerator + axis.stride - 1) / axis.stride);
  return steps + 1;
}

// Padding along one axis lets Caffe drop the last window along both, where that begins behind what
// it pads.
void place_windows(PoolAxis& h, PoolAxis& w, PoolRounding rounding) {
  const bool is_padded = h.pad > 0 || w.pad > 0;
  for (PoolAxis* axis : {&h, &w}) {
    axis->output = windows_along(*axis, rounding);
    if (is_padded && (axis->output - 1) * axis->stride >= axis->size + axis->pad) --axis->output;
    if (axis->output < 1) {
      throw Error(Code::ShapeMismatch,
                  fmt::format("a pooling window of {} does not fit an input of {} with padding {}",
                              axis->kernel, axis->size, axis->pad));
    }
    const std::int64_t last = (axis->output - 1) * axis->stride - axis->pad;
    if (last >= axis->size) {
      throw Error(Code::ShapeMismatch,
                  fmt::format("the last pooling window begins at {} of {}, so it reads nothing: "
                              "Caffe gives the lowest float as its maximum, and divides by a size "
                              "that is not positive for its average",
                              last, axis->size));
    }
  }
}

std::pair<std::int64_t, std::int64_t> per_side(NodeReader& reader, std::string_view both,
                                               std::string_view one, std::int64_t fallback) {
  const std::string h = fmt::format("pooling_param.{}_h", one),
                    w = fmt::format("pooling_param.{}_w", one),
                    square = fmt::format("pooling_param.{}", both);
  if (reader.has(h) != reader.has(w) || (reader.has(h) && reader.has(square))) {
    throw Error(Code::InvalidAttribute,
                fmt::format("`{}`, or `{}_h` and `{}_w`, are needed", both, one, one));
  }
  if (reader.has(h)) return {reader.i(h), reader.i(w)};
  const std::int64_t value = reader.i(square, fallback);
  return {value, value};
}

// How many elements Caffe divides by, per window: it counts padding, not beyond the padded input.
Dims window_sizes(const PoolAxis& axis) {
  Dims sizes;
  for (std::int64_t i = 0; i < axis.output; ++i) {
    const std::int64_t start = i * axis.stride - axis.pad;
    sizes.push_back(std::min(start + axis.kernel, axis.size + axis.pad) - start);
  }
  return sizes;
}

ir::Value& average(NodeReader& reader, ir::Value& x, ir::Attributes attributes, const PoolAxis& h,
                   const PoolAxis& w) {
  const bool unpadded = h.pad == 0 && w.pad == 0;
  const bool inside = h.pad_end() <= h.pad && w.pad_end() <= w.pad;
  // Without padding the windows are cut to the input: only elements inside count.
  if (unpadded) return reader.add("AveragePool", {&x}, std::move(attributes));
  attributes["count_include_pad"] = std::int64_t{1};
  ir::Value& mean = reader.add("AveragePool", {&x}, std::move(attributes));
  if (inside) return mean;
  // The last windows reach beyond the padding, and Caffe divides by what is left of them.
  if (count_of({h.output, w.output}) > (std::int64_t{1} << 26))
    throw Error(Code::ElementCountTooLarge, "the pooled plane is too large");
  const Dims heights = window_sizes(h), widths = window_sizes(w);
  std::vector<float> factors;
  for (const std::int64_t height : heights) {
    for (const std::int64_t width : widths) {
      factors.push_back(static_cast<float>(static_cast<double>(h.kernel * w.kernel) /
                                           static_cast<double>(height * width)));
    }
  }
  const ir::Tensor tensor = ir::Tensor::f32({1, 1, h.output, w.output}, factors);
  return reader.add("Mul", {&mean, &reader.constant("window_size_ratio", tensor)});
}

ir::Attributes pool_attributes(const PoolAxis& h, const PoolAxis& w) {
  return window_attributes({h.kernel, w.kernel}, {h.stride, w.stride},
                           {h.pad, w.pad, h.pad_end(), w.pad_end()});
}

ir::Value& pool(NodeReader& reader, ir::Value& x, PoolMethod method, const PoolAxis& h,
                const PoolAxis& w) {
  if (method == PoolMethod::Average) return average(reader, x, pool_attributes(h, w), h, w);
  return reader.add("MaxPool", {&x}, pool_attributes(h, w));
}

// The second top: where in its plane each largest element stands.
void add_mask(NodeReader& reader, const PoolAxis& h, const PoolAxis& w, const Dims& shape) {
  const ir::Node& node = reader.add_with_results("MaxPool", {&reader.input(0)},
                                                 pool_attributes(h, w), {"MaxPool", "indices"});
  ir::Value& plane =
      reader.constant("plane_size", ir::Tensor::scalar_i64(count_of({h.size, w.size})));
  ir::Value& inside = reader.add("Mod", {node.output(1), &plane});
  finish(reader, *node.output(0), shape, 0);
  finish(reader, cast(reader, inside, ir::DType::Float32), shape, 1);
}

PoolMethod read_method(NodeReader& reader, std::string_view name) {
  const std::string word = reader.s(name, "MAX");
  if (word == "MAX") return PoolMethod::Max;
  if (word == "AVE") return PoolMethod::Average;
  throw Error(Code::NoReaderForOp, fmt::format("pooling of kind {} is not read", word));
}

}  // namespace

void read_pooling(NodeReader& reader) {
  const Dims x = image_dims(reader);
  const PoolMethod method = read_method(reader, "pooling_param.pool");
  reader.ignore("pooling_param.engine");
  const bool rounds_down = reader.s("pooling_param.round_mode", "CEIL") == "FLOOR";
  const bool ceil_mode = reader.b("pooling_param.ceil_mode", true);  // of forks
  const PoolRounding rounding =
      rounds_down || !ceil_mode ? PoolRounding::Floor : PoolRounding::Ceil;
  const auto stride = per_side(reader, "stride", "stride", 1);
  const auto pad = per_side(reader, "pad", "pad", 0);
  if (reader.b("pooling_param.global_pooling", false)) {
    if (stride != std::pair<std::int64_t, std::int64_t>(1, 1) ||
        pad != std::pair<std::int64_t, std::int64_t>(0, 0)) {
      throw Error(Code::InvalidAttribute, "global pooling has no stride and no padding");
    }
    // Caffe refuses a kernel here; other readers of its files do not look at it.
    ignore_fields(reader, "pooling_param", {"kernel_size", "kernel_h", "kernel_w"});
    if (reader.node().outputs.size() > 1)
      throw Error(Code::NoReaderForOp, "the mask of a global pooling is not read");
    ir::Value& y = reader.add(method == PoolMethod::Max ? "GlobalMaxPool" : "GlobalAveragePool",
                              {&reader.input(0)});
    return finish(reader, y, {x[0], x[1], 1, 1});
  }
  const auto kernel = per_side(reader, "kernel_size", "kernel", 0);
  PoolAxis h{x[2], kernel.first, stride.first, pad.first},
      w{x[3], kernel.second, stride.second, pad.second};
  place_windows(h, w, rounding);
  const Dims shape{x[0], x[1], h.output, w.output};
  if (reader.node().outputs.size() > 1) {
    if (method != PoolMethod::Max)
      throw Error(Code::InvalidForeignNode, "only the largest element has a place");
    return add_mask(reader, h, w, shape);
  }
  finish(reader, pool(reader, reader.input(0), method, h, w), shape);
}

void read_spp(NodeReader& reader) {
  const Dims x = image_dims(reader);
  const PoolMethod method = read_method(reader, "spp_param.pool");
  reader.ignore("spp_param.engine");
  const std::int64_t height = reader.i("spp_param.pyramid_height");
  if (height < 1 || height > 16)
    throw Error(Code::InvalidAttribute, fmt::format("a pyramid of {} levels", height));
  std::vector<ir::Value*> levels;
  std::int64_t total = 0;
  for (std::int64_t level = 0; level < height; ++level) {
    const std::int64_t bins = std::int64_t{1} << level;
    PoolAxis axes[2];
    for (std::size_t i = 0; i < 2; ++i) {
      PoolAxis& axis = axes[i];
      axis.size = x[i + 2];
      axis.kernel = axis.stride = (axis.size + bins - 1) / bins;
      axis.pad = (axis.kernel * bins - axis.size + 1) / 2;
    }
    place_windows(axes[0], axes[1], PoolRounding::Ceil);
    ir::Value& pooled = pool(reader, reader.input(0), method, axes[0], axes[1]);
    if (height == 1) return finish(reader, pooled, {x[0], x[1], axes[0].output, axes[1].output});
    levels.push_back(&reader.add("Flatten", {&pooled}, {{"axis", std::int64_t{1}}}));
    total += count_of({x[1], axes[0].output, axes[1].output});
  }
  finish(reader, reader.add("Concat", std::move(levels), {{"axis", std::int64_t{1}}}),
         {x[0], total});
}

void read_roi_pooling(NodeReader& reader) {
  const Dims x = image_dims(reader);
  const Dims rois = dims_of(reader, 1);
  const std::int64_t h = reader.i("roi_pooling_param.pooled_h"),
                     w = reader.i("roi_pooling_param.pooled_w");
  const double scale = reader.f("roi_pooling_param.spatial_scale", 1);
  if (rois.empty() || count_of(rois) != rois[0] * 5)
    throw Error(Code::ShapeMismatch, "each region has five numbers");
  ir::Value* regions = &reader.input(1);
  if (rois.size() != 2) regions = &reshaped(reader, *regions, {rois[0], 5});
  ir::Value& y =
      reader.add("MaxRoiPool", {&reader.input(0), regions},
                 {{"pooled_shape", Dims{h, w}}, {"spatial_scale", static_cast<float>(scale)}});
  finish(reader, y, {rois[0], x[1], h, w});
}

}  // namespace ponte::caffe
