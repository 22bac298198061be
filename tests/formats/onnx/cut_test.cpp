// ONNX files that are read up to nodes or values that the user names.
#include <gmock/gmock.h>

#include "formats/onnx/models.h"

namespace ponte::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

ir::Model read_cut(const std::filesystem::path& path, const std::vector<std::string>& names) {
  Diagnostics problems;
  ir::Model model = onnx::read(path, {.outputs_at = names}, problems);
  EXPECT_FALSE(problems.has_errors()) << describe(problems);
  return model;
}

std::vector<std::string> names_of(const std::vector<ir::Value*>& values) {
  std::vector<std::string> names;
  for (const ir::Value* value : values) names.push_back(value->name());
  return names;
}

std::filesystem::path counted() { return data_folder() / "jobs/counted.onnx"; }

TEST(OnnxCut, keeps_what_the_outputs_need) {
  const ir::Model model = read_cut(counted(), {"flat", "conv"});
  EXPECT_THAT(model.cut_at, ElementsAre("flat", "conv"));
  EXPECT_THAT(names_of(model.graph->outputs()), ElementsAre("flat", "conv"));
  EXPECT_THAT(names_of(model.graph->inputs()), ElementsAre("x"));
  EXPECT_THAT(names_of(model.graph->constants()),
              ElementsAre("conv_w", "conv_b", "up_w", "flat_shape"));
  EXPECT_EQ(model.graph->nodes().size(), 3U);
}

TEST(OnnxCut, is_written_as_it_was_read) {
  const TemporaryFolder folder;
  write_sound(read_cut(counted(), {"flat"}), folder / "cut.onnx");
  const ir::Model again = read_sound(folder / "cut.onnx");
  EXPECT_THAT(names_of(again.graph->outputs()), ElementsAre("flat"));
  EXPECT_EQ(to_string(again.graph->outputs()[0]->declared()), "f32[2,1260]");
  EXPECT_THAT(names_of(again.graph->constants()),
              ElementsAre("conv_w", "conv_b", "up_w", "flat_shape"));
  std::vector<float> numbers;
  for (int i = 0; i < 756; ++i) numbers.push_back(static_cast<float>(i % 7 - 3));
  const std::map<std::string, ops::Datum> inputs{{"x", {f32({2, 6, 9, 7}, numbers)}}};
  EXPECT_EQ(numbers_of(evaluated(again, inputs)[0]),
            numbers_of(evaluated(read_cut(counted(), {"flat"}), inputs)[0]));
}

TEST(OnnxCut, of_names_that_are_not_there_is_none) {
  const ir::Model model = read_cut(counted(), {"x", "absent"});
  EXPECT_THAT(model.cut_at, IsEmpty());
  EXPECT_EQ(model.graph->nodes().size(), 6U);
}

TEST(OnnxCut, sees_what_a_branch_takes_from_outside) {
  // Both branches hand out `n` of the graph around them.
  const WireMessage branch = graph({.outputs = {value("n")}});
  WireMessage choice = node("If", {"c"}, {"y"});
  choice.message(5, graph_attribute("then_branch", branch));
  choice.message(5, graph_attribute("else_branch", branch));
  const TemporaryFolder folder;
  folder.write(
      "model.onnx",
      bytes_of(model(graph(
          {.nodes = {node("Neg", {"x"}, {"n"}), choice, node("Unheard", {"y"}, {"z"}, "of.mine")},
           .inputs = {value("x"), value("unused")},
           .outputs = {value("z")},
           .initializers = {tensor("c", {}, std::string(1, '\1'), 9)}}))));
  const ir::Model cut = read_cut(folder / "model.onnx", {"y"});
  EXPECT_THAT(names_of(cut.graph->inputs()), ElementsAre("x"));
  EXPECT_THAT(numbers_of(evaluated(cut, {{"x", {f32({2}, {1, 2})}}})[0]), ElementsAre(-1, -2));
}

}  // namespace
}  // namespace ponte::test
