// The local test on values with planted errors of known size. LAB.md, Judging 5 to 7.
#include "verify/local_test.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

#include "verify/culprit.h"
#include "verify/graphs.h"

namespace ponte::verify {
namespace {

using testing::ElementsAre;
using Known = std::unordered_map<const ir::Value*, ops::Datum>;

class LocalTest : public testing::Test {
 protected:
  // What a subject without any error shows.
  Known exact() {
    const Inputs inputs = small_inputs(5);
    const auto values = judge_.all_values(inputs);
    Known known{{graph_->inputs()[0], inputs.at("x")}};
    for (const ir::Node& node : graph_->nodes())
      known.emplace(node.output(0), values.at(node.output(0)->name()));
    return known;
  }

  const ir::Value* value(const std::string& name) { return graph_->find(name); }

  // Sigma of each element of one node's result.
  std::vector<double> sigma(const std::string& name, const Known& known) {
    const ir::Node& node = *value(name)->producer();
    std::vector<ops::Datum> inputs;
    for (const ir::Value* input : node.inputs()) {
      inputs.push_back(known.contains(input)
                           ? known.at(input)
                           : ops::Datum{ops::load(*input->tensor(), ops::Arithmetic::Judge)});
    }
    return error_scale(node, inputs, {known.at(value(name))}, {}, judge_.evaluator().services())
        .at(0);
  }

  // The named value with an error of `sigmas` times its scale on the elements from `begin` on.
  void spoil(Known& known, const std::string& name, double sigmas, std::size_t begin = 0) {
    const std::vector<double> scale = sigma(name, known);
    ops::Array array = known.at(value(name)).array();
    const auto elements = array.mutable_as<double>();
    for (std::size_t i = begin; i < elements.size(); ++i)
      elements[i] += (i % 2 == 0 ? sigmas : -sigmas) * scale[i];
    known[value(name)] = ops::Datum{array};
  }

  std::vector<std::string> failing(const Known& known) {
    std::vector<std::string> names;
    for (const LocalError& error : local_errors(*graph_, judge_, known, 1)) {
      if (error.fails) names.push_back(error.value);
    }
    return names;
  }

