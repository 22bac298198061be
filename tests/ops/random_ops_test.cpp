// RandomNormal, RandomUniform, their Like forms, and Dropout while training: what is drawn, and by
// which seed.
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "evaluate/evaluator.h"
#include "ops/all_ops.h"

namespace ponte::ops {
namespace {

using ir::DType;
using ir::Type;

std::vector<double> draw(const std::string& op, ir::Attributes attributes, std::uint64_t run_seed,
                         const std::string& name = "y") {
  ir::Graph graph(all_ops());
  ir::NodeSpec spec;
  spec.op = op;
  spec.attributes = std::move(attributes);
  spec.outputs = {name};
  if (op.ends_with("Like"))
    spec.inputs = {&graph.add_constant("like", ir::Tensor::f32({2, 3}, std::vector<float>(6)))};
  graph.add_output(*graph.add(std::move(spec)).output(0));
  evaluate::Evaluator evaluator(graph, {.arithmetic = Arithmetic::Exact, .seed = run_seed});
  return evaluator.run({}).outputs[0].array().to_f64();
}

const std::vector<std::int64_t> many{100, 200};

double mean_of(const std::vector<double>& numbers) {
  return std::accumulate(numbers.begin(), numbers.end(), 0.0) / static_cast<double>(numbers.size());
}

double deviation_of(const std::vector<double>& numbers) {
  const double mean = mean_of(numbers);
  double sum = 0;
  for (const double x : numbers) sum += (x - mean) * (x - mean);
  return std::sqrt(sum / static_cast<double>(numbers.size() - 1));
}

TEST(RandomOps, Normal_numbers_have_the_mean_and_deviation_asked_for) {
  const auto numbers = draw("RandomNormal", {{"shape", many}, {"mean", 5.0F}, {"scale", 2.0F}}, 1);
  EXPECT_NEAR(mean_of(numbers), 5, 5 * 2 / std::sqrt(20000.0));
  EXPECT_NEAR(deviation_of(numbers), 2, 5 * 2 / std::sqrt(2 * 20000.0));
}

TEST(RandomOps, Uniform_numbers_fill_their_range) {
  const auto numbers = draw("RandomUniform", {{"shape", many}, {"low", -3.0F}, {"high", 1.0F}}, 1);
  EXPECT_NEAR(mean_of(numbers), -1, 5 * 4 / std::sqrt(12 * 20000.0));
  EXPECT_GE(*std::min_element(numbers.begin(), numbers.end()), -3);
  EXPECT_LE(*std::max_element(numbers.begin(), numbers.end()), 1);
}

TEST(RandomOps, The_seed_of_the_run_and_the_name_decide) {
  const ir::Attributes attributes{{"shape", std::vector<std::int64_t>{7}}};
  EXPECT_EQ(draw("RandomNormal", attributes, 1), draw("RandomNormal", attributes, 1));
  EXPECT_NE(draw("RandomNormal", attributes, 1), draw("RandomNormal", attributes, 2));
  EXPECT_NE(draw("RandomNormal", attributes, 1), draw("RandomNormal", attributes, 1, "z"));
}

TEST(RandomOps, An_ops_own_seed_overrides_that_of_the_run) {
  const ir::Attributes attributes{{"shape", std::vector<std::int64_t>{7}}, {"seed", 1.5F}};
  EXPECT_EQ(draw("RandomUniform", attributes, 1), draw("RandomUniform", attributes, 2, "z"));
  const ir::Attributes other{{"shape", std::vector<std::int64_t>{7}}, {"seed", 2.5F}};
  EXPECT_NE(draw("RandomUniform", attributes, 1), draw("RandomUniform", other, 1));
}

TEST(RandomOps, Like_forms_take_the_shape_of_their_input) {
  EXPECT_EQ(draw("RandomNormalLike", {}, 1).size(), 6);
  EXPECT_EQ(draw("RandomUniformLike", {}, 1).size(), 6);
}

TEST(Dropout, While_training_drops_the_share_asked_for_and_scales_the_rest) {
  ir::Graph graph(all_ops());
  ir::NodeSpec spec;
  spec.op = "Dropout";
  spec.attributes = {{"seed", std::int64_t{3}}};
  spec.inputs = {&graph.add_input("x", Type::tensor(DType::Float32, {20000})),
                 &graph.add_constant("ratio", ir::Tensor::scalar_f32(0.25F)),
                 &graph.add_input("training", Type::tensor(DType::Bool, {}))};
  spec.outputs = {"y", "mask"};
  ir::Node& node = graph.add(std::move(spec));
  for (ir::Value* output : node.outputs()) graph.add_output(*output);
  evaluate::Evaluator evaluator(graph, {.arithmetic = Arithmetic::Exact});
  const auto outputs =
      evaluator
          .run({{"x", Datum{Array(DType::Float32, {20000}, std::vector<float>(20000, 3.0F))}},
                {"training", Datum{Array(DType::Bool, {}, std::vector<Bool>{Bool::True})}}})
          .outputs;
  const auto values = outputs[0].array().as<float>();
  const auto mask = outputs[1].array().as<Bool>();
  int kept = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    EXPECT_EQ(values[i], mask[i] == Bool::True ? 4.0F : 0.0F);
    kept += mask[i] == Bool::True ? 1 : 0;
  }
  EXPECT_NEAR(kept, 15000, 5 * std::sqrt(20000 * 0.25 * 0.75));
}

TEST(Constant, Sparse_values_become_dense) {
  for (const bool linear : {true, false}) {
    ir::Graph graph(all_ops());
    const std::vector<std::int64_t> positions =
        linear ? std::vector<std::int64_t>{1, 5} : std::vector<std::int64_t>{0, 1, 1, 2};
    const std::vector<std::int64_t> shape =
        linear ? std::vector<std::int64_t>{2} : std::vector<std::int64_t>{2, 2};
    const ir::SparseTensor sparse{
        {2, 3}, ir::Tensor::f32({2}, std::vector<float>{7, 9}), ir::Tensor::i64(shape, positions)};
    ir::NodeSpec spec;
    spec.op = "Constant";
    spec.attributes = {{"sparse_value", sparse}};
    spec.outputs = {"y"};
    const ir::Node& node = graph.add(std::move(spec));
    EXPECT_EQ(ir::to_string(node.output(0)->type()), "f32[2,3]");
    graph.add_output(*node.output(0));
    evaluate::Evaluator evaluator(graph, {.arithmetic = Arithmetic::Exact});
    EXPECT_EQ(evaluator.run({}).outputs[0].array().to_f64(),
              (std::vector<double>{0, 7, 0, 0, 0, 9}));
  }
}

}  // namespace
}  // namespace ponte::ops
