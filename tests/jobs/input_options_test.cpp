#include "jobs/input_options.h"

#include <gmock/gmock.h>

#include "base/expect_error.h"
#include "ops/all_ops.h"
#include "paths.h"

namespace ponte::jobs {
namespace {

std::unique_ptr<ir::Graph> graph(const std::string& input = "x") {
  auto graph = std::make_unique<ir::Graph>(ops::all_ops());
  graph->add_input(input, ir::Type::tensor(ir::DType::Float32, {ir::Dim(2), ir::Dim(3)}));
  return graph;
}

TEST(InputOptions, have_ranges_of_two_numbers) {
  InputFiles files;
  add_input_range(files, "x=0..255");
  add_input_range(files, "a=b=-1.5..1e2");
  EXPECT_EQ(files.ranges.at("x"), std::pair(0.0, 255.0));
  EXPECT_EQ(files.ranges.at("a=b"), std::pair(-1.5, 100.0));
  for (const char* text : {"x", "x=", "=0..1", "x=1", "x=2..1", "x=0..", "x=..1", "x=0..nan"})
    test::expect_error(Code::UsageError, [&] { add_input_range(files, text); });
}

TEST(InputOptions, have_names_on_both_sides) {
  std::map<std::string, std::string> names;
  add_name(names, "--map-input", "data=input");
  EXPECT_EQ(names.at("data"), "input");
  for (const char* text : {"data", "data=", "=input"})
    test::expect_error(Code::UsageError, [&] { add_name(names, "--map-input", text); });
}

TEST(InputOptions, read_the_files_that_were_named) {
  InputFiles files;
  add_input_file(files, "x=" + (test::data_folder() / "verify/fortran.npy").string());
  verify::InputOptions options;
  EXPECT_TRUE(read_inputs(files, *graph(), options).samples.empty());
  EXPECT_THAT(options.given.at("x").array().to_f64(), testing::ElementsAre(0, 1, 2, 3, 4, 5));
  files.samples = test::data_folder() / "verify/stored.npz";
  EXPECT_EQ(read_inputs(files, *graph(), options).samples.size(), 1U);
}

TEST(InputOptions, for_an_input_that_is_not_there_suggest_the_nearest) {
  InputFiles files;
  add_input_range(files, "imgae=0..1");
  verify::InputOptions options;
  const auto error = test::error_of([&] { read_inputs(files, *graph("image"), options); });
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->code(), Code::UnknownName);
  EXPECT_EQ(error->help(), "did you mean `image`?");
}

}  // namespace
}  // namespace ponte::jobs
