// What nobody touched is written as it stood.
#include <algorithm>

#include "formats/onnx/models.h"

namespace ponte::test {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> canonical_models() {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::recursive_directory_iterator(onnx_data())) {
    if (entry.path().extension() == ".onnx" && entry.path().filename() != "external.onnx")
      paths.push_back(entry.path());
  }
  std::ranges::sort(paths);
  return paths;
}

TEST(OnnxRoundTrip, of_every_fixture_gives_the_same_bytes) {
  const TemporaryFolder folder;
  ASSERT_GT(canonical_models().size(), 30U);
  for (const fs::path& path : canonical_models()) {
    SCOPED_TRACE(path);
    write_sound(read_sound(path), folder / "out.onnx");
    EXPECT_EQ(text_of(folder / "out.onnx"), text_of(path));
  }
}

TEST(OnnxRoundTrip, of_a_model_that_was_read_from_memory_gives_the_same_bytes) {
  const TemporaryFolder folder;
  const std::string bytes = text_of(onnx_data() / "parts.onnx");
  write_sound(read_bytes(bytes), folder / "out.onnx");
  EXPECT_EQ(text_of(folder / "out.onnx"), bytes);
}

// Recorded from ONNX Runtime 1.32.
TEST(OnnxRoundTrip, keeps_what_subgraphs_and_functions_compute) {
  const auto control = evaluated(
      read_sound(onnx_data() / "control.onnx"),
      {{"x", {f32({2}, {1, 2})}},
       {"which", {ops::Array(ir::DType::Bool, {}, std::vector<ops::Bool>{ops::Bool{true}})}}});
  EXPECT_EQ(numbers_of(control[0]), (std::vector<double>{8, 64}));
  EXPECT_EQ(numbers_of(control[1]), (std::vector<double>{3, 14, 6, 36, 10, 68}));
  const auto functions =
      evaluated(read_sound(onnx_data() / "functions.onnx"), {{"a", {f32({2}, {-4, 3})}}});
  EXPECT_NEAR(numbers_of(functions[0])[0], 0.995, 1e-6);
  EXPECT_NEAR(numbers_of(functions[0])[1], 0, 1e-6);
}

TEST(OnnxRoundTrip, takes_data_files_along_wherever_a_tensor_stands) {
  const std::vector<double> expected{174769, 174775};  // ONNX Runtime 1.32
  const TemporaryFolder folder;
  const ir::Model model = read_sound(onnx_data() / "external.onnx");
  EXPECT_EQ(numbers_of(evaluated(model)[0]), expected);
  const auto written = write_sound(model, folder / "out.onnx");
  ASSERT_EQ(written.files.size(), 2U);
  EXPECT_EQ(written.files[1].path.filename().string().substr(0, 9), "out.onnx.");
  EXPECT_EQ(written.files[1].bytes, fs::file_size(written.files[1].path));
  EXPECT_EQ(text_of(folder / "out.onnx").find("external.data"), std::string::npos);
  const ir::Model again = read_sound(folder / "out.onnx");
  EXPECT_EQ(numbers_of(evaluated(again)[0]), expected);
  const auto in_place = write_sound(again, folder / "out.onnx");
  EXPECT_EQ(numbers_of(evaluated(read_sound(folder / "out.onnx"))[0]), expected);
  EXPECT_EQ(text_of(in_place.files[1].path), text_of(onnx_data() / "external.data").substr(400));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), 2);
}

TEST(OnnxRoundTrip, writes_a_new_shape_where_a_declaration_is_no_longer_true) {
  const TemporaryFolder folder;
  const ir::Model model = read_sound(onnx_data() / "parts.onnx");
  model.graph->set_type(*model.graph->find("x"),
                        ir::Type::tensor(ir::DType::Float32, ir::Shape{7, 3}));
  model.graph->forget_declarations();
  model.graph->infer_all();
  write_sound(model, folder / "out.onnx");
  const ir::Model again = read_sound(folder / "out.onnx");
  EXPECT_EQ(to_string(again.graph->outputs()[0]->declared()), "f32[7,3]");
  EXPECT_EQ(again.graph->annotations.at("alpha"), "text");
  EXPECT_EQ(again.metadata.at("licence"), "text");
}

TEST(OnnxRoundTrip, of_a_changed_node_leaves_its_neighbours_as_they_stood) {
  const TemporaryFolder folder;
  const ir::Model model = read_sound(onnx_data() / "parts.onnx");
  ir::Node& add = model.graph->nodes().back();
  model.graph->set_input(add, 1, model.graph->find("y"));
  write_sound(model, folder / "out.onnx");
  const std::string bytes = text_of(folder / "out.onnx");
  EXPECT_NE(bytes.find("SCALE_TENSOR"), std::string::npos);
  EXPECT_NE(bytes.find("DATA_BATCH"), std::string::npos);
  const ir::Model again = read_sound(folder / "out.onnx");
  EXPECT_EQ(again.graph->nodes().back().input(1)->name(), "y");
}

TEST(OnnxRoundTrip, keeps_the_sources_opset) {
  const TemporaryFolder folder;
  EXPECT_EQ(write_sound(read_sound(onnx_data() / "opsets/before_2.onnx"), folder / "a.onnx").opset,
            1);
  EXPECT_EQ(write_sound(read_sound(onnx_data() / "tensors.onnx"), folder / "b.onnx").opset, 25);
}

}  // namespace
}  // namespace ponte::test
