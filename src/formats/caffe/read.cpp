#include "formats/caffe/read.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>
#include <set>
#include <unordered_map>
#include <utility>

#include "base/checked.h"
#include "base/counted.h"
#include "base/error.h"
#include "base/paths.h"
#include "base/random.h"
#include "base/text.h"
#include "formats/caffe/ops.h"
#include "formats/shared/cut.h"
#include "formats/shared/read_nodes.h"
#include "ops/all_ops.h"

namespace ponte::caffe {
namespace {

namespace fs = std::filesystem;
using shared::Bindings;
using shared::NodeReader;

constexpr std::uint64_t text_limit = std::uint64_t{256} << 20;

// A text has no control characters; a binary message can't do without.
bool is_text(std::span<const std::byte> head) {
  return std::ranges::none_of(head, [](std::byte byte) {
    const auto c = std::to_integer<unsigned>(byte);
    return c < 9 || (c > 13 && c < 32);
  });
}

Network load(const fs::path& path, int max_depth) {
  const ByteRange file = whole(open_file(path));
  std::vector<std::byte> head(std::min<std::uint64_t>(file.size, 4096));
  file.read(0, head);
  try {
    if (!is_text(head)) return decode_network(file, max_depth);
    if (file.size > text_limit)
      throw Error(Code::CountTooLarge, fmt::format("a text of {} bytes", grouped(file.size)));
    return parse_network(file.read_text(), max_depth);
  } catch (Error& error) {
    error.fill_where({.file = path.string(), .node = {}, .op = {}, .byte = {}});
    throw;
  }
}

// The weights beside a network: of the same name, or the only ones there.
std::optional<fs::path> weights_beside(const fs::path& network, Diagnostics& problems) {
  fs::path same = network;
  same.replace_extension(".caffemodel");
  std::error_code ignored;
  if (fs::exists(same, ignored)) return same;
  std::vector<fs::path> found;
  for (const fs::path& entry : entries_of(folder_of(network), ignored)) {
    if (entry.extension() == ".caffemodel") found.push_back(entry);
  }
  if (found.size() != 1) return std::nullopt;
  problems.note(Code::UnusedWeights,
                fmt::format("the weights are those of `{}`, the only ones beside the network",
                            found.front().filename().string()),
                {.file = network.string(), .node = {}, .op = {}, .byte = {}},
                "name others with --weights");
  return found.front();
}

// The weights of the layers of one network: from its own file, from a file of weights, or drawn.
class Weights {
 public:
  Weights(const fs::path& network, const ReadOptions& options, bool is_whole, Diagnostics& problems)
      : network_(network), seed_(options.random_weights), problems_(problems) {
    if (is_whole && options.weights.empty()) return;
    std::optional<fs::path> path;
    if (!options.weights.empty()) {
      path = options.weights;
    } else if (!seed_) {
      path = weights_beside(network, problems);
    }
    if (!path) return;
    Network source = load(*path, options.max_depth);
    upgrade(source);
    file_ = path->string();
    for (Layer& layer : source.layers) {
      if (!layer.blobs.empty()) blobs_.insert_or_assign(layer.name(), std::move(layer.blobs));
    }
  }

  bool has_drawn() const { return has_drawn_; }
  const std::string& file() const { return file_; }  // empty: in the network's own, or drawn

  // Gives the node the blobs that its type needs. Where the file has others or none, that is a
  // problem, and drawn ones stand in: the layers behind it are looked at all the same.
  void assign(NetNode& net_node, const std::vector<BlobSpec>& specs) {
    const shared::ForeignNode& node = net_node.node;
    try {
      fit(net_node, specs);
    } catch (const Error& error) {
      problems_.add(error, {network_.string(), node.name, node.op, node.byte});
      draw(net_node, specs);
    }
  }

  // Layers of the file of weights that the network does not have. `known` are layers that it has,
  // used at test time or not.
  void report_unused(const std::set<std::string>& known) const {
    std::vector<std::string> unused;
    for (const auto& [name, blobs] : blobs_) {
      if (!used_.contains(name) && !known.contains(name)) unused.push_back(name);
    }
    if (unused.empty()) return;
    std::ranges::sort(unused);
    constexpr std::size_t most_named = 5;
    const auto named = std::span(unused).first(std::min(unused.size(), most_named));
    problems_.warn(
        Code::UnusedWeights,
        fmt::format("{} not in the network: `{}`{}",
                    counted(unused.size(), "layer of the weights is", "layers of the weights are"),
                    fmt::join(named, "`, `"), unused.size() > most_named ? ", ..." : ""),
        {.file = file_, .node = {}, .op = {}, .byte = {}},
        "is the network cut short, or are they layers of training?");
  }

