#include "formats/caffe/topology.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "base/counted.h"
#include "base/error.h"
#include "formats/caffe/attributes.h"
#include "formats/shared/unique_names.h"

namespace ponte::caffe {
namespace {

// Layers that bring data in; where a layer that is kept uses a top, it becomes an input.
constexpr auto data_types =
    std::to_array<std::string_view>({"AnnotatedData", "Data", "DummyData", "HDF5Data", "ImageData",
                                     "ImageSegData", "MemoryData", "VideoData", "WindowData"});

// Layers that measure or store, and compute nothing that a deployed network needs.
constexpr auto measuring_types = std::to_array<std::string_view>(
    {"Accuracy", "ContrastiveLoss", "DetectionEvaluate", "EuclideanLoss", "HDF5Output", "HingeLoss",
     "InfogainLoss", "MultiBoxLoss", "MultinomialLogisticLoss", "SigmoidCrossEntropyLoss",
     "Silence", "SmoothL1Loss", "SoftmaxWithLoss"});

static_assert(std::ranges::is_sorted(data_types) && std::ranges::is_sorted(measuring_types));

bool is_data(const std::string& type) {
  return std::ranges::binary_search(data_types, std::string_view(type));
}
bool is_measuring(const std::string& type) {
  return std::ranges::binary_search(measuring_types, std::string_view(type));
}

struct State {
  std::int64_t level = 0;
  std::vector<std::string> stages;
};

bool meets(const Message& rule, const State& state) {
  const auto has_stage = [&](const std::string& stage) {
    return std::ranges::find(state.stages, stage) != state.stages.end();
  };
  const std::string phase = rule.text("phase", "TEST");
  return (phase == "TEST" || phase == "1") &&
         state.level >= rule.integer("min_level", state.level) &&
         state.level <= rule.integer("max_level", state.level) &&
         std::ranges::all_of(rule.texts("stage"), has_stage) &&
         std::ranges::none_of(rule.texts("not_stage"), has_stage);
}

bool is_included(const Message& layer, const State& state) {
  const auto any_is_met = [&](const std::vector<const Message*>& rules) {
    return std::ranges::any_of(rules, [&](const Message* rule) { return meets(*rule, state); });
  };
  const std::vector<const Message*> includes = layer.messages("include");
  return includes.empty() ? !any_is_met(layer.messages("exclude")) : any_is_met(includes);
}

using DeclaredShape = std::optional<std::vector<std::int64_t>>;  // none: the file leaves it open

// One `shape` for all tops, or one for each; empty where the parameter has none.
std::vector<DeclaredShape> listed_shapes(const Message& parameter, std::size_t top_count) {
  const std::vector<const Message*> shapes = parameter.messages("shape");
  if (shapes.empty()) return {};
  if (shapes.size() == 1) return std::vector<DeclaredShape>(top_count, shapes[0]->integers("dim"));
  if (shapes.size() != top_count) {
    throw Error(Code::InvalidForeignNode,
                fmt::format("{} for {}", counted(shapes.size(), "shape", "shapes"),
                            counted(top_count, "top", "tops")));
  }
  std::vector<DeclaredShape> result;
  for (const Message* shape : shapes) result.emplace_back(shape->integers("dim"));
  return result;
}

// The older form of DummyData: each size once, or once for each top.
std::vector<DeclaredShape> dummy_shapes(const Message& parameter, std::size_t top_count) {
  std::vector<DeclaredShape> result(top_count, std::vector<std::int64_t>());
  for (const std::string_view name : {"num", "channels", "height", "width"}) {
    const std::vector<std::int64_t> values = parameter.integers(name);
    if (values.empty()) return std::vector<DeclaredShape>(top_count);
    for (std::size_t i = 0; i < top_count; ++i)
      result[i]->push_back(values[std::min(i, values.size() - 1)]);
  }
  return result;
}

// The first top of a layer that reads images or memory.
DeclaredShape data_shape(const Layer& layer) {
  if (layer.type() == "MemoryData") {
    const Field* memory = layer.fields.find("memory_data_param");
    if (!memory) return std::nullopt;
    std::vector<std::int64_t> dims;
    for (const std::string_view name : {"batch_size", "channels", "height", "width"})
      dims.push_back(memory->message.integer(name, 0));
    return dims;
  }
  const Field* transform = layer.fields.find("transform_param");
  if (!transform) return std::nullopt;
  const std::int64_t crop = transform->message.integer("crop_size", 0);
  const std::size_t means = transform->message.texts("mean_value").size();
  const bool gray = transform->message.text("force_gray") == "true";
  const bool colour = transform->message.text("force_color") == "true" || means == 3;
  if (crop == 0 || gray == colour) return std::nullopt;
  std::int64_t batch = 1;
  for (const std::string_view name : {"data_param", "image_data_param", "window_data_param"}) {
    if (const Field* data = layer.fields.find(name))
      batch = data->message.integer("batch_size", batch);
  }
  return std::vector<std::int64_t>{batch, gray ? 1 : 3, crop, crop};
}

// What a layer declares of each of its tops. In time proportional to the layer: it may have many.
std::vector<NetInput> declared_inputs(const Layer& layer) {
  const std::string name = layer.name(), type = layer.type();
  std::vector<std::string> tops = layer.fields.texts("top");
  std::vector<DeclaredShape> shapes;
  if (type == "Input" || type == "DummyData") {
    const Field* parameter =
        layer.fields.find(type == "Input" ? "input_param" : "dummy_data_param");
    if (parameter) shapes = listed_shapes(parameter->message, tops.size());
    if (parameter && shapes.empty() && type == "DummyData")
      shapes = dummy_shapes(parameter->message, tops.size());
  } else if (!tops.empty()) {
    shapes = {data_shape(layer)};
  }
  shapes.resize(tops.size());
  std::vector<NetInput> inputs;
  for (std::size_t i = 0; i < tops.size(); ++i)
    inputs.push_back({std::move(tops[i]), std::move(shapes[i]), name, type, layer.byte});
  return inputs;
}

// What one top of one layer writes.
struct Write {
  std::size_t layer;
  std::string value;
};

// Works on the included layers of one network; one object per network.
class Finder {
 public:
  Finder(Network network, const InputShapes& input_shapes, const std::string& file,
         Diagnostics& problems)
      : input_shapes_(input_shapes), file_(file), problems_(problems) {
    State state;
    if (const Field* declared = network.fields.find("state")) {
      state.level = declared->message.integer("level", 0);
      state.stages = declared->message.texts("stage");
    }
    for (Layer& layer : network.layers) {
      const bool included = is_included(layer.fields, state);
      if (is_data(layer.type())) {
        note_data(layer);
      } else if (included) {
        layers_.push_back(std::move(layer));
      }
    }
  }

