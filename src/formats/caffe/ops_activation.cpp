// Layers that work on each element, or along one axis: relu_layer.cpp, prelu_layer.cpp,
// power_layer.cpp, exp_layer.cpp, log_layer.cpp, softmax_layer.cpp and their neighbours.
#include <fmt/format.h>

#include <cmath>

#include "base/error.h"
#include "formats/caffe/ops.h"

namespace ponte::caffe {

using shared::NodeReader;

namespace {

void finish_like_input(NodeReader& reader, ir::Value& value) {
  finish(reader, value, dims_of(reader, 0));
}

void read_unary(NodeReader& reader, std::string_view op, ir::Attributes attributes = {}) {
  finish_like_input(reader, reader.add(op, {&reader.input(0)}, std::move(attributes)));
}

// scale * x + shift, without the steps that change nothing.
ir::Value& affine(NodeReader& reader, ir::Value& x, double scale, double shift) {
  ir::Value* y = &x;
  if (scale != 1) y = &reader.add("Mul", {y, &scalar(reader, "scale", scale)});
  if (shift != 0) y = &reader.add("Add", {y, &scalar(reader, "shift", shift)});
  return *y;
}

// A result that would be the input itself gets a node of its own.
void finish_own(NodeReader& reader, ir::Value& value) {
  const bool is_input = &value == &reader.input(0);
  finish_like_input(reader, is_input ? reader.add("Identity", {&value}) : value);
}

// The logarithm of the base of Exp and Log; -1 stands for e.
double log_base(NodeReader& reader, std::string_view name) {
  const double base = reader.f(name, -1);
  if (base == -1) return 1;
  if (!(base > 0) || base == 1 || !std::isfinite(base))
    throw Error(Code::InvalidAttribute, fmt::format("`{}` is {}", name, base));
  return std::log(base);
}

}  // namespace

void read_abs_val(NodeReader& reader) { read_unary(reader, "Abs"); }

void read_bnll(NodeReader& reader) { read_unary(reader, "Softplus"); }

void read_clip(NodeReader& reader) {
  ir::Value& lowest = scalar(reader, "min", reader.f("clip_param.min"));
  ir::Value& highest = scalar(reader, "max", reader.f("clip_param.max"));
  finish_like_input(reader, reader.add("Clip", {&reader.input(0), &lowest, &highest}));
}

// With `scale_train: false`, of Fast R-CNN's fork, the layer scales when it tests, not when it
// trains.
void read_dropout(NodeReader& reader) {
  const double ratio = reader.f("dropout_param.dropout_ratio", 0.5);
  const bool scales_in_training = reader.b("dropout_param.scale_train", true);
  if (scales_in_training) return read_unary(reader, "Identity");
  if (!(ratio >= 0 && ratio < 1))
    throw Error(Code::InvalidAttribute, fmt::format("`dropout_ratio` is {}", ratio));
  finish_own(reader, affine(reader, reader.input(0), 1 - ratio, 0));
}

void read_elu(NodeReader& reader) {
  const double alpha = reader.f("elu_param.alpha", 1);
  read_unary(reader, "Elu", {{"alpha", static_cast<float>(alpha)}});
}

// base ^ (shift + scale * x)
void read_exp(NodeReader& reader) {
  const double base = log_base(reader, "exp_param.base"), shift = reader.f("exp_param.shift", 0);
  ir::Value& inner = affine(reader, reader.input(0), base * reader.f("exp_param.scale", 1), 0);
  ir::Value& power = reader.add("Exp", {&inner});
  finish_like_input(reader, affine(reader, power, std::exp(base * shift), 0));
}

// log of (shift + scale * x) to the base
void read_log(NodeReader& reader) {
  const double base = log_base(reader, "log_param.base");
  ir::Value& inner = affine(reader, reader.input(0), reader.f("log_param.scale", 1),
                            reader.f("log_param.shift", 0));
  finish_like_input(reader, affine(reader, reader.add("Log", {&inner}), 1 / base, 0));
}

// (shift + scale * x) ^ power
void read_power(NodeReader& reader) {
  const double power = reader.f("power_param.power", 1), scale = reader.f("power_param.scale", 1),
               shift = reader.f("power_param.shift", 0);
  ir::Value& x = reader.input(0);
  if (power * scale == 0) {
    // The result does not depend on the input, not even where that is infinite.
    const double value = power == 0 ? 1 : std::pow(shift, power);
    ir::Value& shape = reader.add("Shape", {&x});
    return finish_like_input(reader, filled(reader, shape, static_cast<float>(value)));
  }
  ir::Value& inner = affine(reader, x, scale, shift);
  if (power == 1) return finish_own(reader, inner);
  finish_like_input(reader, reader.add("Pow", {&inner, &scalar(reader, "power", power)}));
}

void read_prelu(NodeReader& reader) {
  const Dims x = channel_dims(reader);
  ignore_fields(reader, "prelu_param", {"channel_shared", "filler"});  // the blob says both
  ir::Value& slope = per_channel(reader, "slope", x.size());
  finish_like_input(reader, reader.add("PRelu", {&reader.input(0), &slope}));
}

void read_relu(NodeReader& reader) {
  const double slope = reader.f("relu_param.negative_slope", 0);
  reader.ignore("relu_param.engine");
  if (slope == 0) return read_unary(reader, "Relu");
  read_unary(reader, "LeakyRelu", {{"alpha", static_cast<float>(slope)}});
}

void read_relu6(NodeReader& reader) {
  const double slope =
      reader.f("relu6_param.negative_slope", reader.f("relu_param.negative_slope", 0));
  reader.ignore("relu6_param.engine");
  reader.ignore("relu_param.engine");
  if (slope != 0) throw Error(Code::NoReaderForOp, "ReLU6 with a negative slope is not read");
  finish_like_input(reader, reader.add("Clip", {&reader.input(0), &scalar(reader, "min", 0),
                                                &scalar(reader, "max", 6)}));
}

void read_sigmoid(NodeReader& reader) {
  reader.ignore("sigmoid_param.engine");
  read_unary(reader, "Sigmoid");
}

void read_softmax(NodeReader& reader) {
  const Dims x = dims_of(reader, 0);
  reader.ignore("softmax_param.engine");
  const std::size_t axis = axis_of(reader.i("softmax_param.axis", 1), x.size());
  read_unary(reader, "Softmax", {{"axis", static_cast<std::int64_t>(axis)}});
}

void read_split(NodeReader& reader) {
  for (std::size_t i = 0; i < reader.node().outputs.size(); ++i)
    finish(reader, reader.add("Identity", {&reader.input(0)}), dims_of(reader, 0), i);
}

// x * sigmoid(beta * x)
void read_swish(NodeReader& reader) {
  ir::Value& x = reader.input(0);
  ir::Value& gate = reader.add("Sigmoid", {&affine(reader, x, reader.f("swish_param.beta", 1), 0)});
  finish_like_input(reader, reader.add("Mul", {&x, &gate}));
}

void read_tanh(NodeReader& reader) {
  reader.ignore("tanh_param.engine");
  read_unary(reader, "Tanh");
}

void read_threshold(NodeReader& reader) {
  ir::Value& limit = scalar(reader, "threshold", reader.f("threshold_param.threshold", 0));
  ir::Value& above = reader.add("Greater", {&reader.input(0), &limit});
  finish_like_input(reader, cast(reader, above, ir::DType::Float32));
}

}  // namespace ponte::caffe