 private:
  // Throws MissingWeights, WeightsOfAnotherNetwork.
  void fit(NetNode& net_node, const std::vector<BlobSpec>& specs) {
    shared::ForeignNode& node = net_node.node;
    if (const auto it = blobs_.find(net_node.layer); it != blobs_.end()) {
      node.weights = it->second;
      used_.insert(net_node.layer);
    }
    if (specs.empty() && node.weights.empty()) return;
    if (node.weights.empty() && (seed_ || file_.empty())) return draw(net_node, specs);
    if (node.weights.empty())
      throw Error(Code::MissingWeights, fmt::format("`{}` has no blobs for the layer", file_));
    if (node.weights.size() != specs.size()) {
      throw Error(Code::WeightsOfAnotherNetwork,
                  fmt::format("the weights have {} for the layer, which needs {}",
                              counted(node.weights.size(), "blob", "blobs"), specs.size()));
    }
    for (std::size_t i = 0; i < specs.size(); ++i)
      node.weights[i] = fitted_blob(node.weights[i], specs[i], i);
  }

  void draw(NetNode& net_node, const std::vector<BlobSpec>& specs) {
    has_drawn_ = true;
    net_node.node.weights.clear();
    if (!seed_ && file_.empty() && !std::exchange(reported_, true)) {
      problems_.add(Error(Code::MissingWeights, "the network's weights are in a file of their own",
                          "name it with --weights FILE, or draw some with --random-weights SEED"),
                    {.file = network_.string(), .node = {}, .op = {}, .byte = {}});
    }
    // Without a seed the model is not used; going on finds its other problems.
    for (std::size_t i = 0; i < specs.size(); ++i) {
      const std::string shared =
          i < net_node.shared_names.size() ? net_node.shared_names[i] : std::string();
      const std::uint64_t stream =
          shared.empty() ? mix_seed(i, net_node.layer) : mix_seed(~std::uint64_t{0}, shared);
      BlobSpec spec = specs[i];
      spec.gain = net_node.gain;
      net_node.node.weights.push_back(random_blob(spec, seed_.value_or(0), stream));
    }
  }

