// Loop and Scan: bodies can't be said in case files.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "evaluate/evaluator.h"
#include "ops/all_ops.h"

namespace ponte::ops {
namespace {

using evaluate::Evaluator;
using evaluate::Options;
using ir::DType;
using ir::Graph;
using ir::Type;
using ir::Value;
using testing::ElementsAre;
using testing::IsEmpty;

Datum f32_datum(Dims shape, std::vector<float> values) {
  return {Array(DType::Float32, std::move(shape), std::move(values))};
}

Datum i64_datum(std::int64_t value) {
  return {Array(DType::Int64, {}, std::vector<std::int64_t>{value})};
}

Datum bool_datum(bool value) {
  return {Array(DType::Bool, {}, std::vector<Bool>{value ? Bool::True : Bool::False})};
}

std::vector<float> floats_of(const Datum& datum) {
  const auto values = datum.array().as<float>();
  return {values.begin(), values.end()};
}

// What a body is made from: it adds its nodes and outputs to a graph with an iteration number, a
// condition and one value.
using Body = std::function<void(Graph& body, Value& number, Value& condition, Value& carried)>;

struct LoopGraph {
  Graph graph{all_ops()};
  ir::Node* node = nullptr;
};

enum class Inputs : std::uint8_t { Neither, Count, Condition, Both };

void build_loop(LoopGraph& loop, const Type& carried, Inputs inputs, std::size_t outputs,
                const Body& fill) {
  Graph& graph = loop.graph;
  auto body = graph.make_subgraph();
  Value& number = body->add_input("number", Type::tensor(DType::Int64, {}));
  Value& condition = body->add_input("condition", Type::tensor(DType::Bool, {}));
  Value& value = body->add_input("value", Type());
  ir::NodeSpec spec;
  spec.op = "Loop";
  spec.name = "loop";
  const bool counts = inputs == Inputs::Count || inputs == Inputs::Both;
  const bool tests = inputs == Inputs::Condition || inputs == Inputs::Both;
  spec.inputs.push_back(counts ? &graph.add_input("M", Type::tensor(DType::Int64, {})) : nullptr);
  spec.inputs.push_back(tests ? &graph.add_input("cond", Type::tensor(DType::Bool, {})) : nullptr);
  spec.inputs.push_back(&graph.add_input("start", carried));
  fill(*body, number, condition, value);
  for (std::size_t i = 0; i < outputs; ++i) spec.outputs.push_back("out" + std::to_string(i));
  spec.subgraphs.push_back({"body", std::move(body)});
  loop.node = &graph.add(std::move(spec));
  for (Value* output : loop.node->outputs()) graph.add_output(*output);
}

// value -> 2 value, and value as scan output.
void double_and_collect(Graph& body, Value&, Value& condition, Value& value) {
  body.add_output(condition);
  body.add_output(body.add("Add", {&value, &value}));
  body.add_output(body.add("Identity", {&value}));
}

// value -> value beside itself.
void concatenate_itself(Graph& body, Value&, Value& condition, Value& value) {
  body.add_output(condition);
  body.add_output(body.add("Concat", {&value, &value}, {{"axis", std::int64_t{0}}}));
}

std::vector<Datum> run(const Graph& graph, const std::map<std::string, Datum>& inputs,
                       Options options = {}) {
  options.arithmetic = Arithmetic::Exact;
  return Evaluator(graph, options).run(inputs).outputs;
}

Code code_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.code();
  }
  ADD_FAILURE() << "nothing failed";
  return Code::InternalError;
}

TEST(Loop, Carries_a_value_and_collects_another_one) {
  LoopGraph loop;
  build_loop(loop, Type::tensor(DType::Float32, {2}), Inputs::Count, 2, double_and_collect);
  EXPECT_EQ(ir::to_string(loop.node->output(0)->type()), "f32[2]");
  const auto outputs = run(loop.graph, {{"M", i64_datum(3)}, {"start", f32_datum({2}, {1, -3})}});
  EXPECT_THAT(floats_of(outputs[0]), ElementsAre(8, -24));
  EXPECT_THAT(floats_of(outputs[1]), ElementsAre(1, -3, 2, -6, 4, -12));
  EXPECT_THAT(outputs[1].array().shape(), ElementsAre(3, 2));
}

TEST(Loop, Without_iterations_gives_the_start_and_empty_scan_outputs) {
  LoopGraph loop;
  build_loop(loop, Type::tensor(DType::Float32, {2}), Inputs::Count, 2, double_and_collect);
  const auto outputs = run(loop.graph, {{"M", i64_datum(-1)}, {"start", f32_datum({2}, {1, -3})}});
  EXPECT_THAT(floats_of(outputs[0]), ElementsAre(1, -3));
  EXPECT_THAT(outputs[1].array().shape(), ElementsAre(0, 2));
}

