// Local functions: unfolded where they are called, written as they were called.
#include <gmock/gmock.h>

#include "formats/onnx/models.h"

namespace ponte::test {
namespace {

std::string call_of(const std::vector<WireMessage>& functions, std::string_view name = "F") {
  return bytes_of(model(graph({.nodes = {node(name, {"x"}, {"y"}, "local")},
                               .inputs = {value("x")},
                               .outputs = {value("y")}}),
                        functions));
}

std::vector<std::string> ops_of(const ir::Model& model) {
  std::vector<std::string> ops;
  for (const ir::Node& entry : model.graph->nodes()) ops.emplace_back(entry.op_name());
  return ops;
}

TEST(OnnxFunction, becomes_its_body_with_types_for_each_call) {
  const ir::Model read = read_sound(onnx_data() / "functions.onnx");
  EXPECT_THAT(ops_of(read),
              testing::ElementsAre("LeakyRelu", "If", "LeakyRelu", "LeakyRelu", "Add"));
  for (const ir::Node& entry : read.graph->nodes())
    EXPECT_EQ(to_string(entry.output(0)->type()), "f32[2]") << entry.name();
}

TEST(OnnxFunction, takes_attributes_from_the_call_or_the_default) {
  const ir::Model read = read_sound(onnx_data() / "functions.onnx");
  std::vector<float> slopes;
  for (const ir::Node& entry : read.graph->nodes()) {
    const ir::Attribute* alpha = entry.attribute("alpha");
    if (alpha) slopes.push_back(std::get<float>(*alpha));
  }
  EXPECT_THAT(slopes, testing::ElementsAre(0.25F, 0.5F));
}

TEST(OnnxFunction, is_unfolded_in_the_file_when_the_opset_changes) {
  const TemporaryFolder folder;
  const ir::Model read = read_sound(onnx_data() / "functions.onnx");
  write_sound(read, folder / "out.onnx", {.opset = 17});
  EXPECT_EQ(text_of(folder / "out.onnx").find("Chosen"), std::string::npos);
  const auto before = evaluated(read, {{"a", {f32({2}, {-4, 3})}}});
  const auto after = evaluated(read_sound(folder / "out.onnx"), {{"a", {f32({2}, {-4, 3})}}});
  EXPECT_EQ(numbers_of(after[0]), numbers_of(before[0]));
}

TEST(OnnxFunction, is_unfolded_where_a_node_of_its_body_changed) {
  const TemporaryFolder folder;
  const ir::Model read = read_sound(onnx_data() / "functions.onnx");
  read.graph->set_attribute(read.graph->nodes().front(), "alpha", 2.0F);
  write_sound(read, folder / "out.onnx");
  const ir::Model again = read_sound(folder / "out.onnx");
  EXPECT_EQ(numbers_of(evaluated(again, {{"a", {f32({2}, {-4, 3})}}})[0]),
            numbers_of(evaluated(read, {{"a", {f32({2}, {-4, 3})}}})[0]));
}

TEST(OnnxFunction, may_hand_an_input_through_and_give_a_result_twice) {
  const TemporaryFolder folder;
  WireMessage call = node("F", {"x"}, {"a", "b", "c"}, "local");
  const std::string bytes =
      bytes_of(model(graph({.nodes = {call, node("Sum", {"a", "b", "c"}, {"y"})},
                            .inputs = {value("x")},
                            .outputs = {value("y")}}),
                     {function("F", {"x"}, {"x", "n", "n"}, {node("Neg", {"x"}, {"n"})})}));
  const ir::Model read = read_bytes(bytes);
  EXPECT_EQ(numbers_of(evaluated(read, {{"x", {f32({2}, {1, 5})}}})[0]),
            (std::vector<double>{-1, -5}));
  write_sound(read, folder / "out.onnx");
  EXPECT_EQ(text_of(folder / "out.onnx"), bytes);
}

TEST(OnnxFunction, names_its_inner_values_apart_from_those_of_the_graph) {
  const std::string bytes = bytes_of(model(
      graph({.nodes = {node("F", {"x"}, {"a"}, "local"), node("Neg", {"a"}, {"F_node/h"}),
                       node("Neg", {"F_node/h"}, {"y"})},
             .inputs = {value("x")},
             .outputs = {value("y")}}),
      {function("F", {"x"}, {"r"}, {node("Abs", {"x"}, {"h"}), node("Sqrt", {"h"}, {"r"})})}));
  EXPECT_EQ(numbers_of(evaluated(read_bytes(bytes), {{"x", {f32({2}, {4, -9})}}})[0]),
            (std::vector<double>{2, 3}));
}

TEST(OnnxFunction, may_have_its_nodes_out_of_order) {
  const ir::Model read = read_bytes(call_of(
      {function("F", {"x"}, {"r"}, {node("Sqrt", {"h"}, {"r"}), node("Abs", {"x"}, {"h"})})}));
  EXPECT_THAT(ops_of(read), testing::ElementsAre("Abs", "Sqrt"));
}

TEST(OnnxFunction, that_calls_itself_is_refused) {
  EXPECT_EQ(refusal_of(call_of({function("F", {"x"}, {"r"}, {node("F", {"x"}, {"r"}, "local")})})),
            Code::GraphNotAcyclic);
  EXPECT_EQ(refusal_of(call_of({function("F", {"x"}, {"r"}, {node("G", {"x"}, {"r"}, "local")}),
                                function("G", {"x"}, {"r"}, {node("F", {"x"}, {"r"}, "local")})})),
            Code::GraphNotAcyclic);
}

TEST(OnnxFunction, that_unfolds_into_too_many_nodes_is_refused) {
  std::vector<WireMessage> functions{function("F0", {"x"}, {"r"}, {node("Neg", {"x"}, {"r"})})};
  for (int i = 1; i <= 40; ++i) {
    const std::string below = "F" + std::to_string(i - 1);
    functions.push_back(
        function("F" + std::to_string(i), {"x"}, {"r"},
                 {node(below, {"x"}, {"h"}, "local"), node(below, {"h"}, {"r"}, "local")}));
  }
  EXPECT_EQ(refusal_of(call_of(functions, "F40")), Code::BudgetExceeded);
}

TEST(OnnxFunction, in_too_many_others_is_refused) {
  std::vector<WireMessage> functions{function("F0", {"x"}, {"r"}, {node("Neg", {"x"}, {"r"})})};
  for (int i = 1; i <= 70; ++i) {
    functions.push_back(function("F" + std::to_string(i), {"x"}, {"r"},
                                 {node("F" + std::to_string(i - 1), {"x"}, {"r"}, "local")}));
  }
  EXPECT_EQ(refusal_of(call_of(functions, "F70")), Code::NestingTooDeep);
}

TEST(OnnxFunction, without_one_of_its_outputs_is_refused) {
  EXPECT_EQ(refusal_of(call_of({function("F", {"x"}, {"r"}, {node("Neg", {"x"}, {"other"})})})),
            Code::UndefinedValue);
}

TEST(OnnxFunction, whose_nodes_form_a_cycle_is_refused) {
  EXPECT_EQ(refusal_of(call_of({function(
                "F", {"x"}, {"r"}, {node("Add", {"x", "r"}, {"h"}), node("Neg", {"h"}, {"r"})})})),
            Code::GraphNotAcyclic);
}

TEST(OnnxFunction, of_the_name_of_another_is_refused) {
  const WireMessage same = function("F", {"x"}, {"r"}, {node("Neg", {"x"}, {"r"})});
  EXPECT_EQ(refusal_of(call_of({same, same})), Code::DuplicateName);
}

}  // namespace
}  // namespace ponte::test
