#include "ir/checker.h"

#include <gmock/gmock.h>

#include "base/expect_error.h"
#include "ir/text.h"
#include "ops/all_ops.h"

namespace ponte::ir {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

std::unique_ptr<Graph> graph_of(std::string_view text) { return parse_graph(text, ops::all_ops()); }

// Code and message of every violation.
std::vector<std::string> problems_of(const Graph& graph,
                                     Placeholders placeholders = Placeholders::Refused) {
  Diagnostics problems;
  check(graph, problems, placeholders);
  std::vector<std::string> texts;
  for (const Diagnostic& entry : problems.entries())
    texts.push_back(to_string(entry.code) + " " + entry.where.node + ": " + entry.message);
  return texts;
}

constexpr std::string_view sound = R"(
input c: bool[]
input x: f32[2]
const w: f32[2] = [1, 2]
h: f32[2] = Add(x, w) as first
r: f32[2] = Mul(x, h) as second
y = If(c) {else_branch = graph {
  n = Neg(h) as inner
  output n
}, then_branch = graph {
  output h
}} as choice
output y
output r
)";

TEST(Checker, Accepts_a_sound_graph) { EXPECT_THAT(problems_of(*graph_of(sound)), IsEmpty()); }

TEST(Checker, Nodes_stand_in_topological_order_I2) {
  const auto graph = graph_of(sound);
  Node& first = graph->nodes().front();
  graph->set_input(first, 1, graph->find("r"));
  const auto problems = problems_of(*graph);
  ASSERT_EQ(problems.size(), 2);
  EXPECT_EQ(problems[0], "PT3004 first: `r`, an input, is not defined before it is used");
}

TEST(Checker, Subgraphs_take_only_what_is_defined_before_their_node_I2) {
  const auto graph = graph_of(std::string(sound) + "late = Abs(r)\n");
  Graph& branch = *graph->find("y")->producer()->subgraph("else_branch");
  branch.set_input(branch.nodes().front(), 0, graph->find("late"));
  EXPECT_THAT(
      problems_of(*graph),
      testing::Contains("PT3004 inner: `late`, an input, is not defined before it is used"));
}

TEST(Checker, Nothing_outside_takes_a_value_of_a_subgraph_I2) {
  const auto graph = graph_of(sound);
  Value* inner = graph->find("y")->producer()->subgraph("else_branch")->find("n");
  graph->set_output(1, *inner);
  EXPECT_THAT(problems_of(*graph), testing::Contains(HasSubstr("`n`, an output of the graph")));
}

TEST(Checker, Types_do_not_contradict_inference_I5) {
  const auto graph = graph_of(sound);
  graph->set_type(*graph->find("x"), Type::tensor(DType::Float32, {3}));
  const auto problems = problems_of(*graph);
  ASSERT_FALSE(problems.empty());
  EXPECT_THAT(problems[0], HasSubstr("PT3105 first"));
  graph->set_type(*graph->find("x"), Type::tensor(DType::Float32, {2, 2}));
  EXPECT_THAT(problems_of(*graph)[0], HasSubstr("PT3107 first"));
}

TEST(Checker, Nodes_fit_the_signature_of_their_op_I5) {
  const auto graph = graph_of(sound);
  graph->set_attribute(graph->nodes().front(), "axis", std::int64_t{1});
  EXPECT_THAT(problems_of(*graph)[0], HasSubstr("PT3101 first"));
}

TEST(Checker, Uses_are_those_of_the_nodes_I3) {
  const auto graph = graph_of(sound);
  auto& uses = const_cast<std::vector<Use>&>(graph->find("x")->uses());
  uses.pop_back();
  EXPECT_THAT(problems_of(*graph), testing::Contains(HasSubstr("the uses of `x`")));
}

TEST(Checker, Values_know_what_they_are_I1) {
  const auto graph = graph_of(sound);
  auto& inputs = const_cast<std::vector<Value*>&>(graph->inputs());
  inputs.push_back(graph->find("w"));
  EXPECT_THAT(problems_of(*graph), testing::Contains(HasSubstr("`w` is assigned twice")));
}

TEST(Checker, Outputs_exist_I4) {
  const auto graph = graph_of(sound);
  auto& outputs = const_cast<std::vector<Value*>&>(graph->outputs());
  outputs.push_back(nullptr);
  EXPECT_THAT(problems_of(*graph),
              testing::Contains(HasSubstr("an output of the graph is missing")));
}

TEST(Checker, Constants_are_of_their_tensors_type_I6) {
  const auto graph = graph_of("const w: f32[2] = [1, 2]");
  graph->set_type(*graph->find("w"), Type::tensor(DType::Float32, {3}));
  EXPECT_THAT(problems_of(*graph), testing::Contains(HasSubstr("the constant `w`")));
}

TEST(Checker, Subgraphs_know_the_node_around_them_I7) {
  const std::unique_ptr<Graph> elsewhere = graph_of("");
  const auto graph = graph_of(sound);
  const Node& node = *graph->find("y")->producer();
  auto& subgraphs = const_cast<std::vector<Subgraph>&>(node.subgraphs());
  subgraphs[1].graph = elsewhere->make_subgraph();
  EXPECT_THAT(problems_of(*graph),
              testing::Contains(HasSubstr("the subgraph `then_branch` belongs elsewhere")));
}

TEST(Checker, States_lead_to_inputs_and_start_with_their_type_I8) {
  constexpr std::string_view text = "input x: f32[2]\ny = Neg(x)\nz = Neg(y)\n";
  const auto problems = [&](std::string_view states) {
    const auto graph = graph_of(std::string(text) + std::string(states));
    return problems_of(*graph);
  };
  EXPECT_THAT(problems("state x -> y = f32[2] [0, 0]"), IsEmpty());
  EXPECT_THAT(problems("state y -> z = f32[2] [0, 0]"),
              testing::ElementsAre(HasSubstr("the state `y` is no input")));
  EXPECT_THAT(problems("state x -> y = f32[3] [0, 0, 0]"),
              testing::ElementsAre(HasSubstr("the state `x` starts with another type")));
  EXPECT_THAT(problems("state x -> y = f32[2] [0, 0]\nstate x -> z = f32[2] [0, 0]"),
              testing::ElementsAre(HasSubstr("the input `x` has two states")));
}

TEST(Checker, Placeholders_are_refused_unless_they_are_allowed_I9) {
  const auto graph = graph_of("y = placeholder Conv() as lost");
  EXPECT_THAT(problems_of(*graph), testing::ElementsAre(HasSubstr("PT4001 lost")));
  EXPECT_THAT(problems_of(*graph, Placeholders::Allowed), IsEmpty());
}

TEST(Checker, No_attribute_refers_to_one_of_a_function_I10) {
  const auto graph =
      graph_of("input x: f32[2]\ny = LeakyRelu(x) {alpha = attribute a: float} as act");
  EXPECT_THAT(problems_of(*graph), testing::ElementsAre(HasSubstr("PT3004 act")));
}

TEST(Checker, The_first_violation_can_be_thrown) {
  require_valid(*graph_of(sound));
  const auto graph = graph_of("y = placeholder Conv() as lost");
  const auto error = test::error_of([&] { require_valid(*graph); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), Code::PlaceholderLeft);
  EXPECT_EQ(error->where().node, "lost");
}

}  // namespace
}  // namespace ponte::ir
