#include "jobs/convert.h"

#include <gmock/gmock.h>

#include "base/json.h"
#include "base/temporary_folder.h"
#include "paths.h"

namespace ponte::jobs {
namespace {

ConvertOptions options_for(const std::string& name, const std::filesystem::path& target) {
  ConvertOptions options;
  options.model.path = test::data_folder() / "jobs" / name;
  options.target = target;
  return options;
}

TEST(Convert, writes_a_model_and_says_what_it_wrote) {
  const test::TemporaryFolder folder;
  const auto target = folder / "out.onnx";
  const Json json = to_json(convert_model(options_for("counted.onnx", target)));
  EXPECT_EQ(json["problems"], Json::array());
  EXPECT_EQ(json["source_format"], "onnx");
  EXPECT_EQ(json["target_format"], "onnx");
  ASSERT_EQ(json["files"].size(), 1U);
  EXPECT_EQ(json["files"][0]["path"], target.string());
  EXPECT_EQ(json["files"][0]["bytes"], std::filesystem::file_size(target));
  EXPECT_EQ(json["nodes"], 6);
  EXPECT_EQ(json["transposes"], 0);
  EXPECT_EQ(json["opset"], 17);
  EXPECT_GT(json["seconds"].get<double>(), 0);
  EXPECT_GT(json["peak_rss_bytes"].get<std::uint64_t>(), 1'000'000U);
}

TEST(Convert, changes_nothing_that_nobody_asked_to_change) {
  const test::TemporaryFolder folder;
  for (const char* name :
       {"counted.onnx", "open_batch.onnx", "branches.onnx", "foreign_domain.onnx"}) {
    const ConvertOptions options = options_for(name, folder / name);
    EXPECT_EQ(convert_model(options).problems.entries().size(), 0U) << name;
    EXPECT_EQ(test::text_of(folder / name), test::text_of(options.model.path)) << name;
  }
}

TEST(Convert, writes_over_the_file_that_it_reads) {
  const test::TemporaryFolder folder;
  ConvertOptions options = options_for("open_batch.onnx", folder / "model.onnx");
  std::filesystem::copy_file(options.model.path, options.target);
  options.model.path = options.target;
  add_dim(options.model.shapes, "batch=8");
  EXPECT_FALSE(convert_model(options).problems.has_errors());
  ModelOptions written;
  written.path = options.target;
  EXPECT_EQ(to_json(inspect(written))["inputs"][0]["shape"], Json::parse("[8, 6]"));
}

TEST(Convert, says_that_the_target_is_a_folder) {
  const test::TemporaryFolder folder;
  for (const std::filesystem::path& target : {folder.path(), folder.path() / "", folder / "new/"}) {
    const ConvertResult result = convert_model(options_for("counted.onnx", target));
    ASSERT_EQ(result.problems.entries().size(), 1U) << target;
    EXPECT_THAT(result.problems.entries()[0].message, testing::HasSubstr("is a folder"));
    EXPECT_THAT(result.problems.entries()[0].help, testing::HasSubstr("model.onnx"));
  }
}

TEST(Convert, writes_nothing_after_an_error) {
  const test::TemporaryFolder folder;
  folder.write("out.onnx", "as it was");
  const ConvertResult result = convert_model(options_for("mismatch.onnx", folder / "out.onnx"));
  EXPECT_TRUE(result.problems.has_errors());
  EXPECT_TRUE(result.files.empty());
  EXPECT_EQ(test::text_of(folder / "out.onnx"), "as it was");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
  const Json json = to_json(result);
  EXPECT_EQ(json["files"], Json::array());
  EXPECT_TRUE(json["nodes"].is_null());
}

TEST(Convert, refuses_a_name_that_says_no_format) {
  const test::TemporaryFolder folder;
  const ConvertResult result = convert_model(options_for("counted.onnx", folder / "out.bin"));
  EXPECT_EQ(result.problems.entries().at(0).code, Code::UnknownName);
  ConvertOptions named = options_for("counted.onnx", folder / "out.bin");
  named.target_format = "onnx";
  EXPECT_FALSE(convert_model(named).problems.has_errors());
}

TEST(Convert, refuses_a_format_that_is_not_written) {
  const test::TemporaryFolder folder;
  for (const convert::FormatRow& row : convert::formats()) {
    if (row.write) continue;
    ConvertOptions options = options_for("counted.onnx", folder / "out");
    options.target_format = row.name;
    EXPECT_EQ(convert_model(options).problems.entries().at(0).code, Code::FormatNotWritable);
  }
}

TEST(Convert, refuses_what_the_format_has_no_use_for) {
  const test::TemporaryFolder folder;
  for (const auto& say : std::vector<std::function<void(ModelOptions&)>>{
           [](ModelOptions& model) { model.weights = "other.bin"; },
           [](ModelOptions& model) { model.random_weights = 1; },
           [](ModelOptions& model) { model.signature = "serve"; }}) {
    ConvertOptions options = options_for("counted.onnx", folder / "out.onnx");
    say(options.model);
    const ConvertResult result = convert_model(options);
    ASSERT_EQ(result.problems.entries().size(), 1U);
    EXPECT_EQ(result.problems.entries()[0].code, Code::UsageError);
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
  }
}

TEST(Convert, refuses_random_weights_where_no_layer_lacks_them) {
  const test::TemporaryFolder folder;
  ConvertOptions options;
  options.model.path = test::data_folder() / "caffe/small.prototxt";
  options.model.random_weights = 1;
  options.target = folder / "out.onnx";
  EXPECT_FALSE(convert_model(options).problems.has_errors());
  options.model.weights = test::data_folder() / "caffe/small.caffemodel";
  const ConvertResult result = convert_model(options);
  ASSERT_EQ(result.problems.entries().size(), 1U);
  EXPECT_EQ(result.problems.entries()[0].code, Code::UsageError);
}

TEST(Convert, lets_standard_output_have_one_file) {
  ConvertResult result;
  result.files = {{"model.onnx", 1}};
  require_one_file(result);
  EXPECT_TRUE(result.problems.empty());
  result.files.push_back({"model.onnx.data", 1});
  require_one_file(result);
  ASSERT_EQ(result.problems.entries().size(), 1U);
  EXPECT_EQ(result.problems.entries()[0].code, Code::NotOneFile);
}

}  // namespace
}  // namespace ponte::jobs