  Topology find() {
    name_values();
    connect();
    find_outputs();
    return assemble();
  }

 private:
  // Tops of data layers, of any phase: a deployed network takes them from outside.
  void note_data(const Layer& layer) {
    for (NetInput& input : declared_inputs(layer)) {
      const auto [it, added] = data_.try_emplace(input.name, input);
      if (!added && !it->second.shape) it->second = std::move(input);
    }
  }

  // Counts how often each blob is written, and names each write.
  void name_values() {
    std::unordered_map<std::string, std::size_t> total;
    for (const Layer& layer : layers_) {
      for (const std::string& top : layer.fields.texts("top")) ++total[top];
    }
    for (const auto& [blob, count] : total) taken_.insert(blob);
    for (const auto& [blob, input] : data_) taken_.insert(blob);
    std::unordered_map<std::string, std::size_t> written;
    std::set<std::string> of_inputs;
    for (const Layer& layer : layers_) {
      std::vector<std::string> names;
      const bool is_input = layer.type() == "Input";
      for (const std::string& top : layer.fields.texts("top")) {
        const bool last = ++written[top] == total[top];
        // The network's interface keeps its name: a blob of a data layer is an input first.
        const bool keeps = is_input || (last && !of_inputs.contains(top) && !data_.contains(top));
        names.push_back(keeps ? top : taken_.unique(top + "/" + layer.name()));
        if (is_input) of_inputs.insert(top);
      }
      tops_.push_back(std::move(names));
    }
    writes_ = std::move(total);
  }

