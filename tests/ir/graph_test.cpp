#include "ir/graph.h"

#include <gmock/gmock.h>

#include "base/expect_error.h"
#include "ir/checker.h"
#include "ir/inference.h"
#include "ir/text.h"
#include "ops/all_ops.h"

namespace ponte::ir {
namespace {

using test::expect_error;
using testing::ElementsAre;

std::unique_ptr<Graph> graph_of(std::string_view text) { return parse_graph(text, ops::all_ops()); }

std::string type_of(const Graph& graph, std::string_view name) {
  return to_string(graph.find(name)->type());
}

TEST(Graph, A_node_that_inference_refuses_is_not_added) {
  const auto graph = graph_of("input x: f32[2]\ninput y: f32[3]\n");
  const std::string text = print(*graph);
  expect_error(Code::ShapeMismatch, [&] {
    graph->add("Add", {graph->find("x"), graph->find("y")});
  });
  EXPECT_EQ(print(*graph), text);
  EXPECT_TRUE(graph->find("x")->uses().empty());
  require_valid(*graph);
}

TEST(Graph, Names_are_taken_once) {
  const auto graph = graph_of("input x: f32[2]\n");
  expect_error(Code::DuplicateName, [&] { graph->add_input("x", Type()); });
  expect_error(Code::DuplicateName, [&] { graph->add_constant("x", Tensor::scalar_f32(1)); });
  EXPECT_EQ(graph->unique_name("x"), "x_1");
  expect_error(Code::InvalidGraph, [&] { graph->add_input("", Type()); });
}

TEST(Graph, Replacing_uses_reaches_nodes_subgraphs_their_outputs_and_states) {
  const auto graph = graph_of(R"(input c: bool[]
input s: f32[2]
a: f32[2] = Neg(s)
b: f32[2] = Abs(s)
y: f32[2] = If(c) {else_branch = graph {
  n = Neg(a)
  output n
}, then_branch = graph {
  output a
}}
output a
output y
state s -> a = f32[2] [0, 0]
)");
  graph->replace_uses(*graph->find("a"), *graph->find("b"));
  graph->erase(*graph->find("a")->producer());
  require_valid(*graph);
  EXPECT_EQ(print(*graph), R"(input c: bool[]
input s: f32[2]
b: f32[2] = Abs(s)
y: f32[2] = If(c) {else_branch = graph {
  n: f32[2] = Neg(b)
  output n
}, then_branch = graph {
  output b
}}
output b
output y
state s -> b = f32[2] [0, 0]
)");
}

TEST(Graph, A_subgraph_that_goes_away_is_forgotten_by_the_values_around_it) {
  const auto graph = graph_of("input x: f32[2]\ninput c: bool[]\n");
  Value& x = *graph->find("x");
  {
    const auto unfinished = graph->make_subgraph();
    unfinished->add("Neg", {&x});
    unfinished->add_output(x);
    EXPECT_EQ(x.uses().size(), 1);
  }
  EXPECT_TRUE(x.uses().empty());
  EXPECT_TRUE(x.output_of().empty());
  NodeSpec refused;
  refused.op = "If";
  refused.inputs = {graph->find("c")};
  refused.outputs = {"y"};
  for (const char* name : {"then_branch", "else_branch"}) {
    auto branch = graph->make_subgraph();
    branch->add_output(branch->add("Neg", {&x}));
    branch->add_output(branch->add("Abs", {&x}));
    refused.subgraphs.push_back({name, std::move(branch)});
  }
  expect_error(Code::WrongInputCount, [&] { graph->add(std::move(refused)); });
  EXPECT_TRUE(x.uses().empty());
  require_valid(*graph);
}

TEST(Graph, Changes_drop_the_records_of_the_node_and_of_all_around_it) {
  const auto graph = graph_of(R"(input c: bool[]
input x: f32[2]
y: f32[2] = If(c) {else_branch = graph {
  n = Neg(x)
  output n
}, then_branch = graph {
  p = Abs(x)
  output p
}}
z: f32[2] = Neg(y)
output z
)");
  const auto record = std::make_shared<const Record>();
  Node& choice = *graph->find("y")->producer();
  Node& after = *graph->find("z")->producer();
  Graph& branch = *choice.subgraph("else_branch");
  Node& inner = branch.nodes().front();
  for (Node* node : {&choice, &after, &inner}) node->record = record;
  branch.set_attribute(inner, "unknown", std::int64_t{1});
  EXPECT_EQ(inner.record, nullptr);
  EXPECT_EQ(choice.record, nullptr);
  EXPECT_EQ(after.record, record);
  graph->rename(*graph->find("y"), "renamed");
  EXPECT_EQ(after.record, nullptr);
  EXPECT_EQ(graph->find("y"), nullptr);
}

TEST(Graph, Declarations_refine_what_is_inferred_until_they_are_forgotten) {
  const auto graph =
      graph_of("input x: f32[n,2]\ny: f32[4,2] = com.example::Same(x)\nz = Neg(y)\n");
  EXPECT_EQ(type_of(*graph, "z"), "f32[4,2]");
  expect_error(Code::TypesDisagree, [&] {
    graph->declare(*graph->find("y"), Type::tensor(DType::Float32, {5, 2}));
  });
  graph->forget_declarations();
  graph->infer_all();
  EXPECT_EQ(type_of(*graph, "y"), "?");
}

TEST(Graph, A_node_that_does_not_fit_a_new_shape_is_named) {
  const auto graph = graph_of("input x: f32[2]\ninput y: f32[2]\nz = Add(x, y)\n");
  graph->set_type(*graph->find("x"), Type::tensor(DType::Float32, {3}));
  graph->forget_declarations();
  const auto error = test::error_of([&] { graph->infer_all(); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), Code::ShapeMismatch);
  EXPECT_EQ(error->where().node, "z");
  EXPECT_EQ(error->where().op, "Add");
}

TEST(Graph, Unused_constants_can_be_erased) {
  const auto graph = graph_of(
      "const a: f32[] = 1\nconst b: f32[] = 2\nconst c: f32[] = 3\ny = Neg(a)\noutput c\n");
  graph->erase_unused_constants();
  EXPECT_EQ(print(*graph), "const a: f32[] = 1\nconst c: f32[] = 3\ny: f32[] = Neg(a)\noutput c\n");
}

TEST(Inference, Branches_of_an_If_have_their_least_common_type) {
  const auto type = [](std::string_view then_type, std::string_view else_type) {
    const auto graph = graph_of("input c: bool[]\ninput x: " + std::string(then_type) +
                                "\ninput y: " + std::string(else_type) +
                                "\nz = If(c) {then_branch = graph { output x }, else_branch = "
                                "graph { output y }}\noutput z\n");
    return std::string(print(*graph));
  };
  EXPECT_THAT(type("f32[2,n]", "f32[2,n]"), testing::HasSubstr("z: f32[2,n] ="));
  EXPECT_THAT(type("f32[2,n]", "f32[3,n]"), testing::HasSubstr("z: f32[?0,n] ="));
  EXPECT_THAT(type("f32[2]", "f32[2,2]"), testing::HasSubstr("z: f32[...] ="));
  EXPECT_THAT(type("f32[2]", "i64[2]"), testing::HasSubstr("z: ?[2] ="));
  EXPECT_THAT(type("seq(f32[2])", "seq(f32[3])"), testing::HasSubstr("z: seq(f32[?0]) ="));
}

// A batch of one is squeezed, a larger one is not.
constexpr std::string_view squeezes_one = R"(const axes: i64[1] = [0]
const one: i64[] = 1
input x: f32[n,3]
s = Shape(x) {end = 1, start = 0}
c = Equal(s, one)
z = If(c) {then_branch = graph {
  y = Squeeze(x, axes)
  w = Reshape(y, s)
  v = Neg(w)
  output v
}, else_branch = graph {
  v = ReduceSum(x, axes) {keepdims = 0}
  output v
}}
output z
)";

TEST(Inference, A_branch_that_the_given_sizes_rule_out_is_no_error) {
  const auto graph = graph_of(squeezes_one);
  graph->set_type(*graph->find("x"), Type::tensor(DType::Float32, {2, 3}));
  graph->forget_declarations();
  graph->infer_all();
  require_valid(*graph);
  const Node& node = *graph->find("z")->producer();
  EXPECT_EQ(type_of(*node.subgraph("then_branch"), "y"), "f32[...]");
  EXPECT_EQ(type_of(*node.subgraph("else_branch"), "v"), "f32[3]");
  EXPECT_EQ(type_of(*graph, "z"), "f32[...]");
  const std::string text = print(*graph);
  EXPECT_EQ(print(*graph_of(text)), text);
}

TEST(Inference, A_loop_in_a_branch_may_be_ruled_out_as_well) {
  const auto graph = graph_of(R"(const one: i64[] = 1
const axes: i64[1] = [0]
input c: bool[]
input x: f32[2,3]
z = If(c) {then_branch = graph {
  y = Loop(one, c, x) {body = graph {
    input i
    input d
    input v
    w = Squeeze(x, axes)
    output d
    output w
  }}
  output y
}, else_branch = graph { output x }}
output z
)");
  require_valid(*graph);
  EXPECT_EQ(type_of(*graph, "z"), "f32[...]");
}

TEST(Inference, Signatures_hold_in_branches_too) {
  expect_error(Code::InvalidInputType, [] {
    graph_of(
        "input c: bool[]\ninput x: f32[2]\ninput y: f64[2]\n"
        "z = If(c) {then_branch = graph { v = Add(x, y) output v }, else_branch = "
        "graph { output x }}\n");
  });
}

TEST(Inference, The_body_of_a_loop_outside_of_branches_fits_its_sizes) {
  const auto error = test::error_of([] {
    graph_of(R"(const one: i64[] = 1
const axes: i64[1] = [0]
input c: bool[]
input x: f32[2,3]
y = Loop(one, c, x) {body = graph {
  input i
  input d
  input v
  w = Squeeze(x, axes) as squeezed
  output d
  output w
}} as loop
)");
  });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), Code::ShapeMismatch);
  EXPECT_EQ(error->where().node, "squeezed");
}

