// Every model that tests may read, through the checker and through the text form and back.
#include <gtest/gtest.h>

#include <algorithm>

#include "convert/convert.h"
#include "ir/checker.h"
#include "ir/text.h"
#include "ops/all_ops.h"
#include "paths.h"
#include "unpacked_archive.h"

namespace ponte::convert {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> files_below(const fs::path& folder, std::string_view extension) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().extension() == extension) files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

// Whether the model reads; then its text must be one that parses and prints as itself.
bool goes_round(const fs::path& path, const ReadOptions& options) {
  SCOPED_TRACE(path);
  Diagnostics problems;
  try {
    const Source source = read(path, "", options, problems);
    if (problems.has_errors()) {
      for (const Diagnostic& entry : problems.entries())
        EXPECT_NE(entry.code, Code::InvalidGraph) << entry.message;
      return false;
    }
    const std::string text = print(source.model);
    const ir::Model parsed = ir::parse_model(text, ops::all_ops());
    require_valid(parsed);
    EXPECT_EQ(print(parsed), text);
    return true;
  } catch (const Error& error) {
    ADD_FAILURE() << to_string(error.code()) << ": " << error.what() << " at byte "
                  << error.where().byte.value_or(0);
    return false;
  }
}

TEST(TextRoundTrip, Of_every_onnx_model) {
  if (!fs::exists(test::models_folder())) GTEST_SKIP() << test::missing_models();
  for (const fs::path& path : files_below(test::models_folder() / "onnx", ".onnx")) {
    if (path.stem() == "ext_weights") continue;  // its data are not among the models
    EXPECT_TRUE(goes_round(path, {})) << path;
  }
}

TEST(TextRoundTrip, Of_every_caffe_model) {
  if (!fs::exists(test::models_folder())) GTEST_SKIP() << test::missing_models();
  int read_count = 0;
  for (const fs::path& path : files_below(test::models_folder() / "caffe", ".prototxt")) {
    fs::path weights = path;
    weights.replace_extension(".caffemodel");
    ReadOptions options;
    if (!fs::exists(weights)) options.random_weights = 1;
    if (path.stem() == "mnist_autoencoder") options.input_shapes["data"] = {1, 1, 28, 28};
    read_count += goes_round(path, options) ? 1 : 0;
  }
  EXPECT_GE(read_count, 15);
}

TEST(TextRoundTrip, Of_every_case_of_the_backend_suite) {
  const fs::path archive = test::models_folder() / "onnx/onnx-backend-a.tar.xz";
  if (!fs::exists(archive)) GTEST_SKIP() << test::missing_models();
  const test::UnpackedArchive unpacked(archive);
  int read_count = 0;
  for (const fs::path& path : files_below(unpacked.folder(), ".onnx"))
    read_count += goes_round(path, {}) ? 1 : 0;
  EXPECT_GE(read_count, 900);
}

}  // namespace
}  // namespace ponte::convert