TEST(Loop, Ends_when_the_body_says_so) {
  const Body below_ten = [](Graph& body, Value&, Value&, Value& value) {
    const float ten = 10;
    Value& next = body.add("Add", {&value, &value});
    body.add_output(
        body.add("Less", {&next, &body.add_constant("ten", ir::Tensor::scalar_f32(ten))}));
    body.add_output(next);
    body.add_output(body.add("Identity", {&value}));
  };
  LoopGraph loop;
  build_loop(loop, Type::tensor(DType::Float32, {}), Inputs::Both, 2, below_ten);
  const auto start = f32_datum({}, {3});
  const auto outputs =
      run(loop.graph, {{"M", i64_datum(9)}, {"cond", bool_datum(true)}, {"start", start}});
  EXPECT_THAT(floats_of(outputs[0]), ElementsAre(12));
  EXPECT_THAT(floats_of(outputs[1]), ElementsAre(3, 6));
  const auto none =
      run(loop.graph, {{"M", i64_datum(9)}, {"cond", bool_datum(false)}, {"start", start}});
  EXPECT_THAT(floats_of(none[0]), ElementsAre(3));
}

TEST(Loop, Ignores_the_bodys_condition_without_one_of_its_own) {
  const Body always_false = [](Graph& body, Value&, Value& condition, Value& value) {
    body.add_output(body.add("Not", {&condition}));
    body.add_output(body.add("Add", {&value, &value}));
  };
  LoopGraph loop;
  build_loop(loop, Type::tensor(DType::Float32, {}), Inputs::Count, 1, always_false);
  const auto outputs = run(loop.graph, {{"M", i64_datum(4)}, {"start", f32_datum({}, {1})}});
  EXPECT_THAT(floats_of(outputs[0]), ElementsAre(16));
}

TEST(Loop, Gives_the_iteration_number_and_sees_outer_values) {
  LoopGraph loop;
  Value& outer = loop.graph.add_constant("outer", ir::Tensor::scalar_f32(0.5F));
  const Body add_number = [&outer](Graph& body, Value& number, Value& condition, Value& value) {
    body.add_output(condition);
    Value& as_float = body.add("Cast", {&number}, {{"to", std::int64_t{1}}});
    body.add_output(body.add("Add", {&value, &body.add("Add", {&as_float, &outer})}));
  };
  build_loop(loop, Type::tensor(DType::Float32, {}), Inputs::Count, 1, add_number);
  const auto outputs = run(loop.graph, {{"M", i64_datum(4)}, {"start", f32_datum({}, {0})}});
  EXPECT_THAT(floats_of(outputs[0]), ElementsAre(0 + 1 + 2 + 3 + 4 * 0.5F));
}

TEST(Loop, Widens_the_type_of_a_value_that_grows) {
  LoopGraph loop;
  build_loop(loop, Type::tensor(DType::Float32, {1}), Inputs::Count, 1, concatenate_itself);
  const ir::TensorType& type = *loop.node->output(0)->type().as_tensor();
  ASSERT_TRUE(type.shape.has_value());
  EXPECT_FALSE((*type.shape)[0].is_known());
  const auto outputs = run(loop.graph, {{"M", i64_datum(3)}, {"start", f32_datum({1}, {7})}});
  EXPECT_THAT(outputs[0].array().shape(), ElementsAre(8));
}

TEST(Loop, Knows_the_length_of_scan_outputs_where_only_the_count_decides) {
  LoopGraph loop;
  Graph& graph = loop.graph;
  auto body = graph.make_subgraph();
  Value& number = body->add_input("number", Type());
  Value& condition = body->add_input("condition", Type());
  body->add_output(condition);
  body->add_output(body->add("Identity", {&number}));
  ir::NodeSpec spec;
  spec.op = "Loop";
  spec.inputs = {&graph.add_constant("M", ir::Tensor::scalar_i64(5)), nullptr};
  spec.outputs = {"numbers"};
  spec.subgraphs.push_back({"body", std::move(body)});
  const ir::Node& node = graph.add(std::move(spec));
  EXPECT_EQ(ir::to_string(node.output(0)->type()), "i64[5]");
}

TEST(Loop, Endless_ones_end_at_the_budget_or_when_stopped) {
  LoopGraph loop;
  build_loop(loop, Type::tensor(DType::Float32, {2}), Inputs::Neither, 1,
             [](Graph& body, Value&, Value& condition, Value& value) {
               body.add_output(condition);
               body.add_output(body.add("Identity", {&value}));
             });
  const std::map<std::string, Datum> inputs{{"start", f32_datum({2}, {1, 2})}};
  EXPECT_EQ(code_of([&] { run(loop.graph, inputs, {.steps = 1000}); }), Code::BudgetExceeded);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(code_of([&] { run(loop.graph, inputs, {.stop = stop.get_token()}); }),
            Code::Interrupted);
}

