#include "verify/sabotage/faults.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

#include "base/error.h"
#include "ir/inference.h"

namespace ponte::sabotage {
namespace {

using Dims = std::vector<std::int64_t>;
using ir::Graph;
using ir::Node;
using ir::Tensor;
using ir::Value;

template <typename... Names>
bool is_any(const Node& node, Names... names) {
  return node.domain().empty() && ((node.op_name() == names) || ...);
}

// Attributes as the op reads them: its own default where the node is silent.
template <typename T>
std::optional<T> attribute(const Node& node, std::string_view name) {
  if (const ir::Attribute* given = node.attribute(name)) {
    const T* value = std::get_if<T>(given);
    return value ? std::optional(*value) : std::nullopt;
  }
  if (!node.op()) return std::nullopt;
  for (const ir::AttributeSpec& spec : node.op()->attributes) {
    if (spec.name != name) continue;
    if constexpr (std::is_same_v<T, float>) {
      if (const double* value = std::get_if<double>(&spec.fallback))
        return static_cast<float>(*value);
    } else if constexpr (std::is_same_v<T, std::int64_t>) {
      if (const std::int64_t* value = std::get_if<std::int64_t>(&spec.fallback)) return *value;
    }
  }
  return std::nullopt;
}

// -1 for an open dim; none where the rank is unknown or more than one dim is open.
std::optional<Dims> dims_of(const Value* value) {
  const ir::TensorType* type = value ? value->type().as_tensor() : nullptr;
  if (!type || !type->shape) return std::nullopt;
  Dims dims;
  for (const ir::Dim& dim : *type->shape) dims.push_back(dim.known().value_or(-1));
  return std::ranges::count(dims, -1) > 1 ? std::nullopt : std::optional(dims);
}

bool is_float_constant(const Value* value) {
  return value && value->is_constant() && value->tensor() &&
         value->tensor()->dtype() == ir::DType::Float32 && value->tensor()->count() > 0;
}

// Puts another constant in the place of one; a slip that changes no bit is none.
bool replace(Graph& graph, Node& node, std::size_t input, const Tensor& tensor) {
  const Value& old = *node.input(input);
  if (ir::content_hash(*old.tensor()) == ir::content_hash(tensor)) return false;
  graph.set_input(node, input,
                  &graph.add_constant(graph.unique_name(old.name() + "/spoilt"), tensor));
  return true;
}

Tensor mapped(const Tensor& tensor, float (*change)(float)) {
  std::vector<float> values;
  for (const double value : tensor.to_f64()) values.push_back(change(static_cast<float>(value)));
  return Tensor::f32(tensor.shape(), values);
}

bool map_constant(Graph& graph, Node& node, std::size_t input, float (*change)(float)) {
  return is_float_constant(node.input(input)) &&
         replace(graph, node, input, mapped(*node.input(input)->tensor(), change));
}

// Geometry of windows.

bool has_windows(const Node& node) {
  return is_any(node, "Conv", "ConvTranspose", "MaxPool", "AveragePool");
}

std::size_t spatial_rank(const Node& node) {
  const auto x = dims_of(node.input(0));
  return x && x->size() > 2 ? x->size() - 2 : 0;
}

Dims ints_or(const Node& node, std::string_view name, std::size_t size, std::int64_t fallback) {
  return attribute<Dims>(node, name).value_or(Dims(size, fallback));
}

Dims kernel_of(const Node& node) {
  if (const auto given = attribute<Dims>(node, "kernel_shape")) return *given;
  const auto w = is_any(node, "Conv", "ConvTranspose") ? dims_of(node.input(1)) : std::nullopt;
  return w ? Dims(w->begin() + 2, w->end()) : Dims();
}

// One more before and one less behind, so that the shape stays; where there is no pad, one before.
bool wrong_pad(Graph& graph, Node& node) {
  const std::size_t rank = spatial_rank(node);
  if (!has_windows(node) || rank == 0 || node.attribute("auto_pad")) return false;
  Dims pads = ints_or(node, "pads", 2 * rank, 0);
  const Dims kernel = kernel_of(node);
  for (std::size_t axis = 0; axis < rank; ++axis) {
    std::int64_t &before = pads[axis], &behind = pads[axis + rank];
    if (kernel.size() != rank || kernel[axis] < 2) continue;
    if (behind > 0 && before + 1 < kernel[axis]) {
      ++before, --behind;
    } else if (before > 0 && behind + 1 < kernel[axis]) {
      --before, ++behind;
    } else {
      before = before == 0 ? 1 : 0;
    }
    graph.set_attribute(node, "pads", pads);
    return true;
  }
  return false;
}

// Twice as far apart, and padded so that the shape stays.
bool wrong_dilation(Graph& graph, Node& node) {
  const std::size_t rank = spatial_rank(node);
  const Dims kernel = kernel_of(node);
  if (!is_any(node, "Conv", "MaxPool") || rank == 0 || kernel.size() != rank) return false;
  Dims pads = ints_or(node, "pads", 2 * rank, 0), dilations = ints_or(node, "dilations", rank, 1);
  for (std::size_t axis = 0; axis < rank; ++axis) {
    const std::int64_t more = (kernel[axis] - 1) * dilations[axis];
    if (more == 0) return false;
    dilations[axis] *= 2;
    pads[axis] += more / 2;
    pads[axis + rank] += more - more / 2;
  }
  graph.set_attribute(node, "dilations", dilations);
  graph.set_attribute(node, "pads", pads);
  return true;
}

bool wrong_kernel(Graph& graph, Node& node) {
  const std::size_t rank = spatial_rank(node);
  Dims kernel = kernel_of(node);
  if (!is_any(node, "MaxPool", "AveragePool") || rank == 0 || kernel.size() != rank) return false;
  Dims pads = ints_or(node, "pads", 2 * rank, 0);
  ++kernel[0];
  ++pads[rank];
  graph.set_attribute(node, "kernel_shape", kernel);
  graph.set_attribute(node, "pads", pads);
  return true;
}

bool wrong_stride(Graph& graph, Node& node) {
  const std::size_t rank = spatial_rank(node);
  if (!has_windows(node) || rank == 0) return false;
  Dims strides = ints_or(node, "strides", rank, 1);
  strides[0] = strides[0] == 1 ? 2 : 1;
  graph.set_attribute(node, "strides", strides);
  return true;
}

// Weights.

// The values in the order of the transposed tensor, under the same shape: what reading the axes in
// the wrong order gives.
std::optional<Tensor> in_swapped_order(const Tensor& tensor) {
  const std::size_t rank = tensor.shape().size();
  for (std::size_t last = rank; last-- > 1;) {
    for (std::size_t first = last; first-- > 0;) {
      if (tensor.shape()[first] < 2 || tensor.shape()[last] < 2) continue;
      Dims permutation(rank);
      for (std::size_t i = 0; i < rank; ++i) permutation[i] = static_cast<std::int64_t>(i);
      std::swap(permutation[first], permutation[last]);
      return ir::reshaped(ir::transposed(tensor, permutation), tensor.shape());
    }
  }
  return std::nullopt;
}

bool transposed_weights(Graph& graph, Node& node) {
  for (std::size_t input = 1; input < node.inputs().size(); ++input) {
    if (!is_float_constant(node.input(input))) continue;
    const auto swapped = in_swapped_order(*node.input(input)->tensor());
    if (swapped && replace(graph, node, input, *swapped)) return true;
  }
  return false;
}

bool float16_slip(Graph& graph, Node& node) {
  for (std::size_t input = 0; input < node.inputs().size(); ++input) {
    if (!is_float_constant(node.input(input))) continue;
    const Tensor& weights = *node.input(input)->tensor();
    const Tensor rounded = ir::cast(ir::cast(weights, ir::DType::Float16), ir::DType::Float32);
    if (replace(graph, node, input, rounded)) return true;
  }
  return false;
}

bool dropped_bias(Graph& graph, Node& node) {
  const auto is_zero = [](const Tensor& tensor) {
    return std::ranges::all_of(tensor.to_f64(), [](double value) { return value == 0; });
  };
  const std::size_t input = is_any(node, "LSTM", "GRU", "RNN") ? 3 : 2;
  if (is_any(node, "Conv", "ConvTranspose", "Gemm", "LSTM", "GRU", "RNN")) {
    if (!is_float_constant(node.input(input)) || is_zero(*node.input(input)->tensor()))
      return false;
    graph.set_input(node, input, nullptr);
    return true;
  }
  const auto zero = [](float) { return 0.0F; };
  if (is_any(node, "BatchNormalization", "InstanceNormalization", "LayerNormalization"))
    return map_constant(graph, node, 2, zero);
  return is_any(node, "Add") &&
         (map_constant(graph, node, 1, zero) || map_constant(graph, node, 0, zero));
}

// A percent off, and never the same.
bool wrong_constant(Graph& graph, Node& node) {
  for (std::size_t input = node.inputs().size(); input-- > 0;) {
    if (map_constant(graph, node, input, [](float v) { return 1.01F * v + (v == 0 ? 0.01F : 0); }))
      return true;
  }
  return false;
}

bool swapped_statistics(Graph& graph, Node& node) {
  if (!is_any(node, "BatchNormalization") || !is_float_constant(node.input(3))) return false;
  Value *mean = node.input(3), *variance = node.input(4);
  if (mean == variance) return false;
  graph.set_input(
      node, 4,
      &graph.add_constant(graph.unique_name(mean->name() + "/spoilt"),
                          mapped(*mean->tensor(), [](float v) { return v < 0 ? -v : v; })));
  graph.set_input(node, 3, variance);
  return true;
}

// Attributes.

bool wrong_epsilon(Graph& graph, Node& node) {
  const auto epsilon = attribute<float>(node, "epsilon");
  if (!epsilon) return false;
  graph.set_attribute(node, "epsilon", *epsilon == 0 ? 1e-3F : 100 * *epsilon);
  return true;
}

bool wrong_coefficient(Graph& graph, Node& node) {
  for (const std::string_view name : {"alpha", "beta", "gamma", "bias", "lambd", "spatial_scale"}) {
    const auto value = attribute<float>(node, name);
    if (!value) continue;
    graph.set_attribute(node, std::string(name), *value == 0 ? 0.1F : 1.1F * *value);
    return true;
  }
  return false;
}

bool wrong_size(Graph& graph, Node& node) {
  const auto size = attribute<std::int64_t>(node, "size");
  if (!is_any(node, "LRN") || !size) return false;
  graph.set_attribute(node, "size", *size + 2);
  return true;
}

bool wrong_axis(Graph& graph, Node& node) {
  const auto axis = attribute<std::int64_t>(node, "axis");
  const auto x = dims_of(node.input(0));
  if (!axis || !x || x->size() < 2) return false;
  const auto rank = static_cast<std::int64_t>(x->size());
  const std::int64_t own = *axis < 0 ? *axis + rank : *axis;
  std::int64_t other = own;
  for (std::int64_t i = 0; i < rank; ++i) {
    if (i != own && (other == own || (*x)[static_cast<std::size_t>(i)] > 1)) other = i;
  }
  graph.set_attribute(node, "axis", other);
  return true;
}

bool wrong_axes_constant(Graph& graph, Node& node) {
  const auto x = dims_of(node.input(0));
  const Value* axes = node.input(1);
  if (!is_any(node, "ReduceSum", "ReduceMean", "ReduceMax") || !x || !axes || !axes->tensor())
    return false;
  Dims changed = axes->tensor()->to_i64();
  const auto rank = static_cast<std::int64_t>(x->size());
  if (std::ssize(changed) >= rank) return false;
  for (std::int64_t& axis : changed) axis = (axis + 1 + rank) % rank;
  return replace(graph, node, 1, Tensor::vector_i64(changed));
}

bool flipped_switch(Graph& graph, Node& node) {
  for (const std::string_view name :
       {"count_include_pad", "ceil_mode", "transA", "transB", "exclusive", "reverse", "largest"}) {
    const auto value = attribute<std::int64_t>(node, name);
    if (!value) continue;
    graph.set_attribute(node, std::string(name), std::int64_t{*value == 0});
    return true;
  }
  return false;
}

// Which elements are taken: the next one, or the one before the first.
bool wrong_index(Graph& graph, Node& node) {
  const Value* indices = node.input(1);
  if (!is_any(node, "Gather", "GatherND", "ScatterND") || !indices || !indices->tensor())
    return false;
  Dims changed = indices->tensor()->to_i64();
  for (std::int64_t& index : changed) index = index == 0 ? 1 : index - 1;
  return replace(graph, node, 1,
                 ir::reshaped(Tensor::vector_i64(changed), indices->tensor()->shape()));
}

// A window of the same size, one element further or before.
bool wrong_window(Graph& graph, Node& node) {
  if (!is_any(node, "Slice") || !node.input(1) || !node.input(2)) return false;
  const Tensor *starts = node.input(1)->tensor(), *ends = node.input(2)->tensor();
  if (!starts || !ends || starts->count() != 1) return false;
  const std::int64_t start = starts->to_i64()[0], end = ends->to_i64()[0];
  const std::int64_t step = start == 0 ? 1 : -1;
  return replace(graph, node, 1, Tensor::vector_i64(Dims{start + step})) &&
         replace(graph, node, 2, Tensor::vector_i64(Dims{end + step}));
}

bool wrong_filling(Graph& graph, Node& node) {
  const auto value = attribute<Tensor>(node, "value");
  if (!is_any(node, "ConstantOfShape") || !value || value->dtype() != ir::DType::Float32)
    return false;
  graph.set_attribute(node, "value", mapped(*value, [](float v) { return v == 0 ? 1.0F : 0.0F; }));
  return true;
}

bool added_up(Graph& graph, Node& node) {
  if (!is_any(node, "ScatterElements", "ScatterND") || node.attribute("reduction")) return false;
  graph.set_attribute(node, "reduction", std::string("add"));
  return true;
}

// Samples at other places between the same elements.
bool other_coordinates(Graph& graph, Node& node) {
  if (!is_any(node, "Resize")) return false;
  const auto given = attribute<std::string>(node, "coordinate_transformation_mode");
  graph.set_attribute(node, "coordinate_transformation_mode",
                      std::string(given == "align_corners" ? "half_pixel" : "align_corners"));
  return true;
}

// Structure.

// Reads an activation with two of its axes in the wrong order: a layout mistaken.
bool swapped_axes(Graph& graph, Node& node) {
  Value* x = node.input(0);
  const auto dims = dims_of(x);
  if (!dims || x->is_constant()) return false;
  const std::size_t rank = dims->size();
  for (std::size_t last = rank; last-- > 1;) {
    for (std::size_t first = 0; first < last; ++first) {
      if ((*dims)[first] < 2 || (*dims)[last] < 2) continue;
      Dims permutation(rank);
      for (std::size_t i = 0; i < rank; ++i) permutation[i] = static_cast<std::int64_t>(i);
      std::swap(permutation[first], permutation[last]);
      Value& moved = graph.add("Transpose", {x}, {{"perm", permutation}}, "spoilt", &node);
      Value& shape =
          graph.add_constant(graph.unique_name("spoilt/shape"), Tensor::vector_i64(*dims));
      graph.set_input(node, 0, &graph.add("Reshape", {&moved, &shape}, {}, "spoilt", &node));
      return true;
    }
  }
  return false;
}

// Puts another op in the node's place, under the names of its node and result.
bool exchange(Graph& graph, Node& node, std::string op, std::vector<Value*> inputs,
              ir::Attributes attributes = {}) {
  Value& old = *node.output(0);
  const std::string name = old.name();
  graph.rename(old, graph.unique_name(name + "/spoilt"));
  ir::NodeSpec spec;
  spec.op = std::move(op);
  spec.name = node.name();
  spec.inputs = std::move(inputs);
  spec.attributes = std::move(attributes);
  spec.outputs = {name};
  spec.origins = node.origins;
  Value& fresh = *graph.add(std::move(spec), &node).output(0);
  fresh.origin = old.origin;
  graph.replace_uses(old, fresh);
  graph.erase(node);
  return true;
}

bool left_out(Graph& graph, Node& node) {
  const auto x = dims_of(node.input(0)), y = dims_of(node.output(0));
  if (is_any(node, "Identity", "Dropout") || node.outputs().size() != 1 || !x || x != y)
    return false;
  if (node.input(0)->is_constant()) return false;
  return exchange(graph, node, "Identity", {node.input(0)});
}

bool another_operation(Graph& graph, Node& node) {
  constexpr auto pairs = std::to_array<std::pair<std::string_view, std::string_view>>(
      {{"Add", "Mul"},
       {"Mul", "Add"},
       {"Sub", "Add"},
       {"Div", "Mul"},
       {"Max", "Sum"},
       {"Sum", "Max"},
       {"Min", "Max"},
       {"Pow", "Mul"},
       {"ReduceSum", "ReduceMean"},
       {"ReduceMean", "ReduceSum"},
       {"Relu", "Abs"},
       {"Floor", "Ceil"},
       {"Ceil", "Floor"},
       {"Sigmoid", "Tanh"},
       {"Tanh", "Sigmoid"},
       {"GlobalAveragePool", "GlobalMaxPool"},
       {"GlobalMaxPool", "GlobalAveragePool"},
       {"Greater", "Less"},
       {"Less", "Greater"},
       {"Equal", "Less"}});
  const auto found = std::ranges::find(pairs, node.op_name(), &decltype(pairs)::value_type::first);
  if (found == pairs.end() || !node.domain().empty()) return false;
  return exchange(graph, node, std::string(found->second), node.inputs(), node.attributes());
}

bool swapped_inputs(Graph& graph, Node& node) {
  if (!is_any(node, "Concat", "Sub", "Div", "Pow", "Where") || node.inputs().size() < 2)
    return false;
  const std::size_t begin = is_any(node, "Where") ? 1 : 0;  // its first input chooses
  const std::size_t end = node.inputs().size() - 1;
  Value *first = node.input(begin), *last = node.input(end);
  if (first == last) return false;
  graph.set_input(node, begin, last);
  graph.set_input(node, end, first);
  return true;
}

constexpr auto faults = std::to_array<Fault>({
    {"wrong pad", wrong_pad},
    {"wrong dilation", wrong_dilation},
    {"wrong kernel", wrong_kernel},
    {"wrong stride", wrong_stride},
    {"transposed weights", transposed_weights},
    {"float16 slip", float16_slip},
    {"dropped bias", dropped_bias},
    {"wrong constant", wrong_constant},
    {"swapped statistics", swapped_statistics},
    {"wrong epsilon", wrong_epsilon},
    {"wrong coefficient", wrong_coefficient},
    {"wrong size", wrong_size},
    {"wrong axis", wrong_axis},
    {"wrong axes", wrong_axes_constant},
    {"flipped switch", flipped_switch},
    {"other coordinates", other_coordinates},
    {"wrong index", wrong_index},
    {"wrong window", wrong_window},
    {"wrong filling", wrong_filling},
    {"added up", added_up},
    {"swapped axes", swapped_axes},
    {"left out", left_out},
    {"another operation", another_operation},
    {"swapped inputs", swapped_inputs},
});

}  // namespace

std::span<const Fault> all_faults() { return faults; }

bool plant(ir::Graph& graph, std::size_t node, const Fault& fault) {
  graph.forget_declarations();
  Node& target = *std::next(graph.nodes().begin(), static_cast<std::ptrdiff_t>(node));
  try {
    if (!fault.plant(graph, target)) return false;
    graph.infer_all();
  } catch (const Error&) {
    return false;
  }
  graph.erase_unused_constants();
  return true;
}

}  // namespace ponte::sabotage