  std::unique_ptr<ir::Graph> graph_ = small_graph();
  Judge judge_{*graph_, {}};
};

TEST_F(LocalTest, ExactValuesFollowFromEachOther) {
  const auto errors = local_errors(*graph_, judge_, exact(), 1);
  ASSERT_EQ(errors.size(), 3U);
  for (const LocalError& error : errors) {
    EXPECT_FALSE(error.fails);
    EXPECT_EQ(error.error, 0);
    EXPECT_EQ(error.bits, exact_bits);
    EXPECT_THAT(error.region, ElementsAre(error.node));
  }
}

// Square roots of negative numbers, and one over infinity.
TEST(LocalTestOfPatterns, WhatIsNanOrInfiniteOnBothSidesIsNoError) {
  ir::Graph graph(ops::all_ops());
  ir::Value& x = graph.add_input("x", floats({4}));
  graph.add_output(graph.add("Sqrt", {&x}, {}, "root"));
  ir::Value& one = graph.add_constant("one", ir::Tensor::scalar_f32(1));
  graph.add_output(graph.add("Div", {&one, &x}, {}, "inverse"));
  Judge judge(graph, {});
  const Inputs inputs{{"x", tensor({4}, {-1, 4, 0, INFINITY})}};
  auto values = judge.all_values(inputs);
  const auto fails = [&] {
    const Known known{{graph.find("x"), inputs.at("x")},
                      {graph.find("root"), values.at("root")},
                      {graph.find("inverse"), values.at("inverse")}};
    const auto errors = local_errors(graph, judge, known, 1);
    return std::ranges::any_of(errors, &LocalError::fails);
  };
  EXPECT_FALSE(fails());
  values["inverse"] = tensor({4}, {-1, 0.25, INFINITY, 1e-3});
  EXPECT_TRUE(fails()) << "one over infinity is exactly zero";
  values["inverse"] = tensor({4}, {-1, 0.25, NAN, 0});
  EXPECT_TRUE(fails());
}

TEST_F(LocalTest, SixteenScalesAreTheLimitOfANode) {
  Known known = exact();
  spoil(known, "product", 15.9);
  EXPECT_THAT(failing(known), ElementsAre());
  known = exact();
  spoil(known, "product", 16.1);
  EXPECT_THAT(failing(known), ElementsAre("product"));
  const LocalError error = local_errors(*graph_, judge_, known, 1).back();
  EXPECT_NEAR(error.error / error.bound, 16.1 / 16, 1e-6);
}

// Behind it the subject's own values are the inputs, so that the first culprit is the only one. The
// rectifier copies: it must be exact.
TEST_F(LocalTest, OnlyTheNodeThatIsWrongFails) {
  Known known = exact();
  spoil(known, "conv", 40);
  EXPECT_THAT(failing(known), ElementsAre("conv", "relu"));
  ops::Array relu = known.at(value("conv")).array();
  for (double& v : relu.mutable_as<double>()) v = std::max(v, 0.0);
  known[value("relu")] = ops::Datum{relu};
  EXPECT_THAT(failing(known), ElementsAre("conv", "product"));
}

TEST_F(LocalTest, OneWrongChannelOfManyIsFound) {
  Known known = exact();
  spoil(known, "conv", 20, 4 * 42);  // the last of five channels: RMS over all is 20 / sqrt(5) = 9
  EXPECT_THAT(failing(known), testing::Contains("conv"));
}

TEST_F(LocalTest, ValuesThatAreNotShownMakeARegion) {
  Known known = exact();
  Known wrong = known;
  spoil(known, "product", 10);
  spoil(wrong, "product", 400);
  for (Known* each : {&known, &wrong}) {
    each->erase(value("conv"));
    each->erase(value("relu"));
  }
  const auto errors = local_errors(*graph_, judge_, known, 1);
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_EQ(errors[0].region.size(), 3U);
  EXPECT_EQ(errors[0].node->name(), "product_node");
  EXPECT_FALSE(errors[0].fails);
  EXPECT_TRUE(local_errors(*graph_, judge_, wrong, 1)[0].fails);
}

// A source computes for itself what its reader computed, with roundings of its own.
TEST(LocalTestOfConstants, WhatAReaderComputedMayBeRoundedOtherwise) {
  ir::Graph graph(ops::all_ops());
  std::vector<float> numbers;
  for (int i = 0; i < 200; ++i) numbers.push_back(static_cast<float>(i % 13) / 13);
  ir::Value& boxes = graph.add_constant("boxes", ir::Tensor::f32({200}, numbers));
  ir::Value& y = graph.add("Identity", {&boxes}, {}, "y");
  graph.add_output(y);
  const auto fails = [&](double relative) {
    std::vector<double> values(numbers.begin(), numbers.end());
    for (std::size_t i = 0; i < values.size(); i += 3) values[i] *= 1 + relative;
    Judge judge(graph, {});
    return local_errors(graph, judge, {{&y, tensor({200}, values)}}, 1).at(0).fails;
  };
  EXPECT_TRUE(fails(0x1p-23));
  boxes.is_computed = true;
  EXPECT_FALSE(fails(0x1p-23));
  EXPECT_TRUE(fails(1e-4));
}

TEST_F(LocalTest, BitsSayWhichPrecisionANodeHad) {
  Known known = exact();
  const auto rounded = [&](double u) {
    ops::Array array = exact().at(value("product")).array();
    Random random(3);
    for (double& v : array.mutable_as<double>()) v *= 1 + u / std::sqrt(3.0) * random.normal();
    known[value("product")] = ops::Datum{array};
    return precision_of(local_errors(*graph_, judge_, known, 1).back().bits);
  };
  EXPECT_EQ(rounded(0x1p-24), "f32");
  EXPECT_EQ(rounded(0x1p-11), "f16 or tf32");
  EXPECT_EQ(rounded(0x1p-8), "bf16 or int8");
  EXPECT_EQ(rounded(0x1p-53), "f64");
}

// ArgMax of two equal numbers may fall on either; of two that differ it may not.
// Eight of sixteen elements are halves before they are rounded; another one is wrong.
TEST(LocalTestOfJumps, AFaultBesideOneIsSeenWhereWhatJumpsIsLeftOut) {
  ir::Graph graph(ops::all_ops());
  ir::Value& x = graph.add_input("x", floats({16}));
  ir::Value& k = graph.add_constant("k", ir::Tensor::f32({}, std::vector<float>{3}));
  ir::Value& scaled = graph.add("Mul", {&x, &k}, {}, "scaled");
  ir::Value& whole = graph.add("Round", {&scaled}, {}, "whole");
  graph.add_output(whole);
  Judge judge(graph, {});
  std::vector<double> values(16, 1);
  std::fill_n(values.begin(), 8, 0.5);
  const ops::Datum given = tensor({16}, values);
  ops::Array answer = judge.all_values({{"x", given}}).at("whole").array();
  const auto fails = [&](Jumps jumps) {
    const Known known{{&x, given}, {&whole, ops::Datum{answer}}};
    return local_errors(graph, judge, known, 1, jumps).at(0).fails;
  };
  EXPECT_FALSE(fails(Jumps::LeftOut));
  answer.mutable_as<double>()[9] += 2;
  EXPECT_FALSE(fails(Jumps::Pooled));
  EXPECT_TRUE(fails(Jumps::LeftOut));
}

TEST(LocalTestOfJumps, OnlyAMarginExplainsAnotherInteger) {
  ir::Graph graph(ops::all_ops());
  ir::Value& x = graph.add_input("x", floats({2, 3}));
  ir::Value& y =
      graph.add("ArgMax", {&x}, {{"axis", std::int64_t{1}}, {"keepdims", std::int64_t{0}}});
  graph.add_output(y);
  Judge judge(graph, {});
  const auto fails = [&](double second, std::int64_t answer) {
    const Known known{
        {&x, tensor({2, 3}, {1, second, 0, 0, 0, 5})},
        {&y, {ops::Array(ir::DType::Int64, {2}, std::vector<std::int64_t>{answer, 2})}}};
    return local_errors(graph, judge, known, 1).at(0).fails;
  };
  EXPECT_FALSE(fails(1, 0));
  EXPECT_FALSE(fails(1, 1));
  EXPECT_FALSE(fails(0.9, 0));
  EXPECT_TRUE(fails(0.9, 1));
  EXPECT_TRUE(fails(1, 2));
}

}  // namespace
}  // namespace ponte::verify