TEST(Inference, Loops_are_inferred_until_the_types_of_carried_values_hold) {
  const auto graph = graph_of(R"(input n: i64[]
input x: f32[1,k]
y, s = Loop(n, _, x) {body = graph {
  input i
  input c
  input v
  w = Concat(v, v) {axis = 0}
  output c
  output w
  output v
}}
output y
output s
)");
  require_valid(*graph);
  const std::string text = print(*graph);
  EXPECT_EQ(print(*graph_of(text)), text);
  const Shape& y = *graph->find("y")->type().as_tensor()->shape;
  EXPECT_FALSE(y[0].is_known());
  EXPECT_EQ(y[1].to_string(), "k");
  EXPECT_EQ(graph->find("s")->type().as_tensor()->shape->size(), 3);
}

TEST(Inference, Signatures_bind_type_variables) {
  expect_error(Code::InvalidInputType,
               [] { graph_of("input x: f32[2]\ninput y: f64[2]\nz = Add(x, y)"); });
  expect_error(Code::InvalidInputType, [] { graph_of("input x: bool[2]\ny = Neg(x)"); });
  expect_error(Code::WrongInputCount, [] { graph_of("input x: f32[2]\ny = Add(x)"); });
  expect_error(Code::WrongInputCount, [] { graph_of("input x: f32[2]\ny = Neg(x, x)"); });
  expect_error(Code::MissingAttribute, [] { graph_of("input x: f32[2]\ny = Cast(x)"); });
  expect_error(Code::InvalidAttribute, [] { graph_of("input x: f32[2]\ny = Neg(x) {axis = 1}"); });
  EXPECT_EQ(type_of(*graph_of("input x: ?\ninput y: f64[2]\nz = Add(x, y)"), "z"), "f64[...]");
}

