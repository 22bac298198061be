// Layers that move elements: concat_layer.cpp, slice_layer.cpp, flatten_layer.cpp,
// reshape_layer.cpp, crop_layer.cpp, tile_layer.cpp; of forks permute_layer.cpp (SSD),
// interp_layer.cpp (PSPNet), shuffle_channel_layer.cpp (ShuffleNet), upsample_layer.cpp (YOLOv3).
#include <fmt/format.h>

#include <utility>

#include "base/checked.h"
#include "base/counted.h"
#include "base/error.h"
#include "formats/caffe/ops.h"

namespace ponte::caffe {

using shared::NodeReader;

namespace {

// `axis`, or its old name, which has no negative values.
std::size_t axis_or_old_name(NodeReader& reader, const std::string& prefix,
                             const std::string& old_name, std::size_t rank) {
  const bool is_old = reader.has(prefix + old_name);
  if (is_old && reader.has(prefix + "axis")) {
    throw Error(Code::InvalidAttribute, fmt::format("both `axis` and `{}`", old_name));
  }
  const std::int64_t axis = is_old ? reader.i(prefix + old_name) : reader.i(prefix + "axis", 1);
  if (is_old && axis < 0) throw Error(Code::InvalidAxis, fmt::format("`{}` is {}", old_name, axis));
  return axis_of(axis, rank);
}

Dims slice_sizes(const Dims& points, std::int64_t size, std::size_t tops) {
  const auto count = static_cast<std::int64_t>(tops);
  if (points.empty()) {
    if (size % count != 0)
      throw Error(Code::ShapeMismatch, fmt::format("{} does not divide into {}", size, count));
    return Dims(tops, size / count);
  }
  if (points.size() != tops - 1) {
    throw Error(Code::InvalidAttribute,
                fmt::format("{} for {}", counted(points.size(), "slice point", "slice points"),
                            counted(tops, "top", "tops")));
  }
  Dims sizes;
  std::int64_t previous = 0;
  for (const std::int64_t point : points) {
    if (point <= previous || point >= size)
      throw Error(Code::InvalidAttribute, fmt::format("a slice point at {} of {}", point, size));
    sizes.push_back(point - previous);
    previous = point;
  }
  sizes.push_back(size - previous);
  return sizes;
}

// Caffe's zeros copy an axis and its -1 is what is left; both mean the same to ONNX.
void check_reshape(const Dims& wanted) {
  for (const std::int64_t dim : wanted) {
    if (dim < -1) throw Error(Code::InvalidAttribute, fmt::format("a dim of {}", dim));
  }
}

ir::Value& resized(NodeReader& reader, ir::Attributes attributes, std::int64_t height,
                   std::int64_t width) {
  const Dims x = dims_of(reader, 0);
  if (height < 1 || width < 1)
    throw Error(Code::InvalidAttribute, fmt::format("a size of {} x {}", height, width));
  ir::Value& sizes = integers(reader, "sizes", {x[0], x[1], height, width});
  return reader.add("Resize", {&reader.input(0), nullptr, nullptr, &sizes}, std::move(attributes));
}

}  // namespace

void read_concat(NodeReader& reader) {
  Dims shape = dims_of(reader, 0);
  const std::size_t axis = axis_or_old_name(reader, "concat_param.", "concat_dim", shape.size());
  for (std::size_t i = 1; i < reader.input_count(); ++i) {
    const Dims more = dims_of(reader, i);
    if (more.size() != shape.size())
      throw Error(Code::ShapeMismatch, "the bottoms have different numbers of axes");
    shape[axis] += more[axis];
    if (shape[axis] > max_dimension)
      throw Error(Code::DimensionOutOfRange, "the joined axis is too long");
  }
  ir::Value& y = reader.add("Concat", reader.inputs(), {{"axis", static_cast<std::int64_t>(axis)}});
  finish(reader, y, shape);
}

void read_slice(NodeReader& reader) {
  Dims shape = dims_of(reader, 0);
  const std::size_t axis = axis_or_old_name(reader, "slice_param.", "slice_dim", shape.size());
  const std::size_t tops = reader.node().outputs.size();
  if (tops == 0) throw Error(Code::InvalidForeignNode, "Slice needs tops");
  const Dims sizes = slice_sizes(reader.ints("slice_param.slice_point"), shape[axis], tops);
  std::vector<std::string> results;
  for (std::size_t i = 0; i < tops; ++i) results.push_back(std::to_string(i));
  const ir::Node& node =
      reader.add_with_results("Split", {&reader.input(0), &integers(reader, "sizes", sizes)},
                              {{"axis", static_cast<std::int64_t>(axis)}}, results);
  for (std::size_t i = 0; i < tops; ++i) {
    shape[axis] = sizes[i];
    finish(reader, *node.output(i), shape, i);
  }
}

void read_flatten(NodeReader& reader) {
  const Dims x = dims_of(reader, 0);
  const std::size_t first = axis_of(reader.i("flatten_param.axis", 1), x.size()),
                    last = axis_of(reader.i("flatten_param.end_axis", -1), x.size());
  if (last < first) throw Error(Code::InvalidAxis, "the last axis lies before the first");
  Dims shape = part_of(x, 0, first);
  shape.push_back(count_of(x, first, last + 1));
  shape = joined(std::move(shape), part_of(x, last + 1, x.size()));
  if (first == 1 && last + 1 == x.size()) {
    ir::Value& y = reader.add("Flatten", {&reader.input(0)}, {{"axis", std::int64_t{1}}});
    return finish(reader, y, shape);
  }
  Dims wanted = shape;
  for (std::size_t i = 0; i < first; ++i) wanted[i] = 0;
  wanted[first] = -1;
  finish(reader, reshaped(reader, reader.input(0), wanted), shape);
}

void read_reshape(NodeReader& reader) {
  const Dims x = dims_of(reader, 0);
  const Dims middle = reader.ints("reshape_param.shape.dim");
  check_reshape(middle);
  // An axis may be one behind the last, counted from the end too.
  const std::size_t first = axis_of(reader.i("reshape_param.axis", 0), x.size() + 1);
  const std::size_t end = end_of_axes(reader.i("reshape_param.num_axes", -1), first, x.size());
  const Dims wanted = joined(joined(Dims(first, 0), middle), part_of(x, end, x.size()));
  reader.set_output(reshaped(reader, reader.input(0), wanted));
}

void read_crop(NodeReader& reader) {
  Dims x = dims_of(reader, 0);
  const Dims wanted = dims_of(reader, 1);
  const std::size_t first = axis_of(reader.i("crop_param.axis", 2), x.size());
  const Dims offsets = reader.ints("crop_param.offset");
  if (wanted.size() != x.size() || (offsets.size() > 1 && first + offsets.size() != x.size()))
    throw Error(Code::ShapeMismatch, "offsets or sizes do not fit the axes");
  Dims starts, ends, axes;
  for (std::size_t axis = first; axis < x.size(); ++axis) {
    std::int64_t offset = 0;
    if (!offsets.empty()) offset = offsets.size() == 1 ? offsets[0] : offsets[axis - first];
    if (offset < 0 || offset > x[axis] || wanted[axis] > x[axis] - offset)
      throw Error(Code::ShapeMismatch, fmt::format("the crop leaves axis {}", axis));
    starts.push_back(offset);
    ends.push_back(offset + wanted[axis]);
    axes.push_back(static_cast<std::int64_t>(axis));
    x[axis] = wanted[axis];
  }
  ir::Value& y =
      reader.add("Slice", {&reader.input(0), &integers(reader, "starts", starts),
                           &integers(reader, "ends", ends), &integers(reader, "axes", axes)});
  finish(reader, y, x);
}

void read_tile(NodeReader& reader) {
  Dims x = dims_of(reader, 0);
  const std::size_t axis = axis_of(reader.i("tile_param.axis", 1), x.size());
  const std::int64_t tiles = reader.i("tile_param.tiles");
  if (tiles < 1 || tiles > (std::int64_t{1} << 31))
    throw Error(Code::InvalidAttribute, fmt::format("`tiles` is {}", tiles));
  Dims repeats(x.size(), 1);
  repeats[axis] = tiles;
  x[axis] = count_of({x[axis], tiles});
  finish(reader, reader.add("Tile", {&reader.input(0), &integers(reader, "repeats", repeats)}), x);
}

void read_permute(NodeReader& reader) {
  const Dims x = dims_of(reader, 0);
  Dims order = reader.ints("permute_param.order");
  // Axes that are not named keep their order behind the others.
  std::vector<bool> named(x.size());
  for (const std::int64_t axis : order) {
    if (axis < 0 || axis >= static_cast<std::int64_t>(x.size()) ||
        named[static_cast<std::size_t>(axis)]) {
      throw Error(Code::InvalidAxis, fmt::format("the order names axis {}", axis));
    }
    named[static_cast<std::size_t>(axis)] = true;
  }
  for (std::size_t axis = 0; axis < x.size(); ++axis) {
    if (!named[axis]) order.push_back(static_cast<std::int64_t>(axis));
  }
  Dims shape;
  for (const std::int64_t axis : order) shape.push_back(x[static_cast<std::size_t>(axis)]);
  finish(reader, reader.add("Transpose", {&reader.input(0)}, {{"perm", order}}), shape);
}

void read_shuffle_channel(NodeReader& reader) {
  const Dims x = image_dims(reader);
  const std::int64_t group = reader.i("shuffle_channel_param.group", 1);
  require_groups(group, x[1]);
  ir::Value& split = reshaped(reader, reader.input(0), {x[0], group, x[1] / group, x[2], x[3]});
  ir::Value& shuffled = reader.add("Transpose", {&split}, {{"perm", Dims{0, 2, 1, 3, 4}}});
  finish(reader, reshaped(reader, shuffled, x), x);
}

// Bilinear; the corners of input and output lie on each other.
void read_interp(NodeReader& reader) {
  const Dims x = image_dims(reader);
  const auto get = [&](const char* field) {
    return reader.i(fmt::format("interp_param.{}", field), 0);
  };
  const std::int64_t shrink = get("shrink_factor"), zoom = get("zoom_factor"),
                     height = get("height"), width = get("width");
  if (get("pad_beg") != 0 || get("pad_end") != 0)
    throw Error(Code::NoReaderForOp, "Interp with padding is not read");
  if (shrink < 0 || zoom < 0 || zoom > 4096)
    throw Error(Code::InvalidAttribute, "a factor below one");
  const auto scaled = [&](std::int64_t size) {
    if (shrink > 0) size = (size - 1) / shrink + 1;
    if (zoom > 0) size += (size - 1) * (zoom - 1);
    return size;
  };
  const bool by_factor = shrink > 0 || zoom > 0;
  const std::int64_t h = by_factor ? scaled(x[2]) : height, w = by_factor ? scaled(x[3]) : width;
  ir::Value& y = resized(reader,
                         {{"mode", std::string("linear")},
                          {"coordinate_transformation_mode", std::string("align_corners")}},
                         h, w);
  finish(reader, y, {x[0], x[1], h, w});
}

// Each element becomes a square of its copies.
void read_upsample(NodeReader& reader) {
  const Dims x = image_dims(reader);
  if (reader.input_count() != 1)
    throw Error(Code::NoReaderForOp, "Upsample by the mask of a pooling is not read");
  const std::int64_t scale = reader.i("upsample_param.scale");
  if (scale < 1 || scale > 4096)
    throw Error(Code::InvalidAttribute, fmt::format("`scale` is {}", scale));
  ir::Value& y = resized(reader,
                         {{"mode", std::string("nearest")},
                          {"coordinate_transformation_mode", std::string("asymmetric")},
                          {"nearest_mode", std::string("floor")}},
                         x[2] * scale, x[3] * scale);
  finish(reader, y, {x[0], x[1], x[2] * scale, x[3] * scale});
}

}  // namespace ponte::caffe