  void connect() {
    std::unordered_map<std::string, std::string> current;  // the value of a blob
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      const Layer& layer = layers_[i];
      std::vector<std::string> bottoms;
      const std::vector<std::string> blobs = layer.fields.texts("bottom");
      for (const std::string& blob : blobs) {
        if (!current.contains(blob) && data_.contains(blob)) current[blob] = blob;
        const auto it = current.find(blob);
        if (it == current.end() && writes_.contains(blob) && !is_measuring(layer.type())) {
          throw Error(Code::UndefinedValue,
                      fmt::format("nothing produces `{}` before the layer that takes it", blob),
                      "Caffe runs the layers in the order of the file, so that none takes what "
                      "comes of itself")
              .at(layer.where());
        }
        bottoms.push_back(it == current.end() ? blob : it->second);
      }
      const std::vector<std::string> tops = layer.fields.texts("top");
      for (std::size_t t = 0; t < tops.size(); ++t) {
        const bool in_place = t < blobs.size() && blobs[t] == tops[t];
        if (!in_place && current.contains(tops[t])) {
          throw Error(Code::DuplicateName,
                      fmt::format("the blob `{}` is produced by two layers", tops[t]))
              .at(layer.where());
        }
        current[tops[t]] = tops_[i][t];
      }
      bottoms_.push_back(std::move(bottoms));
    }
  }

