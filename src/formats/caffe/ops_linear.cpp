// Layers that reduce or look up: inner_product_layer.cpp, embed_layer.cpp, reduction_layer.cpp,
// argmax_layer.cpp, batch_reindex_layer.cpp, parameter_layer.cpp.
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "base/error.h"
#include "formats/caffe/ops.h"

namespace ponte::caffe {

using shared::NodeReader;

namespace {

// Indices are floats in Caffe.
ir::Value& as_integers(NodeReader& reader, ir::Value& value) {
  return cast(reader, value, ir::DType::Int64);
}

}  // namespace

InnerProductGeometry read_inner_product_geometry(NodeReader& reader) {
  const Dims x = dims_of(reader, 0);
  InnerProductGeometry geometry;
  geometry.axis = axis_of(reader.i("inner_product_param.axis", 1), x.size());
  geometry.inputs = count_of(x, geometry.axis, x.size());
  geometry.outputs = reader.i("inner_product_param.num_output");
  geometry.transposed = reader.b("inner_product_param.transpose", false);
  geometry.has_bias = reader.b("inner_product_param.bias_term", true);
  ignore_fields(reader, "inner_product_param", {"weight_filler", "bias_filler", "engine"});
  return geometry;
}

void read_inner_product(NodeReader& reader) {
  const Dims x = dims_of(reader, 0);
  const InnerProductGeometry geometry = read_inner_product_geometry(reader);
  const auto axis = static_cast<std::int64_t>(geometry.axis);
  ir::Value* rows = &reader.input(0);
  if (x.size() != 2 || axis != 1) rows = &reader.add("Flatten", {rows}, {{"axis", axis}});
  std::vector<ir::Value*> inputs{rows, &reader.constant("weight", reader.weight(0))};
  if (geometry.has_bias) inputs.push_back(&reader.constant("bias", reader.weight(1)));
  ir::Value* y =
      &reader.add("Gemm", std::move(inputs), {{"transB", std::int64_t{!geometry.transposed}}});
  Dims shape = part_of(x, 0, geometry.axis);
  shape.push_back(geometry.outputs);
  if (axis != 1) y = &reshaped(reader, *y, shape);
  finish(reader, *y, shape);
}

void read_embed(NodeReader& reader) {
  Dims shape = dims_of(reader, 0);
  shape.push_back(reader.i("embed_param.num_output"));
  ignore_fields(reader, "embed_param", {"input_dim", "weight_filler", "bias_filler"});
  ir::Value* y = &reader.add("Gather", {&reader.constant("weight", reader.weight(0)),
                                        &as_integers(reader, reader.input(0))});
  if (reader.b("embed_param.bias_term", true))
    y = &reader.add("Add", {y, &reader.constant("bias", reader.weight(1))});
  finish(reader, *y, shape);
}

void read_reduction(NodeReader& reader) {
  const Dims x = dims_of(reader, 0);
  const std::size_t axis = axis_of(reader.i("reduction_param.axis", 0), x.size());
  const std::string operation = reader.s("reduction_param.operation", "SUM");
  const double coeff = reader.f("reduction_param.coeff", 1);
  Dims axes;
  for (std::size_t i = axis; i < x.size(); ++i) axes.push_back(static_cast<std::int64_t>(i));
  std::string_view op = "ReduceSum";
  ir::Value* value = &reader.input(0);
  if (operation == "MEAN") op = "ReduceMean";
  if (operation == "ASUM") value = &reader.add("Abs", {value});
  if (operation == "SUMSQ") value = &reader.add("Mul", {value, value});
  ir::Value* y =
      &reader.add(op, {value, &integers(reader, "axes", axes)}, {{"keepdims", std::int64_t{0}}});
  if (coeff != 1) y = &reader.add("Mul", {y, &scalar(reader, "coeff", coeff)});
  finish(reader, *y, part_of(x, 0, axis));
}

namespace {

// The k largest along an axis. Of equal elements Caffe takes those behind first, so the axis is
// turned around before.
Largest last_largest(NodeReader& reader, ir::Value& data, std::int64_t size, std::int64_t k,
                     std::int64_t axis) {
  ir::Value& turned =
      reader.add("Slice", {&data, &integers(reader, "starts", {-1}),
                           &integers(reader, "ends", {std::numeric_limits<std::int64_t>::min()}),
                           &integers(reader, "axes", {axis}), &integers(reader, "steps", {-1})});
  const Largest top = largest(reader, turned, k, axis);
  ir::Value& last = reader.constant("last", ir::Tensor::scalar_i64(size - 1));
  return {top.values, &reader.add("Sub", {&last, top.places})};
}

// The place of the largest element, the last of equal ones.
ir::Value& largest_place(NodeReader& reader, ir::Value& data, std::int64_t axis) {
  ir::Value& place = reader.add(
      "ArgMax", {&data},
      {{"axis", axis}, {"keepdims", std::int64_t{1}}, {"select_last_index", std::int64_t{1}}});
  return cast(reader, place, ir::DType::Float32);
}

}  // namespace

// The largest elements along an axis or of each image, and where they stand.
void read_arg_max(NodeReader& reader) {
  Dims x = dims_of(reader, 0);
  const std::size_t input_rank = x.size();
  const std::int64_t k = reader.i("argmax_param.top_k", 1);
  const bool wants_values = reader.b("argmax_param.out_max_val", false);
  const bool has_axis = reader.has("argmax_param.axis");
  ir::Value* data = &reader.input(0);
  std::size_t axis = 1;
  if (has_axis) {
    axis = axis_of(reader.i("argmax_param.axis"), x.size());
  } else {
    if (x.empty()) throw Error(Code::ShapeMismatch, "ArgMax needs a batch axis");
    data = &reader.add("Flatten", {data}, {{"axis", std::int64_t{1}}});
    x = {x[0], count_of(x, 1, x.size())};
  }
  if (k < 1 || k > x[axis])
    throw Error(Code::InvalidAttribute, fmt::format("`top_k` is {} of {}", k, x[axis]));
  const auto signed_axis = static_cast<std::int64_t>(axis);
  ir::Value* y = nullptr;
  if (k == 1 && !wants_values) {
    y = &largest_place(reader, *data, signed_axis);
  } else {
    const Largest top = last_largest(reader, *data, x[axis], k, signed_axis);
    if (wants_values && has_axis) {
      y = &reader.add("Identity", {top.values});
    } else {
      y = &cast(reader, *top.places, ir::DType::Float32);
      if (wants_values) y = &reader.add("Concat", {y, top.values}, {{"axis", std::int64_t{1}}});
    }
  }
  if (has_axis) {
    x[axis] = k;
    return finish(reader, *y, x);
  }
  Dims shape(std::max<std::size_t>(input_rank, 3), 1);
  shape[0] = x[0];
  shape[1] = wants_values ? 2 : 1;
  shape[2] = k;
  finish(reader, reshaped(reader, *y, shape), shape);
}

void read_batch_reindex(NodeReader& reader) {
  Dims x = dims_of(reader, 0);
  const Dims index = dims_of(reader, 1);
  if (x.empty() || index.size() != 1)
    throw Error(Code::ShapeMismatch, "BatchReindex needs a batch and a list of indices");
  x[0] = index[0];
  finish(reader, reader.add("Gather", {&reader.input(0), &as_integers(reader, reader.input(1))}),
         x);
}

void read_parameter(NodeReader& reader) {
  reader.ignore("parameter_param.shape");  // that of the blob
  ir::Value& value = reader.add("Identity", {&reader.constant("parameter", reader.weight(0))});
  finish(reader, value, reader.weight(0).shape());
}

}  // namespace ponte::caffe
