// Old forms of networks become the current one. Facts: src/caffe/util/upgrade_proto.cpp of
// BVLC/caffe.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <unordered_map>

#include "base/counted.h"
#include "base/error.h"
#include "formats/caffe/network.h"
#include "formats/caffe/schema.h"

namespace ponte::caffe {
namespace {

struct Renaming {
  std::string_view from;
  std::string_view to;
};

// V0 types and V1 enumerators, and what they are called today.
constexpr auto v0_types = std::to_array<Renaming>({
    {"accuracy", "Accuracy"},
    {"bnll", "BNLL"},
    {"concat", "Concat"},
    {"conv", "Convolution"},
    {"data", "Data"},
    {"dropout", "Dropout"},
    {"euclidean_loss", "EuclideanLoss"},
    {"flatten", "Flatten"},
    {"hdf5_data", "HDF5Data"},
    {"hdf5_output", "HDF5Output"},
    {"im2col", "Im2col"},
    {"images", "ImageData"},
    {"infogain_loss", "InfogainLoss"},
    {"innerproduct", "InnerProduct"},
    {"lrn", "LRN"},
    {"multinomial_logistic_loss", "MultinomialLogisticLoss"},
    {"pool", "Pooling"},
    {"relu", "ReLU"},
    {"sigmoid", "Sigmoid"},
    {"softmax", "Softmax"},
    {"softmax_loss", "SoftmaxWithLoss"},
    {"split", "Split"},
    {"tanh", "TanH"},
    {"window_data", "WindowData"},
});

constexpr auto v1_types = std::to_array<Renaming>({
    {"ABSVAL", "AbsVal"},
    {"ACCURACY", "Accuracy"},
    {"ARGMAX", "ArgMax"},
    {"BNLL", "BNLL"},
    {"CONCAT", "Concat"},
    {"CONTRASTIVE_LOSS", "ContrastiveLoss"},
    {"CONVOLUTION", "Convolution"},
    {"DATA", "Data"},
    {"DECONVOLUTION", "Deconvolution"},
    {"DROPOUT", "Dropout"},
    {"DUMMY_DATA", "DummyData"},
    {"ELTWISE", "Eltwise"},
    {"EUCLIDEAN_LOSS", "EuclideanLoss"},
    {"EXP", "Exp"},
    {"FLATTEN", "Flatten"},
    {"HDF5_DATA", "HDF5Data"},
    {"HDF5_OUTPUT", "HDF5Output"},
    {"HINGE_LOSS", "HingeLoss"},
    {"IM2COL", "Im2col"},
    {"IMAGE_DATA", "ImageData"},
    {"INFOGAIN_LOSS", "InfogainLoss"},
    {"INNER_PRODUCT", "InnerProduct"},
    {"LRN", "LRN"},
    {"MEMORY_DATA", "MemoryData"},
    {"MULTINOMIAL_LOGISTIC_LOSS", "MultinomialLogisticLoss"},
    {"MVN", "MVN"},
    {"POOLING", "Pooling"},
    {"POWER", "Power"},
    {"RELU", "ReLU"},
    {"SIGMOID", "Sigmoid"},
    {"SIGMOID_CROSS_ENTROPY_LOSS", "SigmoidCrossEntropyLoss"},
    {"SILENCE", "Silence"},
    {"SLICE", "Slice"},
    {"SOFTMAX", "Softmax"},
    {"SOFTMAX_LOSS", "SoftmaxWithLoss"},
    {"SPLIT", "Split"},
    {"TANH", "TanH"},
    {"THRESHOLD", "Threshold"},
    {"WINDOW_DATA", "WindowData"},
});

static_assert(std::ranges::is_sorted(v0_types, {}, &Renaming::from));
static_assert(std::ranges::is_sorted(v1_types, {}, &Renaming::from));

// Where a field of V0LayerParameter went, by the layer's V0 type; "" is any type.
struct Move {
  std::string_view type;
  std::string_view field;
  std::string_view message;
  std::string_view to;
};

constexpr auto v0_moves = std::to_array<Move>({
    {"conv", "num_output", "convolution_param", "num_output"},
    {"conv", "biasterm", "convolution_param", "bias_term"},
    {"conv", "weight_filler", "convolution_param", "weight_filler"},
    {"conv", "bias_filler", "convolution_param", "bias_filler"},
    {"conv", "pad", "convolution_param", "pad"},
    {"conv", "kernelsize", "convolution_param", "kernel_size"},
    {"conv", "group", "convolution_param", "group"},
    {"conv", "stride", "convolution_param", "stride"},
    {"innerproduct", "num_output", "inner_product_param", "num_output"},
    {"innerproduct", "biasterm", "inner_product_param", "bias_term"},
    {"innerproduct", "weight_filler", "inner_product_param", "weight_filler"},
    {"innerproduct", "bias_filler", "inner_product_param", "bias_filler"},
    {"pool", "pad", "pooling_param", "pad"},
    {"pool", "kernelsize", "pooling_param", "kernel_size"},
    {"pool", "stride", "pooling_param", "stride"},
    {"pool", "pool", "pooling_param", "pool"},
    {"dropout", "dropout_ratio", "dropout_param", "dropout_ratio"},
    {"lrn", "local_size", "lrn_param", "local_size"},
    {"lrn", "alpha", "lrn_param", "alpha"},
    {"lrn", "beta", "lrn_param", "beta"},
    {"lrn", "k", "lrn_param", "k"},
    {"concat", "concat_dim", "concat_param", "concat_dim"},
    {"data", "source", "data_param", "source"},
    {"data", "batchsize", "data_param", "batch_size"},
    {"data", "rand_skip", "data_param", "rand_skip"},
    {"hdf5_data", "source", "hdf5_data_param", "source"},
    {"hdf5_data", "batchsize", "hdf5_data_param", "batch_size"},
    {"hdf5_output", "hdf5_output_param", "hdf5_output_param", ""},
    {"images", "source", "image_data_param", "source"},
    {"images", "batchsize", "image_data_param", "batch_size"},
    {"images", "rand_skip", "image_data_param", "rand_skip"},
    {"images", "shuffle_images", "image_data_param", "shuffle"},
    {"images", "new_height", "image_data_param", "new_height"},
    {"images", "new_width", "image_data_param", "new_width"},
    {"infogain_loss", "source", "infogain_loss_param", "source"},
    {"window_data", "source", "window_data_param", "source"},
    {"window_data", "batchsize", "window_data_param", "batch_size"},
    {"window_data", "det_fg_threshold", "window_data_param", "fg_threshold"},
    {"window_data", "det_bg_threshold", "window_data_param", "bg_threshold"},
    {"window_data", "det_fg_fraction", "window_data_param", "fg_fraction"},
    {"window_data", "det_context_pad", "window_data_param", "context_pad"},
    {"window_data", "det_crop_mode", "window_data_param", "crop_mode"},
    {"", "scale", "transform_param", "scale"},
    {"", "meanfile", "transform_param", "mean_file"},
    {"", "cropsize", "transform_param", "crop_size"},
    {"", "mirror", "transform_param", "mirror"},
});

template <std::size_t N>
std::string_view renamed(const std::array<Renaming, N>& table, std::string_view from) {
  const auto it = std::ranges::lower_bound(table, from, {}, &Renaming::from);
  return it != table.end() && it->from == from ? it->to : std::string_view();
}

[[noreturn]] void unknown_type(const Layer& layer, std::string_view name, std::string_view type) {
  throw Error(Code::MalformedField, fmt::format("no old layer type is called `{}`", type))
      .at({.file = {}, .node = std::string(name), .op = std::string(type), .byte = layer.byte});
}

bool is_v0(const Network& network) {
  return std::ranges::any_of(network.layers,
                             [](const Layer& layer) { return layer.fields.has("layer"); });
}

// Padding layers become the padding of the one convolution or pooling that they feed.
void fold_padding_layers(Network& network) {
  std::unordered_map<std::string, std::size_t> producers;
  const auto inner = [&](std::size_t i) -> Message& {
    return network.layers[i].fields.child("layer");
  };
  std::vector<bool> is_padding(network.layers.size());
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    Message& fields = network.layers[i].fields;
    const std::string type = inner(i).text("type");
    is_padding[i] = type == "padding";
    for (Field& bottom : fields.fields) {
      if (bottom.name != "bottom") continue;
      const auto producer = producers.find(bottom.text);
      if (producer == producers.end() || !is_padding[producer->second]) continue;
      const Message& source = network.layers[producer->second].fields;
      if ((type != "conv" && type != "pool") || fields.texts("bottom").size() != 1 ||
          source.texts("bottom").size() != 1 || source.texts("top").size() != 1) {
        throw Error(Code::MalformedField, "a padding layer that feeds no convolution or pooling")
            .at({.file = {},
                 .node = inner(i).text("name"),
                 .op = type,
                 .byte = network.layers[i].byte});
      }
      std::string pad = inner(producer->second).text("pad", "0");
      bottom.text = source.text("bottom");
      inner(i).erase("pad");
      inner(i).add_word("pad", std::move(pad));
      break;
    }
    for (const std::string& top : fields.texts("top")) producers[top] = i;
  }
  std::size_t index = 0;
  std::erase_if(network.layers, [&](const Layer&) { return is_padding[index++]; });
}

void upgrade_v0_layer(Layer& layer) {
  Message result;
  Message old;
  for (Field& field : layer.fields.fields) {
    if (field.name == "layer") {
      old = std::move(field.message);
    } else {
      result.fields.push_back(std::move(field));
    }
  }
  const std::string type = old.text("type"), name = old.text("name");
  const std::string_view today = renamed(v0_types, type);
  if (today.empty()) unknown_type(layer, name, type);
  result.add_text("name", name);
  result.add_text("type", std::string(today));
  for (Field& field : old.fields) {
    if (field.name == "name" || field.name == "type" || field.name == "blobs_lr" ||
        field.name == "weight_decay") {
      continue;
    }
    const auto move = std::ranges::find_if(v0_moves, [&](const Move& m) {
      return m.field == field.name && (m.type == type || m.type.empty());
    });
    if (move == v0_moves.end()) {
      // Kept under a name that no reader asks for, so that it is reported.
      field.name = "v0." + field.name;
      result.fields.push_back(std::move(field));
    } else if (move->to.empty()) {
      result.fields.push_back(std::move(field));
    } else {
      field.name = move->to;
      result.child(move->message).fields.push_back(std::move(field));
    }
  }
  layer.fields = std::move(result);
}

void move_transformation(Message& layer, std::string_view from) {
  Field* source = layer.find(from);
  if (!source) return;
  std::vector<Field> moved, stays;
  for (Field& field : source->message.fields) {
    const bool moves = field.name == "scale" || field.name == "mean_file" ||
                       field.name == "crop_size" || field.name == "mirror";
    (moves ? moved : stays).push_back(std::move(field));
  }
  source->message.fields = std::move(stays);
  if (moved.empty()) return;
  Message& target = layer.child("transform_param");
  for (Field& field : moved) {
    target.erase(field.name);
    target.fields.push_back(std::move(field));
  }
}

// Types are enumerators, parameters are shared by a list of names.
void upgrade_v1_layer(Layer& layer) {
  Message& fields = layer.fields;
  std::string word = fields.text("type", "NONE");
  if (const auto number = parse_integer(word))
    word = enum_word("V1LayerParameter.LayerType", *number);
  const std::string_view type = renamed(v1_types, word);
  if (type.empty() && word != "NONE") unknown_type(layer, layer.name(), fields.text("type"));
  fields.erase("type");
  fields.add_text("type", std::string(type));
  for (Field& field : fields.fields) {
    if (field.name != "param" || field.kind != FieldKind::Text) continue;
    Message shared;
    shared.add_text("name", std::move(field.text));
    field = {"param", FieldKind::Message, {}, std::move(shared), field.byte};
  }
  for (const std::string_view name : {"blobs_lr", "weight_decay", "blob_share_mode"})
    fields.erase(name);
  if (type == "Data") move_transformation(fields, "data_param");
  if (type == "ImageData") move_transformation(fields, "image_data_param");
  if (type == "WindowData") move_transformation(fields, "window_data_param");
}

// The input fields of a network become a layer at its front. A file of weights names inputs alone.
void upgrade_inputs(Network& network) {
  const std::vector<std::string> inputs = network.fields.texts("input");
  const std::vector<const Message*> shapes = network.fields.messages("input_shape");
  const std::vector<std::int64_t> dims = network.fields.integers("input_dim");
  if (!inputs.empty() && (!shapes.empty() || !dims.empty())) {
    if (shapes.empty() ? dims.size() != 4 * inputs.size() : shapes.size() != inputs.size()) {
      throw Error(
          Code::MalformedField,
          fmt::format("{} with {}", counted(inputs.size(), "input", "inputs"),
                      shapes.empty() ? counted(dims.size(), "value", "values") + " of `input_dim`"
                                     : counted(shapes.size(), "shape", "shapes")));
    }
    Layer layer;
    layer.fields.add_text("name", "input");
    layer.fields.add_text("type", "Input");
    Message parameter;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      layer.fields.add_text("top", inputs[i]);
      Field shape{"shape", FieldKind::Message, {}, {}, 0};
      if (!shapes.empty()) {
        shape.message = *shapes[i];
      } else {
        for (std::size_t j = 4 * i; j < 4 * i + 4; ++j)
          shape.message.add_word("dim", std::to_string(dims[j]));
      }
      parameter.fields.push_back(std::move(shape));
    }
    layer.fields.child("input_param") = std::move(parameter);
    network.layers.insert(network.layers.begin(), std::move(layer));
  }
  for (const std::string_view name : {"input", "input_shape", "input_dim"})
    network.fields.erase(name);
}

// What only V1 layers have: a type that is a word, not a text.
bool is_v1(const Layer& layer) {
  const Field* type = layer.fields.find("type");
  return type && type->kind == FieldKind::Word;
}

}  // namespace

void upgrade(Network& network) {
  if (is_v0(network)) {
    fold_padding_layers(network);
    for (Layer& layer : network.layers) upgrade_v0_layer(layer);
  }
  for (Layer& layer : network.layers) {
    if (is_v1(layer)) upgrade_v1_layer(layer);
  }
  upgrade_inputs(network);
}

}  // namespace ponte::caffe
