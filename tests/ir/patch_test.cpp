#include "ir/patch.h"

#include <gmock/gmock.h>

#include "base/expect_error.h"
#include "ir/checker.h"
#include "ir/text.h"
#include "ops/all_ops.h"

namespace ponte::ir {
namespace {

using test::expect_error;

std::unique_ptr<Graph> graph_of(std::string_view text) { return parse_graph(text, ops::all_ops()); }

Node& node_named(Graph& graph, std::string_view name) {
  for (Node& node : graph.nodes()) {
    if (node.name() == name) return node;
  }
  throw std::runtime_error("no such node");
}

void expect_graph(const Graph& graph, std::string_view text) {
  require_valid(graph);
  EXPECT_EQ(print(graph), text);
}

constexpr std::string_view before = R"(input x: f32[2,3]
const two: f32[] = 2
a: f32[2,3] = Mul(x, two) as mul
b: f32[2,3] = Relu(a) as relu
c: f32[2,3] = Neg(b) as neg
output c
)";

TEST(Patch, Replaces_a_value_and_erases_what_nothing_uses_any_more) {
  const auto graph = graph_of(before);
  Node& relu = node_named(*graph, "relu");
  Patch patch(*graph, relu);
  Value& sum = patch.add("Add", {graph->find("x"), graph->find("x")}, {}, "sum");
  Value& clipped =
      patch.add("Clip", {&sum, &patch.constant("zero", Tensor::scalar_f32(0))}, {}, "clipped");
  patch.replace(*graph->find("b"), clipped);
  patch.commit();
  expect_graph(*graph, R"(input x: f32[2,3]
const zero: f32[] = 0
sum: f32[2,3] = Add(x, x) from ("Mul" "mul", "Relu" "relu")
clipped: f32[2,3] = Clip(sum, zero) from ("Mul" "mul", "Relu" "relu")
c: f32[2,3] = Neg(clipped) as neg
output c
)");
}

TEST(Patch, Keeps_what_others_still_use) {
  const auto graph = graph_of(std::string(before) + "output a\n");
  Patch patch(*graph, node_named(*graph, "relu"));
  patch.replace(*graph->find("b"), patch.add("Abs", {graph->find("a")}, {}, "abs"));
  patch.commit();
  EXPECT_NE(graph->find("a"), nullptr);
  EXPECT_EQ(graph->find("abs")->producer()->origins, (std::set<NodeOrigin>{{"relu", "Relu"}}));
}

TEST(Patch, Outputs_of_the_graph_keep_their_names) {
  const auto graph = graph_of(before);
  Patch patch(*graph, node_named(*graph, "neg"));
  patch.replace(*graph->find("c"), patch.add("Sub", {&patch.constant("zero", Tensor::scalar_f32(0)),
                                                     graph->find("b")}));
  patch.commit();
  expect_graph(*graph, R"(input x: f32[2,3]
const two: f32[] = 2
const zero: f32[] = 0
a: f32[2,3] = Mul(x, two) as mul
b: f32[2,3] = Relu(a) as relu
c: f32[2,3] = Sub(zero, b) from ("Neg" "neg")
output c
)");
}

TEST(Patch, An_output_that_becomes_an_older_value_needs_an_identity) {
  const auto graph = graph_of(
      "input x: f32[2]\ny: f32[2] = Neg(x) as neg\nz: f32[2] = Abs(x) as abs\noutput y\noutput "
      "z\n");
  Patch patch(*graph, node_named(*graph, "neg"));
  patch.replace(*graph->find("y"), *graph->find("x"));
  patch.commit();
  expect_graph(*graph, R"(input x: f32[2]
y: f32[2] = Identity(x) from ("Neg" "neg")
z: f32[2] = Abs(x) as abs
output y
output z
)");
}

TEST(Patch, States_follow_the_value_that_replaces_their_output) {
  const auto graph = graph_of(
      "input s: f32[2]\ny: f32[2] = Neg(s) as neg\nz: f32[2] = Abs(y) as abs\noutput z\nstate s -> "
      "y = f32[2] [0, 0]\n");
  Patch patch(*graph, node_named(*graph, "neg"));
  patch.replace(*graph->find("y"), patch.add("Abs", {graph->find("s")}, {}, "w"));
  patch.commit();
  require_valid(*graph);
  EXPECT_EQ(graph->states()[0].output->name(), "w");
}

TEST(Patch, A_value_gets_origin_and_annotations_of_the_one_it_stands_for) {
  const auto graph = graph_of(std::string(before) +
                              "value b from \"act:0\" transposed [1, 0] note \"k\" = \"v\"\n");
  Patch patch(*graph, node_named(*graph, "relu"));
  patch.replace(*graph->find("b"), patch.add("Abs", {graph->find("a")}, {}, "abs"));
  patch.commit();
  const Value& value = *graph->find("abs");
  ASSERT_TRUE(value.origin);
  EXPECT_EQ(value.origin->name, "act:0");
  EXPECT_EQ(value.annotations.at("k"), "v");
}

TEST(Patch, Infers_again_downstream_and_out_of_subgraphs) {
  const auto graph = graph_of(R"(input c: bool[]
input x: f32[2]
n: i64[?0,?1] = com.example::Find(x) as find
t: i64[?1,?0] = Transpose(n)
y: i64[?2,?3] = If(c) {else_branch = graph {
  p = Neg(t)
  output p
}, then_branch = graph {
  q = Abs(n)
  output q
}}
output y
)");
  Patch patch(*graph, node_named(*graph, "find"));
  const std::vector<std::int64_t> four{1, 2, 3, 4};
  patch.replace(*graph->find("n"), patch.constant("known", Tensor::i64({2, 2}, four)));
  patch.commit();
  require_valid(*graph);
  EXPECT_EQ(to_string(graph->find("t")->type()), "i64[2,2]");
  EXPECT_EQ(to_string(graph->find("y")->type()), "i64[2,2]");
}

TEST(Patch, Inside_a_subgraph_changes_what_its_node_gives) {
  const auto graph = graph_of(R"(input c: bool[]
y: f32[?0] = If(c) {else_branch = graph {
  p: f32[2] = Constant() {value = f32[2] [1, 2]}
  output p
}, then_branch = graph {
  q: f32[?1] = com.example::Some() as some
  output q
}}
z: f32[?0] = Neg(y)
output z
)");
  Graph& branch = *graph->find("y")->producer()->subgraph("then_branch");
  Patch patch(branch, branch.nodes().front());
  patch.replace(*branch.find("q"),
                patch.add("Constant", {}, {{"value", Tensor::f32({2}, std::vector<float>{3, 4})}}));
  patch.commit();
  require_valid(*graph);
  EXPECT_EQ(to_string(graph->find("z")->type()), "f32[2]");
}

// What a patch that fails must leave: the text, the records and the types.
class Untouched {
 public:
  explicit Untouched(Graph& graph) : graph_(graph) {
    for (Node& node : graph.nodes()) {
      auto record = std::make_shared<Record>();
      node.record = record;
      records_.push_back(record);
    }
    text_ = print(graph);
  }
  void expect() const {
    require_valid(graph_);
    EXPECT_EQ(print(graph_), text_);
    std::vector<std::shared_ptr<const Record>> records;
    for (const Node& node : graph_.nodes()) records.push_back(node.record);
    EXPECT_EQ(records, records_);
  }

