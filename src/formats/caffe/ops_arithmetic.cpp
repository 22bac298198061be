// Layers that join blobs element by element: scale_layer.cpp, bias_layer.cpp, eltwise_layer.cpp;
// axpy_layer.cpp of SENet.
#include <fmt/format.h>

#include "base/counted.h"
#include "base/error.h"
#include "formats/caffe/ops.h"

namespace ponte::caffe {

using shared::NodeReader;

namespace {

// The shape that lets a blob, laid along `axis` of x, broadcast over the axes behind it.
Dims broadcast_shape(const Dims& x, Dims blob, std::int64_t axis) {
  if (blob.empty()) return {};
  const std::size_t first = axis_of(axis, x.size());
  if (first + blob.size() > x.size())
    throw Error(Code::ShapeMismatch, "a factor with more axes than the blob has behind `axis`");
  for (std::size_t i = 0; i < blob.size(); ++i) {
    if (blob[i] != x[first + i]) {
      throw Error(Code::ShapeMismatch,
                  fmt::format("a factor of {} along an axis of {}", blob[i], x[first + i]));
    }
  }
  blob.resize(x.size() - first, 1);
  return blob;
}

ir::Value& along_axis(NodeReader& reader, std::string_view name, const ir::Tensor& blob,
                      const Dims& x, std::int64_t axis) {
  return reader.constant(name, ir::reshaped(blob, broadcast_shape(x, blob.shape(), axis)));
}

ir::Value& second_bottom(NodeReader& reader, const Dims& x, std::int64_t axis) {
  const Dims shape = dims_of(reader, 1);
  const Dims wanted = broadcast_shape(x, shape, axis);
  return wanted == shape ? reader.input(1) : reshaped(reader, reader.input(1), wanted);
}

void require_equal_shapes(NodeReader& reader) {
  const Dims x = dims_of(reader, 0);
  for (std::size_t i = 1; i < reader.input_count(); ++i) {
    if (dims_of(reader, i) != x) throw Error(Code::ShapeMismatch, "the bottoms differ in shape");
  }
}

// The sum of weighted blobs, from the first to the last.
ir::Value& weighted_sum(NodeReader& reader, const std::vector<double>& factors) {
  ir::Value* sum = nullptr;
  for (std::size_t i = 0; i < reader.input_count(); ++i) {
    ir::Value* term = &reader.input(i);
    const double factor = factors.empty() ? 1 : factors[i];
    if (sum && factor == -1) {
      sum = &reader.add("Sub", {sum, term});
      continue;
    }
    if (factor != 1) term = &reader.add("Mul", {term, &scalar(reader, "coeff", factor)});
    sum = sum ? &reader.add("Add", {sum, term}) : term;
  }
  return *sum;
}

}  // namespace

void read_scale(NodeReader& reader) {
  const Dims x = dims_of(reader, 0);
  const std::int64_t axis = reader.i("scale_param.axis", 1);
  ignore_fields(reader, "scale_param", {"num_axes", "filler", "bias_filler"});
  const bool has_bias = reader.b("scale_param.bias_term", false);
  const bool learned = reader.input_count() == 1;
  ir::Value& factor = learned ? along_axis(reader, "scale", reader.weight(0), x, axis)
                              : second_bottom(reader, x, axis);
  ir::Value* y = &reader.add("Mul", {&reader.input(0), &factor});
  if (has_bias) {
    const ir::Tensor& bias = reader.weight(learned ? 1 : 0);
    y = &reader.add("Add", {y, &along_axis(reader, "bias", bias, x, axis)});
  }
  finish(reader, *y, x);
}

void read_bias(NodeReader& reader) {
  const Dims x = dims_of(reader, 0);
  const std::int64_t axis = reader.i("bias_param.axis", 1);
  ignore_fields(reader, "bias_param", {"num_axes", "filler"});
  ir::Value& term = reader.input_count() == 1
                        ? along_axis(reader, "bias", reader.weight(0), x, axis)
                        : second_bottom(reader, x, axis);
  finish(reader, reader.add("Add", {&reader.input(0), &term}), x);
}

void read_eltwise(NodeReader& reader) {
  require_equal_shapes(reader);
  if (reader.input_count() < 2)
    throw Error(Code::InvalidForeignNode, "Eltwise needs two bottoms or more");
  const std::string operation = reader.s("eltwise_param.operation", "SUM");
  const std::vector<double> factors = reader.floats("eltwise_param.coeff");
  reader.ignore("eltwise_param.stable_prod_grad");
  if (!factors.empty() && (operation != "SUM" || factors.size() != reader.input_count())) {
    throw Error(
        Code::InvalidAttribute,
        fmt::format("{} for {} of {}", counted(factors.size(), "coefficient", "coefficients"),
                    counted(reader.input_count(), "bottom", "bottoms"), operation));
  }
  const Dims x = dims_of(reader, 0);
  if (operation == "SUM") return finish(reader, weighted_sum(reader, factors), x);
  if (operation == "MAX") return finish(reader, reader.add("Max", reader.inputs()), x);
  ir::Value* product = &reader.input(0);
  for (std::size_t i = 1; i < reader.input_count(); ++i)
    product = &reader.add("Mul", {product, &reader.input(i)});
  finish(reader, *product, x);
}

// scale * x + y, with a factor per image and channel.
void read_axpy(NodeReader& reader) {
  const Dims scale = channel_dims(reader), x = image_dims(reader, 1);
  if (scale[0] != x[0] || scale[1] != x[1] || count_of(scale) != x[0] * x[1] ||
      dims_of(reader, 2) != x)
    throw Error(Code::ShapeMismatch, "the bottoms do not fit scale * x + y");
  ir::Value* factor = &reader.input(0);
  if (scale.size() != 4) factor = &reshaped(reader, *factor, {0, 0, 1, 1});
  ir::Value& product = reader.add("Mul", {factor, &reader.input(1)});
  finish(reader, reader.add("Add", {&product, &reader.input(2)}), x);
}

}  // namespace ponte::caffe
