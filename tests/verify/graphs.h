// Small graphs and values for the tests of verification.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "ops/all_ops.h"
#include "verify/judge.h"

namespace ponte::verify {

inline ir::Type floats(const std::vector<std::int64_t>& shape) {
  return ir::Type::tensor(ir::DType::Float32, ir::to_shape(shape));
}

inline std::vector<double> normal_floats(std::size_t count, std::uint64_t seed) {
  Random random(seed);
  std::vector<double> values(count);
  for (double& value : values) value = static_cast<double>(static_cast<float>(random.normal()));
  return values;
}

inline ops::Datum tensor(const ops::Dims& shape, std::vector<double> values) {
  return {ops::Array(ir::DType::Float32, shape, std::move(values))};
}

inline ir::Tensor constant(const ops::Dims& shape, std::uint64_t seed) {
  const auto wide = normal_floats(static_cast<std::size_t>(ops::count_of(shape)), seed);
  return ir::Tensor::f32(shape, std::vector<float>(wide.begin(), wide.end()));
}

// x: f32[1,3,8,9] -> Conv -> Relu -> MatMul, with a name for each node and value.
inline std::unique_ptr<ir::Graph> small_graph() {
  auto graph = std::make_unique<ir::Graph>(ops::all_ops());
  const auto add = [&](std::string op, std::vector<ir::Value*> inputs, const std::string& name) {
    ir::NodeSpec spec;
    spec.op = std::move(op);
    spec.name = name + "_node";
    spec.inputs = std::move(inputs);
    spec.outputs = {name};
    spec.origins = {{name + "_layer", "Layer"}};
    return graph->add(std::move(spec)).output(0);
  };
  ir::Value& x = graph->add_input("x", floats({1, 3, 8, 9}));
  ir::Value& w = graph->add_constant("w", constant({5, 3, 3, 3}, 1));
  ir::Value& b = graph->add_constant("b", constant({5}, 2));
  ir::Value& m = graph->add_constant("m", constant({7, 4}, 3));
  ir::Value* conv = add("Conv", {&x, &w, &b}, "conv");
  ir::Value* relu = add("Relu", {conv}, "relu");
  graph->add_output(*add("MatMul", {relu, &m}, "product"));
  return graph;
}

// The small graph's Conv without its bias, under the same names.
inline ir::Value& drop_bias(ir::Graph& graph) {
  ir::Node& conv = *graph.find("conv")->producer();
  ir::Value& without_bias =
      graph.add("Conv", {graph.find("x"), graph.find("w")}, {}, "bare", &conv);
  graph.replace_uses(*graph.find("conv"), without_bias);
  graph.erase(conv);
  graph.rename(without_bias, "conv");
  return without_bias;
}

inline Inputs small_inputs(std::uint64_t seed) {
  return {{"x", tensor({1, 3, 8, 9}, normal_floats(216, seed))}};
}

}  // namespace ponte::verify