TEST(Loop, Memory_of_scan_outputs_is_on_the_budget) {
  LoopGraph loop;
  build_loop(loop, Type::tensor(DType::Float32, {2}), Inputs::Neither, 2, double_and_collect);
  const std::map<std::string, Datum> inputs{{"start", f32_datum({2}, {1, 2})}};
  EXPECT_EQ(code_of([&] { run(loop.graph, inputs, {.memory_bytes = 4096}); }),
            Code::BudgetExceeded);
}

TEST(Loop, A_body_with_other_outputs_is_refused) {
  LoopGraph loop;
  const Body only_condition = [](Graph& body, Value&, Value& condition, Value&) {
    body.add_output(condition);
  };
  EXPECT_EQ(code_of([&] {
              build_loop(loop, Type::tensor(DType::Float32, {2}), Inputs::Count, 1, only_condition);
            }),
            Code::WrongInputCount);
}

struct ScanGraph {
  Graph graph{all_ops()};
  ir::Node* node = nullptr;
};

// state -> state + element; the new state is collected.
void build_scan(ScanGraph& scan, const ir::Shape& input, ir::Attributes attributes) {
  Graph& graph = scan.graph;
  auto body = graph.make_subgraph();
  Value& state = body->add_input("state", Type());
  Value& element = body->add_input("element", Type());
  Value& sum = body->add("Add", {&state, &element});
  body->add_output(sum);
  body->add_output(body->add("Identity", {&sum}));
  ir::NodeSpec spec;
  spec.op = "Scan";
  spec.attributes = std::move(attributes);
  spec.attributes["num_scan_inputs"] = std::int64_t{1};
  spec.inputs = {&graph.add_input("initial", Type::tensor(DType::Float32, {2})),
                 &graph.add_input("sequence", Type::tensor(DType::Float32, input))};
  spec.outputs = {"final", "sums"};
  spec.subgraphs.push_back({"body", std::move(body)});
  scan.node = &graph.add(std::move(spec));
  for (Value* output : scan.node->outputs()) graph.add_output(*output);
}

TEST(Scan, Goes_along_the_first_axis) {
  ScanGraph scan;
  build_scan(scan, {3, 2}, {});
  EXPECT_EQ(ir::to_string(scan.node->output(1)->type()), "f32[3,2]");
  const auto outputs = run(scan.graph, {{"initial", f32_datum({2}, {0, 10})},
                                        {"sequence", f32_datum({3, 2}, {1, 2, 3, 4, 5, 6})}});
  EXPECT_THAT(floats_of(outputs[0]), ElementsAre(9, 22));
  EXPECT_THAT(floats_of(outputs[1]), ElementsAre(1, 12, 4, 16, 9, 22));
}

TEST(Scan, Goes_backwards_along_any_axis_and_stacks_in_any_order) {
  ScanGraph scan;
  build_scan(scan, {2, 3},
             {{"scan_input_axes", std::vector<std::int64_t>{1}},
              {"scan_input_directions", std::vector<std::int64_t>{1}},
              {"scan_output_axes", std::vector<std::int64_t>{-1}},
              {"scan_output_directions", std::vector<std::int64_t>{1}}});
  EXPECT_EQ(ir::to_string(scan.node->output(1)->type()), "f32[2,3]");
  // Columns from the last to the first: (3, 6), (2, 5), (1, 4); the sums (3, 6), (5, 11), (6, 15),
  // the last one first.
  const auto outputs = run(scan.graph, {{"initial", f32_datum({2}, {0, 0})},
                                        {"sequence", f32_datum({2, 3}, {1, 2, 3, 4, 5, 6})}});
  EXPECT_THAT(outputs[1].array().shape(), ElementsAre(2, 3));
  EXPECT_THAT(floats_of(outputs[1]), ElementsAre(6, 5, 3, 15, 11, 6));
}

TEST(Scan, An_empty_sequence_gives_the_initial_state) {
  ScanGraph scan;
  build_scan(scan, {ir::Dim::symbol("n"), 2}, {});
  EXPECT_EQ(ir::to_string(scan.node->output(1)->type()), "f32[n,2]");
  const auto outputs =
      run(scan.graph, {{"initial", f32_datum({2}, {0, 10})}, {"sequence", f32_datum({0, 2}, {})}});
  EXPECT_THAT(floats_of(outputs[0]), ElementsAre(0, 10));
  EXPECT_THAT(outputs[1].array().shape(), ElementsAre(0, 2));
  EXPECT_THAT(floats_of(outputs[1]), IsEmpty());
}

TEST(Scan, Lists_of_another_length_and_axes_outside_are_refused) {
  ScanGraph scan;
  const ir::Attributes too_long{{"scan_input_axes", std::vector<std::int64_t>{0, 0}}};
  EXPECT_EQ(code_of([&] { build_scan(scan, {3, 2}, too_long); }), Code::InvalidAttribute);
  ScanGraph other;
  const ir::Attributes outside{{"scan_input_axes", std::vector<std::int64_t>{2}}};
  EXPECT_EQ(code_of([&] { build_scan(other, {3, 2}, outside); }), Code::InvalidAxis);
}

}  // namespace
}  // namespace ponte::ops
