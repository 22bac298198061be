// Published networks, which lie beside the project: all of them are read, those without weights
// with drawn ones.
#include <gtest/gtest.h>

#include "formats/caffe/run.h"
#include "paths.h"

namespace ponte::test {
namespace {

std::filesystem::path models() { return models_folder() / "caffe"; }

TEST(CaffeModels, AreReadWithoutAProblem) {
  if (!std::filesystem::exists(models())) GTEST_SKIP() << missing_models();
  int with_weights = 0, drawn = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(models())) {
    if (entry.path().extension() != ".prototxt") continue;
    SCOPED_TRACE(entry.path().string());
    std::filesystem::path weights = entry.path();
    weights.replace_extension(".caffemodel");
    const bool has_weights = std::filesystem::exists(weights);
    caffe::ReadOptions options;
    if (!has_weights) options.random_weights = 1;
    options.input_shapes = {};
    if (entry.path().stem() == "mnist_autoencoder") options.input_shapes["data"] = {1, 1, 28, 28};
    Diagnostics problems;
    const caffe::ReadResult result = caffe::read_with_blobs(entry.path(), options, problems);
    EXPECT_FALSE(problems.has_errors()) << describe(problems);
    EXPECT_FALSE(result.model.graph->outputs().empty());
    for (const ir::Value* output : result.model.graph->outputs())
      EXPECT_FALSE(output->type().is_unknown());
    (has_weights ? with_weights : drawn) += 1;
  }
  EXPECT_GE(with_weights, 5);
  EXPECT_GE(drawn, 13);
}

}  // namespace
}  // namespace ponte::test