  fs::path network_;
  std::optional<std::uint64_t> seed_;
  Diagnostics& problems_;
  std::string file_;
  std::unordered_map<std::string, std::vector<ir::Tensor>> blobs_;
  std::set<std::string> used_;
  bool reported_ = false;
  bool has_drawn_ = false;
};

// The network without what lies behind these layers or blobs, and without the inputs that nothing
// takes any more. Returns which of the names it has.
std::vector<std::string> cut(Topology& topology, const std::vector<std::string>& names) {
  std::vector<const shared::ForeignNode*> nodes;
  for (const NetNode& node : topology.nodes) nodes.push_back(&node.node);
  shared::Cut cut = shared::cut_at(nodes, names);
  if (cut.found.empty()) return {};
  shared::keep_leading(topology.nodes, cut);
  topology.outputs = std::move(cut.outputs);
  std::erase_if(topology.inputs,
                [&](const NetInput& input) { return !cut.taken.contains(input.name); });
  return std::move(cut.found);
}

void add_inputs(const Topology& topology, ir::Graph& graph, Bindings& bindings) {
  std::vector<std::string> unknown;
  for (const NetInput& input : topology.inputs) {
    if (!input.shape) {
      unknown.push_back(input.name);
      continue;
    }
    const auto count = element_count(*input.shape);
    if (!count || *count == 0 || input.shape->size() > 32) {
      throw Error(Code::DimensionOutOfRange,
                  fmt::format("the shape of the input `{}` is not one", input.name))
          .at({.file = {}, .node = input.layer, .op = input.type, .byte = input.byte});
    }
    ir::Value& value = graph.add_input(
        input.name, ir::Type::tensor(ir::DType::Float32, ir::to_shape(*input.shape)));
    value.origin = ir::ValueOrigin{input.name, {}, false};
    bindings[input.name] = &value;
  }
  if (!unknown.empty()) {
    throw Error(Code::UnknownInputShape,
                fmt::format("the shape of `{}` is not in the file", fmt::join(unknown, "`, `")),
                "give it with --input-shape NAME=1,3,224,224");
  }
}

void read_layer(NetNode& layer, Weights& weights, ir::Graph& graph, Bindings& bindings,
                const shared::ReadContext& context) {
  std::optional<Error> failure;
  const shared::ReadRow* row = shared::find_row(read_rows(), layer.node.op);
  if (row && row->read) {
    try {
      NodeReader reader(layer.node, graph, bindings, context);
      const std::vector<BlobSpec> specs = blob_specs(reader);
      weights.assign(layer, specs);
    } catch (const Error& error) {
      failure = error;
    }
  }
  const shared::ForeignGraph one{{}, {layer.node}};
  shared::read_nodes(
      one,
      [&](const shared::ForeignNode&) {
        if (failure) throw Error(*failure);
        return row;
      },
      graph, bindings, context);
  for (std::size_t i = 0; i < layer.node.outputs.size(); ++i) {
    ir::Value* value = bindings.find(layer.node.outputs[i]);
    if (value && !value->origin) value->origin = ir::ValueOrigin{layer.origins[i], {}, false};
  }
}

// OpenCV refuses fields that it does not know.
void erase_side_effects(Message& layer) {
  Field* detection = layer.find("detection_output_param");
  if (!detection) return;
  for (const std::string_view name : detection_side_effects) detection->message.erase(name);
}

// The inputs as layers with their shapes, then the layers that were kept.
Message deployed(const std::string& name, Topology& topology) {
  Message network;
  if (!name.empty()) network.add_text("name", name);
  for (const NetInput& input : topology.inputs) {
    Message layer;
    layer.add_text("name", input.name);
    layer.add_text("type", "Input");
    layer.add_text("top", input.name);
    for (const std::int64_t dim : *input.shape)
      layer.child("input_param").child("shape").add_word("dim", std::to_string(dim));
    network.fields.push_back({.name = "layer", .kind = FieldKind::Message, .message = layer});
  }
  for (NetNode& node : topology.nodes) {
    erase_side_effects(node.fields);
    network.fields.push_back(
        {.name = "layer", .kind = FieldKind::Message, .message = std::move(node.fields)});
  }
  return network;
}

void add_outputs(const Topology& topology, ir::Graph& graph, const Bindings& bindings) {
  for (const std::string& name : topology.outputs) {
    ir::Value* value = bindings.find(name);
    if (!value)
      throw Error(Code::UndefinedValue, fmt::format("nothing produces the output `{}`", name));
    graph.add_output(*value);
  }
  if (topology.outputs.empty()) throw Error(Code::InvalidGraph, "the network computes nothing");
}

}  // namespace

bool recognise(std::span<const std::byte> head, std::string_view file_name) {
  if (file_name.ends_with(".caffemodel")) return true;
  const std::string_view text(reinterpret_cast<const char*>(head.data()), head.size());
  if (!is_text(head)) {
    // A short name, then the first layer (field 100).
    if (text.size() < 2 || text[0] != 0x0a || text[1] < 0) return false;
    const auto after = static_cast<std::size_t>(text[1]) + 2;
    return text.size() >= after + 2 && text.substr(after, 2) == "\xa2\x06";
  }
  if (file_name.ends_with(".prototxt")) return true;
  for (const std::string_view word : {"layer", "layers"}) {
    for (std::size_t at = text.find(word); at != std::string_view::npos;
         at = text.find(word, at + 1)) {
      const bool starts_line = at == 0 || text[at - 1] == '\n';
      const std::size_t next = text.find_first_not_of(" \t", at + word.size());
      if (starts_line && next != std::string_view::npos && text[next] == '{') return true;
    }
  }
  return false;
}

ReadResult read_with_blobs(const fs::path& path, const ReadOptions& options,
                           Diagnostics& problems) {
  return read_network(load(path, options.max_depth), path, options, problems);
}

ReadResult read_network(Network network, const fs::path& path, const ReadOptions& options,
                        Diagnostics& problems) {
  ReadResult result;
  result.model.format = "caffe";
  try {
    upgrade(network);
    std::set<std::string> names;
    bool is_whole = false;
    for (const Layer& layer : network.layers) {
      names.insert(layer.name());
      is_whole = is_whole || !layer.blobs.empty();
    }
    result.model.graph = std::make_unique<ir::Graph>(ops::all_ops());
    ir::Graph& graph = *result.model.graph;
    graph.name = network.name;
    Topology topology =
        find_topology(std::move(network), options.input_shapes, path.string(), problems);
    result.model.cut_at = cut(topology, options.outputs_at);
    Bindings bindings;
    add_inputs(topology, graph, bindings);
    Weights weights(path, options, is_whole, problems);
    result.model.weights_file = weights.file();
    const shared::ReadContext context{problems, path.string()};
    result.network = deployed(graph.name, topology);
    for (NetNode& layer : topology.nodes) {
      read_layer(layer, weights, graph, bindings, context);
      if (!layer.node.weights.empty()) {
        result.blobs.push_back({layer.layer, layer.node.op, std::move(layer.node.weights)});
      }
    }
    result.model.has_drawn_weights = weights.has_drawn();
    weights.report_unused(names);
    add_outputs(topology, graph, bindings);
    graph.erase_unused_constants();
  } catch (Error& error) {
    error.fill_where({.file = path.string(), .node = {}, .op = {}, .byte = {}});
    throw;
  }
  return result;
}

ir::Model read(const fs::path& path, const ReadOptions& options, Diagnostics& problems) {
  return read_with_blobs(path, options, problems).model;
}

}  // namespace ponte::caffe
