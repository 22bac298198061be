#include "evaluate/evaluator.h"

#include <gmock/gmock.h>

#include <thread>

#include "base/expect_error.h"
#include "ir/text.h"
#include "ops/all_ops.h"

namespace ponte::evaluate {
namespace {

using test::error_of;
using test::expect_error;
using testing::ElementsAre;

std::unique_ptr<ir::Graph> graph_of(std::string_view text) {
  return ir::parse_graph(text, ops::all_ops());
}

Datum f32(ops::Dims shape, std::vector<float> values) {
  return {Array(ir::DType::Float32, std::move(shape), std::move(values))};
}

Datum truth(bool value) {
  return {Array(ir::DType::Bool, {}, std::vector{value ? ops::Bool::True : ops::Bool::False})};
}

Result run(std::string_view text, const std::map<std::string, Datum>& inputs,
           Options options = {}) {
  options.arithmetic = Arithmetic::Exact;
  const auto graph = graph_of(text);
  return Evaluator(*graph, options).run(inputs);
}

constexpr std::string_view twice =
    "input x: f32[n]\ny = Add(x, x)\nz = Mul(y, x)\noutput z\noutput x\n";

TEST(Evaluator, Gives_the_outputs_in_their_order) {
  const Result result = run(twice, {{"x", f32({2}, {3, -1})}});
  EXPECT_THAT(result.outputs[0].array().to_f64(), ElementsAre(18, 2));
  EXPECT_THAT(result.outputs[1].array().to_f64(), ElementsAre(3, -1));
}

TEST(Evaluator, Can_be_run_again_with_other_inputs) {
  const auto graph = graph_of(twice);
  Evaluator evaluator(*graph, {.arithmetic = Arithmetic::Exact});
  for (const float x : {1.0F, 2.0F, 3.0F}) {
    const Result result = evaluator.run({{"x", f32({1}, {x})}});
    EXPECT_THAT(result.outputs[0].array().to_f64(), ElementsAre(2 * x * x));
  }
}

TEST(Evaluator, A_branch_that_does_not_fit_is_an_error_only_where_it_is_taken) {
  constexpr std::string_view text = R"(const axes: i64[1] = [0]
input c: bool[]
input x: f32[2]
z = If(c) {then_branch = graph {
  y = Squeeze(x, axes) as squeezed
  output y
}, else_branch = graph {
  y = Neg(x)
  output y
}}
output z
)";
  const Datum x = f32({2}, {1, 2});
  EXPECT_THAT(run(text, {{"c", truth(false)}, {"x", x}}).outputs[0].array().to_f64(),
              ElementsAre(-1, -2));
  const auto error = error_of([&] { run(text, {{"c", truth(true)}, {"x", x}}); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), Code::ShapeMismatch);
  EXPECT_EQ(error->where().node, "squeezed");
}

TEST(Evaluator, Inputs_with_a_default_may_be_left_out) {
  constexpr std::string_view text = "input x: f32[1] default f32[1] [5]\ny = Neg(x)\noutput y\n";
  EXPECT_THAT(run(text, {}).outputs[0].array().to_f64(), ElementsAre(-5));
  EXPECT_THAT(run(text, {{"x", f32({1}, {2})}}).outputs[0].array().to_f64(), ElementsAre(-2));
}

TEST(Evaluator, Inputs_that_are_missing_or_of_another_type_are_refused) {
  constexpr std::string_view text = "input x: f32[2,n]\ny = Neg(x)\noutput y\n";
  expect_error(Code::MissingModelInput, [&] { run(text, {}); });
  expect_error(Code::InvalidInputType, [&] { run(text, {{"x", truth(true)}}); });
  expect_error(Code::InvalidInputType, [&] { run(text, {{"x", f32({2}, {1, 2})}}); });
  expect_error(Code::InvalidInputType, [&] { run(text, {{"x", f32({1, 1}, {1})}}); });
}

TEST(Evaluator, An_If_runs_the_branch_that_its_condition_chooses) {
  constexpr std::string_view text = R"(input c: bool[]
input x: f32[2]
y = If(c) {then_branch = graph {
  n = Neg(x)
  output n
}, else_branch = graph {
  output x
}}
output y
)";
  const Datum x = f32({2}, {1, -2});
  EXPECT_THAT(run(text, {{"c", truth(true)}, {"x", x}}).outputs[0].array().to_f64(),
              ElementsAre(-1, 2));
  EXPECT_THAT(run(text, {{"c", truth(false)}, {"x", x}}).outputs[0].array().to_f64(),
              ElementsAre(1, -2));
}

TEST(Evaluator, Ops_without_a_meaning_are_refused_with_their_node) {
  const auto error = error_of([] { run("y = com.example::Op() as it\noutput y\n", {}); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), Code::NotEvaluable);
  EXPECT_EQ(error->where().node, "it");
}

TEST(Evaluator, Memory_is_on_a_budget_and_given_back_after_the_last_use) {
  std::string text = "input x: f32[1000]\ny0 = Neg(x)\n";
  for (int i = 0; i < 20; ++i)
    text += "y" + std::to_string(i + 1) + " = Add(y" + std::to_string(i) + ", x)\n";
  text += "output y20\n";
  const std::map<std::string, Datum> inputs{{"x", f32({1000}, std::vector<float>(1000, 1))}};
  EXPECT_LE(run(text, inputs).peak_bytes, 5 * 4000);
  expect_error(Code::BudgetExceeded, [&] { run(text, inputs, {.memory_bytes = 3000}); });
}

TEST(Evaluator, Steps_are_on_a_budget) {
  const std::map<std::string, Datum> inputs{{"x", f32({1000}, std::vector<float>(1000, 1))}};
  expect_error(Code::BudgetExceeded, [&] { run(twice, inputs, {.steps = 100}); });
}

TEST(Evaluator, An_endless_Loop_ends_when_somebody_stops_it) {
  constexpr std::string_view text = R"(input x: f32[2]
y = Loop(_, _, x) {body = graph {
  input i
  input c
  input v
  w = Neg(v)
  output c
  output w
}}
output y
)";
  std::stop_source stop;
  std::jthread user([&] { stop.request_stop(); });
  expect_error(Code::Interrupted, [&] {
    run(text, {{"x", f32({2}, {1, 2})}}, {.stop = stop.get_token()});
  });
}

TEST(Evaluator, An_observer_sees_each_node_and_may_change_what_it_gives) {
  const auto graph = graph_of("input x: f32[1]\ny = Neg(x) as a\nz = Neg(y) as b\noutput z\n");
  Evaluator evaluator(*graph, {});
  std::vector<std::string> seen;
  const Result result = evaluator.run(
      {{"x", f32({1}, {1})}},
      [&](const ir::Node& node, const std::vector<Datum>&, std::vector<Datum>& outputs) {
        seen.push_back(node.name());
        if (node.name() == "a")
          outputs[0] = {Array(ir::DType::Float32, {1}, std::vector<double>{8})};
      });
  EXPECT_THAT(seen, ElementsAre("a", "b"));
  EXPECT_THAT(result.outputs[0].array().to_f64(), ElementsAre(-8));
}

}  // namespace
}  // namespace ponte::evaluate
