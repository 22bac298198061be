// Perturbed runs against the scales they come from. LAB.md, Judging 1 to 3 and 6.
#include "verify/judge.h"

#include <gtest/gtest.h>

#include <cmath>

#include "verify/graphs.h"

namespace ponte::verify {
namespace {

double spread(const JudgedOutput& output, int runs) {
  double sum = 0;
  for (const double s : output.squares) sum += s;
  return std::sqrt(sum / runs / static_cast<double>(output.squares.size()));
}

// One product has the scale u |y| / sqrt 3, and so has the spread of its perturbed runs.
TEST(JudgeTest, TheSpreadOfOneNodeIsItsScale) {
  ir::Graph graph(ops::all_ops());
  ir::Value& a = graph.add_input("a", floats({4000}));
  ir::Value& b = graph.add_input("b", floats({4000}));
  graph.add_output(graph.add("Mul", {&a, &b}));
  Judge judge(graph, {});
  const Inputs inputs{{"a", tensor({4000}, normal_floats(4000, 1))},
                      {"b", tensor({4000}, normal_floats(4000, 2))}};
  const Judgement judgement = judge.run(inputs, 4, 1);
  const auto y = judgement.outputs[0].reference.array().to_f64();
  double expected = 0;
  for (const double v : y) expected += v * v * 0x1p-48 / 3;
  expected = std::sqrt(expected / 4000);
  EXPECT_NEAR(spread(judgement.outputs[0], 4) / expected, 1, 0.05);
  EXPECT_EQ(judgement.outputs[0].squares, judge.run(inputs, 4, 1).outputs[0].squares);
  EXPECT_NE(judgement.outputs[0].squares, judge.run(inputs, 4, 2).outputs[0].squares);
  Judge half(graph, {}, {.f32 = 0x1p-11});
  EXPECT_NEAR(spread(half.run(inputs, 4, 1).outputs[0], 4) / expected, 8192, 8192 * 0.05);
}

// Errors of independent nodes add as squares: (a b) c has two of them.
TEST(JudgeTest, SpreadsAreCarriedThroughTheGraph) {
  ir::Graph graph(ops::all_ops());
  ir::Value& a = graph.add_input("a", floats({4000}));
  ir::Value& b = graph.add_constant("b", constant({4000}, 7));
  ir::Value& product = graph.add("Mul", {&a, &b});
  graph.add_output(graph.add("Mul", {&product, &b}));
  Judge judge(graph, {});
  const Judgement judgement = judge.run({{"a", tensor({4000}, normal_floats(4000, 1))}}, 4, 1);
  double expected = 0;
  for (const double v : judgement.outputs[0].reference.array().to_f64())
    expected += 2 * v * v * 0x1p-48 / 3;
  EXPECT_NEAR(spread(judgement.outputs[0], 4) / std::sqrt(expected / 4000), 1, 0.05);
}

TEST(JudgeTest, ElementsAtAJumpAreUnstable) {
  ir::Graph graph(ops::all_ops());
  ir::Value& a = graph.add_input("a", floats({3}));
  ir::Value& third = graph.add_constant("third", ir::Tensor::scalar_f32(1.0F / 3));
  ir::Value& three = graph.add_constant("three", ir::Tensor::scalar_f32(3));
  ir::Value& scaled = graph.add("Mul", {&a, &third});
  ir::Value& whole = graph.add("Mul", {&scaled, &three});
  graph.add_output(graph.add("Cast", {&graph.add("Floor", {&whole})}, {{"to", std::int64_t{7}}}));
  Judge judge(graph, {});
  const Judgement judgement = judge.run({{"a", tensor({3}, {2, 2.5, 6})}}, 4, 1);
  EXPECT_EQ(judgement.outputs[0].unstable, (std::vector<bool>{true, false, true}));
}

TEST(JudgeTest, InfiniteElementsStayWhatTheyAre) {
  ir::Graph graph(ops::all_ops());
  ir::Value& x = graph.add_input("x", floats({100}));
  ir::Value& zero = graph.add_constant("zero", ir::Tensor::scalar_f32(0));
  graph.add_output(graph.add("Sigmoid", {&graph.add("Div", {&x, &zero})}));
  Judge judge(graph, {});
  const auto judgement = judge.run({{"x", tensor({100}, std::vector<double>(100, 2))}}, 4, 1);
  EXPECT_EQ(judgement.outputs[0].unstable, std::vector<bool>(100, false));
}

TEST(JudgeTest, ASequenceIsARowOfNumbers) {
  ir::Graph graph(ops::all_ops());
  ir::Value& x = graph.add_input("x", floats({200}));
  ir::Value& square = graph.add("Mul", {&x, &x});
  graph.add_output(graph.add("SequenceConstruct", {&square, &x}));
  Judge judge(graph, {});
  const std::vector<double> given = normal_floats(200, 1);
  const Judgement judgement = judge.run({{"x", tensor({200}, given)}}, 4, 1);
  const JudgedOutput& output = judgement.outputs[0];
  ASSERT_TRUE(output.is_number);
  EXPECT_EQ(output.reference.array().shape(), (ops::Dims{400}));
  EXPECT_EQ(output.reference.array().to_f64()[1], given[1] * given[1]);
  EXPECT_GT(output.squares[1], 0);
  EXPECT_EQ(output.squares[201], 0) << "an input is exact";
  const auto sequence = [](std::vector<ops::Datum> items) {
    return ops::Datum{
        ops::Sequence{{}, std::make_shared<const std::vector<ops::Datum>>(std::move(items))}};
  };
  const auto halves = [&](std::int64_t first, std::int64_t second) {
    return output.in_reference_form(
        sequence({tensor({first}, std::vector<double>(static_cast<std::size_t>(first), 2)),
                  tensor({second}, std::vector<double>(static_cast<std::size_t>(second), 2))}));
  };
  EXPECT_EQ(halves(200, 200).array().to_f64(), std::vector<double>(400, 2));
  EXPECT_FALSE(std::holds_alternative<ops::Array>(halves(150, 250).held)) << "other lengths";
}

TEST(JudgeTest, AnOptionalIsWhatItHolds) {
  ir::Graph graph(ops::all_ops());
  ir::Value& x = graph.add_input("x", floats({3}));
  graph.add_output(graph.add("Optional", {&x}));
  Judge judge(graph, {});
  const Judgement judgement = judge.run({{"x", tensor({3}, {1, 2, 3})}}, 1, 1);
  EXPECT_EQ(judgement.outputs[0].in_reference_form(tensor({3}, {4, 5, 6})).array().to_f64(),
            (std::vector<double>{4, 5, 6}));
}

TEST(JudgeTest, WhatACastLeavesUndefinedIsUnstable) {
  ir::Graph graph(ops::all_ops());
  ir::Value& x = graph.add_input("x", floats({5}));
  const auto to_uint8 = static_cast<std::int64_t>(ir::DType::Uint8);
  ir::Value& cast = graph.add("Cast", {&x}, {{"to", to_uint8}}, "cast");
  graph.add_output(cast);
  graph.add_output(graph.add("Cast", {&cast}, {{"to", std::int64_t{1}}}, "back"));
  Judge judge(graph, {});
  const auto judgement = judge.run({{"x", tensor({5}, {7.5, 300, -2, NAN, 255.5})}}, 4, 1);
  const std::vector<bool> undefined{false, true, true, true, false};
  EXPECT_EQ(judgement.outputs[0].unstable, undefined);
  EXPECT_EQ(judgement.outputs[0].lowest[1], 0);
  EXPECT_EQ(judgement.outputs[0].highest[1], 255);
  EXPECT_EQ(judgement.outputs[1].unstable, undefined);
}

TEST(JudgeTest, ANarrowDtypeOverflowsAsItWould) {
  ir::Graph graph(ops::all_ops());
  ir::Value& a = graph.add_input("a", ir::Type::tensor(ir::DType::Float16, ir::Shape{ir::Dim(2)}));
  graph.add_output(graph.add("Mul", {&a, &a}, {}, "square"));
  Judge judge(graph, {});
  const ops::Datum x{ops::Array(ir::DType::Float16, {2}, std::vector<double>{300, 2})};
  const Judgement judgement = judge.run({{"a", x}}, 4, 1);
  EXPECT_TRUE(std::isinf(judgement.outputs[0].reference.array().to_f64()[0]));
  ASSERT_EQ(judgement.overflows.size(), 1U);
  EXPECT_EQ(judgement.overflows[0].elements, 1);
}

// More nodes than their scales are kept for: the others' are computed again, to the same noise.
TEST(JudgeTest, ScalesThatAreNotKeptAreComputedAgain) {
  const auto graph = small_graph();
  const Inputs inputs = small_inputs(1);
  evaluate::Options little;
  Judge all(*graph, {});
  little.memory_bytes = 40'000;
  const std::vector<double> expected = all.run(inputs, 4, 1).outputs[0].squares;
  EXPECT_EQ(Judge(*graph, little).run(inputs, 4, 1).outputs[0].squares, expected);
}

// A constant that a program computed has a rounding of its own: of 3 among (3, 4), of 4 likewise.
TEST(JudgeTest, ComputedConstantsAreRoundedToo) {
  ir::Graph graph(ops::all_ops());
  ir::Value& a = graph.add_input("a", floats({2}));
  ir::Value& b = graph.add_constant("b", ir::Tensor::f32({2}, std::vector<float>{3, 4}));
  graph.add_output(graph.add("Max", {&a, &b}, {}, "largest"));
  const Inputs inputs{{"a", tensor({2}, {-9, -9})}};
  Judge fixed(graph, {}), computed(graph, {}, {}, {&b});
  constexpr int many = 4000;
  EXPECT_EQ(spread(fixed.run(inputs, 4, 1).outputs[0], 4), 0);
  const Judgement judgement = computed.run(inputs, many, 1);
  const double mean_square = 12.5;
  EXPECT_NEAR(std::sqrt(judgement.outputs[0].squares[0] / many) * 0x1p24,
              std::sqrt((9 + mean_square) / 3), 0.1);
  EXPECT_EQ(judgement.outputs[0].reference.array().to_f64(), (std::vector<double>{3, 4}));
  EXPECT_EQ(computed.run(inputs, 0, 1).outputs[0].reference.array().to_f64(),
            (std::vector<double>{3, 4}));
}

TEST(JudgeTest, WhatAReaderComputedIsRoundedToo) {
  ir::Graph graph(ops::all_ops());
  ir::Value& a = graph.add_input("a", floats({2}));
  ir::Value& b = graph.add_constant("b", ir::Tensor::f32({2}, std::vector<float>{3, 4}));
  graph.add_output(graph.add("Max", {&a, &b}, {}, "largest"));
  const Inputs inputs{{"a", tensor({2}, {-9, -9})}};
  b.is_computed = true;
  EXPECT_EQ(Judge(graph, {}).run(inputs, 4, 1).outputs[0].squares,
            Judge(graph, {}, {}, {&b}).run(inputs, 4, 1).outputs[0].squares);
  EXPECT_GT(Judge(graph, {}).run(inputs, 4, 1).outputs[0].squares[0], 0);
}

// The same noise however many threads add it.
TEST(JudgeTest, NoiseDoesNotDependOnThreads) {
  const auto graph = small_graph();
  evaluate::Options three;
  three.threads = 3;
  Judge alone(*graph, {}), shared(*graph, three);
  EXPECT_EQ(alone.run(small_inputs(1), 4, 1).outputs[0].squares,
            shared.run(small_inputs(1), 4, 1).outputs[0].squares);
}

}  // namespace
}  // namespace ponte::verify