  // Outputs are what no layer takes. What only a measuring layer measures is one as well; what it
  // compares with is not, and then what leads to nothing else is not needed.
  void find_outputs() {
    std::unordered_set<std::string> used, measured, targets;
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      const std::string type = layers_[i].type();
      if (!is_measuring(type)) {
        used.insert(bottoms_[i].begin(), bottoms_[i].end());
        continue;
      }
      for (std::size_t b = 0; b < bottoms_[i].size(); ++b) {
        (b == 0 && type != "Silence" ? measured : targets).insert(bottoms_[i][b]);
      }
    }
    kept_.assign(layers_.size(), false);
    std::unordered_set<std::string> needed;
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      if (is_measuring(layers_[i].type())) {
        if (gives_one_of(i, used)) {
          throw Error(Code::NoReaderForOp, "the result of a loss is used by other layers")
              .at(layers_[i].where());
        }
        continue;
      }
      for (const std::string& value : tops_[i]) {
        if (used.contains(value) || (targets.contains(value) && !measured.contains(value)))
          continue;
        if (needed.insert(value).second) outputs_.push_back(value);
      }
    }
    for (std::size_t i = layers_.size(); i-- > 0;) {
      if (is_measuring(layers_[i].type())) continue;
      kept_[i] = gives_one_of(i, needed) || layers_[i].type() == "Input";
      if (kept_[i]) needed.insert(bottoms_[i].begin(), bottoms_[i].end());
    }
  }

  bool gives_one_of(std::size_t i, const std::unordered_set<std::string>& values) const {
    return std::ranges::any_of(tops_[i],
                               [&](const std::string& value) { return values.contains(value); });
  }

  Topology assemble() {
    Topology result;
    std::set<std::string> inputs;
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      Layer& layer = layers_[i];
      if (!kept_[i]) {
        problems_.note(Code::LayerLeftOut,
                       is_measuring(layer.type())
                           ? "the layer only measures; it is left out"
                           : "no output depends on the layer; it is left out",
                       layer.where(file_));
        continue;
      }
      if (layer.type() == "Input") {
        add_inputs(layer, result, inputs);
        continue;
      }
      for (const std::string& blob : layer.fields.texts("bottom")) {
        const auto data = data_.find(blob);
        const bool from_outside = data != data_.end() &&
                                  std::ranges::find(bottoms_[i], blob) != bottoms_[i].end() &&
                                  inputs.insert(blob).second;
        if (from_outside) result.inputs.push_back(with_override(data->second));
      }
      result.nodes.push_back(make_node(layer, i));
    }
    // An input that is an output as well is one that nothing uses.
    std::erase_if(outputs_, [&](const std::string& name) { return inputs.contains(name); });
    result.outputs = std::move(outputs_);
    set_gains(result.nodes);
    return result;
  }

  // A sum of branches is as large as one of them: beside a shortcut each learned branch adds
  // little, else all are equal.
  static void set_gains(std::vector<NetNode>& nodes) {
    std::unordered_map<std::string_view, NetNode*> learned;
    for (NetNode& node : nodes) {
      const std::string& type = node.node.op;
      if (type == "Convolution" || type == "InnerProduct" || type == "Scale") {
        for (const std::string& value : node.node.outputs) learned[value] = &node;
      }
      if (type != "Eltwise") continue;
      std::vector<NetNode*> branches;
      for (const std::string& value : node.node.inputs) {
        if (const auto it = learned.find(value); it != learned.end())
          branches.push_back(it->second);
      }
      const std::size_t count = node.node.inputs.size();
      const double gain =
          branches.size() == count ? 1 / std::sqrt(static_cast<double>(count)) : 0.25;
      for (NetNode* branch : branches) branch->gain = gain;
    }
  }

  void add_inputs(const Layer& layer, Topology& result, std::set<std::string>& inputs) {
    for (NetInput& input : declared_inputs(layer)) {
      inputs.insert(input.name);
      result.inputs.push_back(with_override(std::move(input)));
    }
  }

  NetInput with_override(NetInput input) const {
    const auto it = input_shapes_.find(input.name);
    if (it != input_shapes_.end()) input.shape = it->second;
    return input;
  }

  NetNode make_node(Layer& layer, std::size_t i) {
    NetNode result;
    shared::ForeignNode& node = result.node;
    node.dialect = "caffe";
    node.op = layer.type();
    result.layer = layer.name();
    // Weights and shared names go by the name in the file; nodes need one of their own each.
    node.name = layer_names_.unique(result.layer);
    node.byte = layer.byte;
    node.inputs = bottoms_[i];
    node.outputs = tops_[i];
    node.weights = std::move(layer.blobs);
    try {
      node.attributes = layer_attributes(layer.fields);
    } catch (Error& error) {
      error.fill_where(layer.where());
      throw;
    }
    for (const std::string& top : layer.fields.texts("top"))
      result.origins.push_back(writes_[top] > 1 || data_.contains(top) ? layer.name() : top);
    for (const Message* param : layer.fields.messages("param"))
      result.shared_names.push_back(param->text("name"));
    result.fields = std::move(layer.fields);
    return result;
  }

  const InputShapes& input_shapes_;
  const std::string& file_;
  Diagnostics& problems_;
  std::vector<Layer> layers_;
  std::map<std::string, NetInput> data_;
  std::unordered_map<std::string, std::size_t> writes_;
  shared::UniqueNames taken_;
  shared::UniqueNames layer_names_;
  std::vector<std::vector<std::string>> bottoms_;
  std::vector<std::vector<std::string>> tops_;
  std::vector<bool> kept_;
  std::vector<std::string> outputs_;
};

}  // namespace

Topology find_topology(Network network, const InputShapes& input_shapes, const std::string& file,
                       Diagnostics& problems) {
  return Finder(std::move(network), input_shapes, file, problems).find();
}

}  // namespace ponte::caffe