 private:
  Graph& graph_;
  std::string text_;
  std::vector<std::shared_ptr<const Record>> records_;
};

TEST(Patch, Without_commit_leaves_nothing_behind) {
  const auto graph = graph_of(before);
  const Untouched untouched(*graph);
  {
    Patch patch(*graph, node_named(*graph, "relu"));
    patch.replace(
        *graph->find("b"),
        patch.add("Add", {graph->find("a"), &patch.constant("one", Tensor::scalar_f32(1))}));
  }
  untouched.expect();
}

TEST(Patch, A_type_that_contradicts_the_old_one_leaves_the_graph_untouched) {
  const auto graph = graph_of(before);
  const Untouched untouched(*graph);
  Patch patch(*graph, node_named(*graph, "relu"));
  patch.replace(*graph->find("b"), patch.add("Transpose", {graph->find("a")}));
  expect_error(Code::TypesDisagree, [&] { patch.commit(); });
  untouched.expect();
}

TEST(Patch, A_contradiction_further_down_leaves_the_graph_untouched) {
  const auto graph = graph_of(R"(input x: f32[2,3]
a: f32[?0,?1] = com.example::Find(x) as find
b: f32[?0,?1] = Abs(a) as abs
c: f32[4,?1] = com.example::Other(b) as other
d: f32[2,3] = Add(b, x) as add
e: f32[4,?1] = Neg(b) as neg
output a
output d
output e
)");
  const Untouched untouched(*graph);
  Patch patch(*graph, node_named(*graph, "find"));
  patch.replace(*graph->find("a"),
                patch.constant("w", Tensor::f32({5, 3}, std::vector<float>(15))));
  expect_error(Code::ShapeMismatch, [&] { patch.commit(); });
  untouched.expect();
}

TEST(Patch, Values_defined_on_the_wrong_side_are_refused) {
  const auto graph = graph_of(before);
  const Untouched untouched(*graph);
  {
    Patch patch(*graph, node_named(*graph, "relu"));
    patch.replace(*graph->find("a"), patch.add("Abs", {graph->find("x")}));
    expect_error(Code::InvalidGraph, [&] { patch.commit(); });
  }
  {
    Patch patch(*graph, node_named(*graph, "relu"));
    patch.replace(*graph->find("b"), *graph->find("c"));
    expect_error(Code::InvalidGraph, [&] { patch.commit(); });
  }
  untouched.expect();
}

TEST(Patch, A_node_that_can_t_be_inferred_is_refused_at_once) {
  const auto graph = graph_of(before);
  const Untouched untouched(*graph);
  {
    Patch patch(*graph, node_named(*graph, "relu"));
    Value& three = patch.constant("three", Tensor::f32({4}, std::vector<float>(4)));
    expect_error(Code::ShapeMismatch, [&] { patch.add("Add", {graph->find("a"), &three}); });
  }
  untouched.expect();
}

}  // namespace
}  // namespace ponte::ir
