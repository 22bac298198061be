// Expected numbers are counted by hand from tests/data/jobs/make_models.py.
#include "jobs/inspect.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "base/json.h"
#include "paths.h"

namespace ponte::jobs {
namespace {

using testing::ElementsAre;

ModelOptions model(const std::string& name) {
  ModelOptions options;
  options.path = test::data_folder() / "jobs" / name;
  return options;
}

TEST(Inspect, counts_nodes_ops_and_parameters_of_a_model) {
  const Json json = to_json(inspect(model("counted.onnx")));
  EXPECT_EQ(json["schema"], "ponte/inspect/1");
  EXPECT_EQ(json["format"], "onnx");
  EXPECT_EQ(json["producer"], "make_models.py");
  EXPECT_EQ(json["opset"], 17);
  EXPECT_EQ(json["opsets"], Json::parse(R"({"ai.onnx": 17})"));
  EXPECT_EQ(json["nodes"], 6);
  EXPECT_EQ(json["ops"], Json::parse(R"({"Conv": 1, "ConvTranspose": 1, "Gemm": 1, "LSTM": 1,
                                         "MatMul": 1, "Reshape": 1})"));
  // Without the two elements of the shape that Reshape is given.
  const int elements = 4 * 3 * 3 * 3 + 4 + 4 * 5 * 2 * 2 + 3 * 1260 + 3 + 3 * 11 + 16 * 3 + 16 * 4;
  EXPECT_EQ(json["parameters"], elements);
  EXPECT_EQ(json["parameter_bytes"], elements * 4);
  EXPECT_EQ(json["problems"], Json::array());
}

TEST(Inspect, names_inputs_and_outputs_with_dtype_and_shape) {
  const Json json = to_json(inspect(model("counted.onnx")));
  EXPECT_EQ(json["inputs"], Json::parse(R"([{"name": "x", "dtype": "f32", "shape": [2, 6, 9, 7]},
                            {"name": "steps", "dtype": "f32", "shape": [5, 2, 3]}])"));
  EXPECT_EQ(json["outputs"], Json::parse(R"([{"name": "y", "dtype": "f32", "shape": [2, 11]},
                            {"name": "states", "dtype": "f32", "shape": [5, 1, 2, 4]}])"));
  EXPECT_EQ(json["values"], Json::parse(R"({"known": 8, "ranked": 0, "unknown": 0})"));
}

TEST(Inspect, counts_multiplications_of_every_kind_of_product) {
  const int conv = (2 * 4 * 9 * 7) * (3 * 3 * 3);            // outputs, each a window of one group
  const int conv_transpose = (2 * 4 * 9 * 7) * (5 * 2 * 2);  // inputs, each over a window
  const int gemm = (2 * 3) * 1260;
  const int product = (2 * 11) * 3;
  const int lstm = (5 * 2) * (16 * 3 + 16 * 4);
  EXPECT_EQ(to_json(inspect(model("counted.onnx")))["macs"],
            conv + conv_transpose + gemm + product + lstm);
}

TEST(Inspect, gives_the_cost_of_an_open_model_as_an_expression) {
  const Json json = to_json(inspect(model("open_batch.onnx")));
  EXPECT_TRUE(json["macs"].is_null());
  EXPECT_EQ(json["macs_expression"], "30*batch");
  EXPECT_EQ(json["dynamic_dims"], Json::parse(R"(["batch"])"));
  EXPECT_EQ(json["inputs"][0]["shape"], Json::parse(R"(["batch", 6])"));
  EXPECT_EQ(json["inputs"][1]["shape"], Json::parse("[null, 2]"));
  EXPECT_EQ(json["values"], Json::parse(R"({"known": 0, "ranked": 4, "unknown": 0})"));
}

TEST(Inspect, takes_the_size_of_an_open_dimension_from_the_user) {
  ModelOptions options = model("open_batch.onnx");
  add_dim(options.shapes, "batch=8");
  add_input_shape(options.shapes, "z=4,2");
  const Json json = to_json(inspect(options));
  EXPECT_EQ(json["problems"], Json::array());
  EXPECT_EQ(json["macs"], 240);
  EXPECT_TRUE(json["macs_expression"].is_null());
  EXPECT_EQ(json["outputs"][0]["shape"], Json::parse("[8, 5]"));
  EXPECT_EQ(json["outputs"][1]["shape"], Json::parse("[4, 2]"));
  EXPECT_EQ(json["dynamic_dims"], Json::array());
}

TEST(Inspect, leaves_the_cost_open_where_a_branch_decides_it) {
  const Json json = to_json(inspect(model("branches.onnx")));
  EXPECT_TRUE(json["macs"].is_null());
  EXPECT_EQ(json["nodes"], 3);
  EXPECT_EQ(json["ops"], Json::parse(R"({"If": 1, "MatMul": 1, "Relu": 1})"));
}

TEST(Inspect, shows_the_domain_of_ops_outside_of_ai_onnx) {
  const Json json = to_json(inspect(model("foreign_domain.onnx")));
  EXPECT_EQ(json["ops"], Json::parse(R"({"test.unknown::Twist": 1})"));
  EXPECT_TRUE(json["macs"].is_null());
  EXPECT_EQ(json["opsets"], Json::parse(R"({"ai.onnx": 17, "test.unknown": 1})"));
}

TEST(Inspect, warns_of_each_op_that_can_not_be_evaluated) {
  const Json problems = to_json(inspect(model("unevaluable.onnx")))["problems"];
  ASSERT_EQ(problems.size(), 2U);
  EXPECT_EQ(problems[0]["severity"], "warning");
  EXPECT_EQ(problems[0]["where"]["op"], "Sin");
  EXPECT_EQ(problems[0]["where"]["node"], "first");
  EXPECT_EQ(problems[0]["count"], 2);
  EXPECT_EQ(problems[1]["where"]["op"], "Cos");
}

TEST(Inspect, tells_inputs_from_constants_and_from_inputs_with_a_default) {
  const Json constant = to_json(inspect(model("constant_inputs.onnx")));
  ASSERT_EQ(constant["inputs"].size(), 1U);
  EXPECT_EQ(constant["inputs"][0]["name"], "x");
  EXPECT_EQ(constant["parameters"], 3);
  const Json open = to_json(inspect(model("default_inputs.onnx")));
  ASSERT_EQ(open["inputs"].size(), 2U);
  EXPECT_FALSE(open["inputs"][0].contains("has_default"));
  EXPECT_EQ(open["inputs"][1]["has_default"], true);
}

// A branch of it is for another number of samples.
TEST(Inspect, branches_that_the_given_sizes_rule_out_are_no_problem) {
  if (!std::filesystem::exists(test::models_folder())) GTEST_SKIP() << test::missing_models();
  ModelOptions options;
  options.path = test::models_folder() / "onnx/silero-vad-v6/silero_vad.onnx";
  add_input_shape(options.shapes, "input=1,576");
  add_input_shape(options.shapes, "state=2,1,128");
  EXPECT_EQ(to_json(inspect(options))["problems"], Json::array());
}

TEST(Inspect, reports_every_problem_of_a_model_and_still_describes_it) {
  const InspectResult result = inspect(model("mismatch.onnx"));
  EXPECT_TRUE(result.problems.has_errors());
  const Json json = to_json(result);
  EXPECT_EQ(json["nodes"], 2);
  int nodes = 0;
  for (const Json& problem : json["problems"]) {
    EXPECT_EQ(problem["severity"], "error");
    EXPECT_THAT(problem["where"]["file"].get<std::string>(), testing::EndsWith("mismatch.onnx"));
    nodes += problem["count"].get<int>();
  }
  EXPECT_EQ(nodes, 2);
}

TEST(Inspect, says_what_it_can_about_a_file_that_is_not_there) {
  const InspectResult result = inspect(model("absent.onnx"));
  ASSERT_EQ(result.problems.entries().size(), 1U);
  EXPECT_EQ(result.problems.entries()[0].code, Code::CannotOpenFile);
  const Json json = to_json(result);
  for (const char* key : {"format", "bytes", "nodes", "parameters", "macs", "values", "opset"})
    EXPECT_TRUE(json[key].is_null()) << key;
  EXPECT_EQ(json["inputs"], Json::array());
  EXPECT_EQ(json["ops"], Json::object());
}

TEST(Inspect, refuses_a_dim_and_an_input_that_the_model_has_not) {
  ModelOptions options = model("open_batch.onnx");
  add_dim(options.shapes, "bath=8");
  EXPECT_EQ(inspect(options).problems.entries().at(0).code, Code::UnknownName);
  options = model("open_batch.onnx");
  add_input_shape(options.shapes, "y=1,2");
  EXPECT_EQ(inspect(options).problems.entries().at(0).code, Code::UnknownName);
}

TEST(ModelOptions, understands_shapes_and_dims) {
  convert::ShapeOptions shapes;
  add_input_shape(shapes, "a=b=1,2,3");
  add_input_shape(shapes, "scalar=");
  add_dim(shapes, "batch=0");
  EXPECT_THAT(shapes.input_shapes.at("a=b"), ElementsAre(1, 2, 3));
  EXPECT_THAT(shapes.input_shapes.at("scalar"), ElementsAre());
  EXPECT_EQ(shapes.dims.at("batch"), 0);
}

TEST(ModelOptions, refuses_shapes_and_dims_that_are_none) {
  convert::ShapeOptions shapes;
  for (const char* text : {"", "x", "=1", "x=1,", "x=,1", "x=1,,2", "x=-1", "x=1.5", "x=a",
                           "x=99999999999999999999", "x=281474976710657"}) {
    EXPECT_THROW(add_input_shape(shapes, text), Error) << text;
  }
  for (const char* text : {"", "x", "=1", "x=", "x=-1", "x=1,2", "x=8 "})
    EXPECT_THROW(add_dim(shapes, text), Error) << text;
  EXPECT_TRUE(shapes.input_shapes.empty());
  EXPECT_TRUE(shapes.dims.empty());
}

}  // namespace
}  // namespace ponte::jobs
