#include "ir/text.h"

#include <gtest/gtest.h>

#include "base/expect_error.h"
#include "ir/tensor_text.h"
#include "ops/all_ops.h"

namespace ponte::ir {
namespace {

using test::error_of;
using test::expect_error;

std::unique_ptr<Graph> graph_of(std::string_view text) { return parse_graph(text, ops::all_ops()); }

// Prints what was parsed; a second time must change nothing.
std::string printed_again(std::string_view text) {
  const std::string once = print(*graph_of(text));
  EXPECT_EQ(print(*graph_of(once)), once);
  return once;
}

void expect_unchanged(std::string_view text) { EXPECT_EQ(printed_again(text), text); }

TEST(Text, Prints_what_was_parsed) {
  expect_unchanged(R"(doc "a small net"
note "key" = "value"
input x: f32[batch,3]
const w: f32[3,2] = [[1, 2], [3, 4], [5.5, -0.25]]
h: f32[batch,2] = MatMul(x, w) as first
y: f32[batch,2] = Relu(h)
output y
)");
}

TEST(Text, Attributes_of_every_kind_keep_their_kind) {
  expect_unchanged(R"(input x: f32[2]
y = com.example::Op(x) {a = 1, b = 1.0, c = "text", d = [1, 2], e = [1.0, 2.5], f = ["p", "q"], g = ints [], h = floats [], i = strings [], j = f32[2] [1, 2], k = tensors [i64[] 3, bool[1] [true]], l = sparse [2, 3] f32[1] [7] i64[1] [4], m = sparse_tensors [], n = type f32[2,n], o = types [seq(i64[...]), ?], p = inf, q = nan, r = 1e-05}
)");
}

TEST(Text, A_float_attribute_of_a_known_op_may_be_written_as_an_integer) {
  const auto graph = graph_of("input x: f32[2]\ny = LeakyRelu(x) {alpha = 2}");
  const Attribute* alpha = graph->nodes().front().attribute("alpha");
  ASSERT_NE(alpha, nullptr);
  EXPECT_EQ(kind_of(*alpha), AttributeKind::Float);
}

TEST(Text, Tensors_of_every_class_of_dtypes) {
  expect_unchanged(R"(const a: f16[2] = [0.33325195, -inf]
const b: f64[] = 0.1
const c: u64[1] = [18446744073709551615]
const d: i4[3] = [-8, 7, 0]
const e: bool[2,1] = [[true], [false]]
const f: string[2] = ["", "a \"b\" \\ \x0a"]
const g: c64[1] = [1.5-2i]
const h: f8e4m3fn[2] = [448, nan]
const i: f32[2,0,3] = []
const j: bf16[1] = [1.5]
const k: f32[1] = [0.1]
)");
}

TEST(Text, Names_that_are_no_words_stand_in_quotes) {
  expect_unchanged(R"(input "input": f32["a b",?0]
input /layer/0: f32[2]
input 12: f32[2]
input "a:b \x01\"": f32[2]
"_", _, "\xe2\x80\xae" = "my domain"::"Op 1"(/layer/0, _, 12) as "a-b"
output "_"
)");
}

TEST(Text, Anonymous_symbols_are_numbered_by_their_first_appearance) {
  EXPECT_EQ(printed_again("input x: f32[?7,?3]\ninput y: f32[?3]"),
            "input x: f32[?0,?1]\ninput y: f32[?1]\n");
}

TEST(Text, Anonymous_symbols_are_never_those_that_inference_makes) {
  const auto graph = graph_of("input x: f32[?0]\ny = NonZero(x)");
  const Shape& x = *graph->find("x")->type().as_tensor()->shape;
  const Shape& y = *graph->find("y")->type().as_tensor()->shape;
  EXPECT_EQ(compare(x[0], y[1]), Comparison::Unknown);
}

TEST(Text, Subgraphs_see_the_values_around_them) {
  expect_unchanged(R"(input c: bool[]
input x: f32[2]
y: f32[2] = If(c) {else_branch = graph {
  n: f32[2] = Neg(x)
  output n
}, then_branch = graph first {
  a: f32[2] = Abs(x)
  output a
}}
output y
)");
}

TEST(Text, Lists_of_subgraphs_opaque_nodes_and_placeholders) {
  expect_unchanged(R"(input x: f32[2]
y = com.example::Switch(x) {branches = in list graph {
  output x
}, branches = in list graph {
  output x
}}
z = opaque Relu(x) {anything = 1}
p = placeholder Conv(x)
= com.example::Print(x)
)");
}

TEST(Text, Inputs_may_have_defaults) {
  expect_unchanged(R"(input x: f32[1] default f32[1] [1]
input y: i64[1] fixed i64[1] [2]
)");
  const auto graph =
      graph_of("input x: f32[1] default f32[1] [1]\ninput y: i64[1] fixed i64[1] [2]");
  EXPECT_EQ(graph->find("x")->fixed_tensor(), nullptr);
  EXPECT_NE(graph->find("y")->fixed_tensor(), nullptr);
}

TEST(Text, States_origins_and_notes) {
  expect_unchanged(R"(input x: f32[2]
input s: f32[2]
y: f32[2] = Add(x, s) as add from ("BiasAdd" "b", "Conv2D" "c") doc "sum" note "k" = "v"
z: f32[2] = Neg(y) from ("Neg" "n")
output y
state s -> y = f32[2] [0, 0]
value s note "k" = "v"
value y from "conv:0" transposed [0, 2, 1] reshaped
)");
}

TEST(Text, Models_with_opsets_and_metadata) {
  const std::string text = R"(ponte text 1
format "onnx" "IR version 8"
producer "somebody 1.0"
opset ai.onnx 17
opset com.example 1
metadata "a key" = "a value"
signature "serving"

graph main {
  input x: f32[2]
  y = com.example::Scaled(x) {alpha = 1.0}
  output y
}
)";
  EXPECT_EQ(print(parse_model(text, ops::all_ops())), text);
}

TEST(Text, Large_tensors_stand_by_their_hash_and_cannot_be_read) {
  Graph graph(ops::all_ops());
  const std::vector<float> many(65, 1.5F);
  const Tensor tensor = Tensor::f32({65}, many);
  graph.add_constant("w", tensor);
  const std::string text = print(graph);
  EXPECT_EQ(text, "const w: f32[65] = elided " + content_hash(tensor) + "\n");
  const auto parsed = graph_of(text);
  EXPECT_EQ(print(*parsed), text);
  expect_error(Code::MissingWeights, [&] { parsed->find("w")->tensor()->read_all(); });
}

TEST(Text, Whole_numbers_that_inference_looks_at_are_never_elided) {
  Graph graph(ops::all_ops());
  const std::vector<std::int64_t> many(1024, 3);
  graph.add_constant("w", Tensor::vector_i64(many));
  EXPECT_EQ(print(graph).find("elided"), std::string::npos);
}

TEST(Text, Errors_name_line_and_column) {
  const auto error = error_of([] { graph_of("input x: f32[2]\ny = Relu(z)"); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), Code::TextSyntax);
  EXPECT_STREQ(error->what(), "2:10: `z` is not defined before this");
}

TEST(Text, What_breaks_the_grammar_is_refused) {
  for (const char* text : {"input",
                           "input x:",
                           "input x: f33[2]",
                           "input x: f32[2",
                           "input \"\"",
                           "const x: f32[2]",
                           "const x: f32[2] = [1]",
                           "const x: f32[2] = [[1, 2]]",
                           "const x: f32[n] = [1]",
                           "const x: ?[1] = [1]",
                           "const x: u8[1] = [256]",
                           "const x: i64[1] = [1.5]",
                           "const x: f32[2] = [1 2]",
                           "const x: string[1] = [1]",
                           "const x: f32[1] = elided 12",
                           "const x: string[1] = elided 00000000000000000000000000000000",
                           "y = ",
                           "y = Relu",
                           "y = Relu(",
                           "y = Relu(x)",
                           "y = A() {a}",
                           "y = A() {a = }",
                           "y = A() {a = 1 b = 2}",
                           "y = A() {a = 1, a = 2}",
                           "y = A() {a = [1, \"b\"]}",
                           "y = A() {a = graph}",
                           "y = A() {a = graph {}",
                           "output y",
                           "state x -> y = f32[] 1",
                           "y = A() from (",
                           "input x \"",
                           "input \"\\x4\"",
                           "y = A() {a = attribute b: c}",
                           "}",
                           "y: f32[2]",
                           "3 4"}) {
    SCOPED_TRACE(text);
    expect_error(Code::TextSyntax, [&] { graph_of(text); });
  }
}

TEST(Text, Another_version_is_refused) {
  expect_error(Code::TextSyntax, [] { parse_model("ponte text 2\ngraph {}", ops::all_ops()); });
  expect_error(Code::TextSyntax,
               [] { parse_model("ponte text 1\ngraph {} more", ops::all_ops()); });
}

TEST(Text, What_inference_refuses_is_refused_with_its_code_and_node) {
  const auto error =
      error_of([] { graph_of("input x: f32[2]\ninput y: f32[3]\nz = Add(x, y) as sum"); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), Code::ShapeMismatch);
  EXPECT_EQ(error->where().node, "sum");
  expect_error(Code::TypesDisagree, [] { graph_of("input x: f32[2]\ny: f32[3] = Relu(x)"); });
  expect_error(Code::DuplicateName, [] { graph_of("input x: f32[2]\nx = Relu(x)"); });
}

TEST(Text, Nesting_has_a_limit) {
  std::string graphs, lists;
  for (int i = 0; i < 100; ++i) {
    graphs += "y = A() {g = graph {";
    lists += '[';
  }
  expect_error(Code::NestingTooDeep, [&] { graph_of(graphs); });
  expect_error(Code::NestingTooDeep, [&] { graph_of("y = A() {a = " + lists); });
}

// Loops in loops whose types never settle at once would be inferred exponentially often.
TEST(Text, Loops_in_loops_end_inference_with_an_error) {
  std::string text = "input n: i64[]\ninput x: f32[1]\n";
  std::string open, close;
  for (int i = 0; i < 40; ++i) {
    open += "y" + std::to_string(i) + " = Loop(n, _, x) {body = graph {\ninput i" +
            std::to_string(i) + "\ninput c\ninput x\n";
    close = "\nz" + std::to_string(i) + " = Concat(y" + std::to_string(i + 1) +
            ", x) {axis = 0}\noutput c\noutput z" + std::to_string(i) + "\n}}" + close;
  }
  text += open + "y40 = Relu(x)" + close;
  try {
    graph_of(text);
  } catch (const Error& error) {
    EXPECT_EQ(to_string(error.code()), to_string(Code::NestingTooDeep)) << error.what();
  }
}

constexpr std::string_view everything = R"(ponte text 1
format "onnx" "8"
opset ai.onnx 17
metadata "k" = "v"
graph g {
  input x: f32[n,?0] # a comment
  input d: i64[1] default i64[1] [1]
  const w: f32[2] = [1, nan]
  const e: f16[99] = elided 0123456789abcdef0123456789abcdef
  y, _ = a::F(x, _, w) {t = type seq(f32[floordiv(n, 2)]), s = "\x41", g = graph {
    output x
  }} as "n 1" from ("Op" "name") doc "d" note "k" = "v"
  z: f32[n,?1] = Concat(x, x) {axis = 1}
  output z
  state x -> z = f32[1,1] [[0]]
  value z from "t" transposed [1, 0] reshaped
}
)";

// A coded error, or a model that prints.
void survives(std::string_view text) {
  try {
    print(parse_model(text, ops::all_ops()));
  } catch (const Error&) {
  }
}

TEST(Text, Damage_is_an_error_or_another_model) {
  print(parse_model(everything, ops::all_ops()));
  for (std::size_t size = 0; size < everything.size(); ++size) survives(everything.substr(0, size));
  for (std::size_t bit = 0; bit < everything.size() * 8; ++bit) {
    std::string changed(everything);
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    survives(changed);
  }
}

}  // namespace
}  // namespace ponte::ir