TEST(Inference, Errors_tell_one_from_many) {
  const std::pair<const char*, const char*> cases[] = {
      {"input x: f32[2]\ny = Neg(x, x)", "2 inputs, but the op has 1"},
      {"input x: f32[2]\ny = Einsum(x) {equation = \"i,i->i\"}", "2 terms for 1 input"},
      {"input x: f32[1,1,4,4]\ny = MaxPool(x) {kernel_shape = [2, 2], strides = [1]}",
       "`strides` has 1 number, not 2"},
      {"input x: f32[1,1,4,4]\ny = MaxPool(x) {kernel_shape = [2]}", "the kernel has 1 axis, the"}};
  for (const auto& [text, message] : cases) {
    const auto error = test::error_of([&] { graph_of(text); });
    ASSERT_TRUE(error.has_value());
    EXPECT_THAT(error->what(), testing::HasSubstr(message));
  }
}

TEST(Inference, Known_values_reach_through_shape_arithmetic) {
  const auto graph = graph_of(R"(input x: f32[batch,3,h,w]
const first: i64[1] = [0]
const zero: i64[] = 0
const rest: i64[1] = [-1]
s = Shape(x)
b = Gather(s, zero)
b1 = Unsqueeze(b, first)
target = Concat(b1, rest) {axis = 0}
y = Reshape(x, target)
output y
)");
  // A batch of 0 would leave the rest open.
  EXPECT_EQ(type_of(*graph, "y"), "f32[batch,floordiv(3*batch*h*w, batch)]");
}

TEST(Inference, Dims_that_may_broadcast_stay_open_and_certain_ones_do_not) {
  FreshDims fresh;
  const Dim n = Dim::symbol("n"), m = Dim::symbol("m");
  const auto of = [&](const Shape& a, const Shape& b) {
    const std::vector<Shape> shapes{a, b};
    return to_string(broadcast(shapes, fresh));
  };
  EXPECT_EQ(of({n, 3}, {3}), "[n,3]");
  EXPECT_EQ(of({n, 1}, {1, m}), "[n,m]");
  EXPECT_EQ(of({n}, {4}), "[4]");
  EXPECT_EQ(of({n}, {m}), "[?0]");
  EXPECT_EQ(of({0}, {1}), "[0]");
  const std::vector<Shape> bad{{2}, {3}};
  expect_error(Code::ShapeMismatch, [&] { broadcast(bad, fresh); });
}

TEST(Inference, Axes_are_counted_from_the_back_and_bounded) {
  EXPECT_EQ(normalized_axis(-1, 3), 2);
  expect_error(Code::InvalidAxis, [] { normalized_axis(3, 3); });
  expect_error(Code::InvalidAxis, [] { normalized_axis(-4, 3); });
  const std::vector<std::int64_t> axes{-1, 0}, twice{0, -2};
  EXPECT_THAT(normalized_axes(axes, 2), ElementsAre(0, 1));
  expect_error(Code::InvalidAxis, [&] { normalized_axes(twice, 2); });
}

}  // namespace
}  // namespace ponte::ir
