// OpenCV through its worker, on models whose results are exact in float32
// (tests/data/runtimes/make_models.py prints the expected values).
#include <gmock/gmock.h>

#include <numeric>

#include "workers/runtime_fixture.h"

namespace ponte::runtimes {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::ElementsAreArray;

class OpenCvTest : public RuntimeTest {
 protected:
  OpenCvTest() : RuntimeTest("opencv") {}

  static LoadRequest caffe() {
    return {.model = model_path("tiny.prototxt"),
            .weights = model_path("tiny.caffemodel"),
            .format = "caffe"};
  }
  static HostTensor counting() {
    std::vector<float> values(12);
    std::iota(values.begin(), values.end(), 0.0F);
    return float_tensor("data", {1, 2, 2, 3}, values);
  }
};

constexpr float conv_values[] = {12, 15, 18, 21, 24, 27, 7, 7, 7, 7, 7, 7, 0, 0, 0, 0, 0, 0};

TEST_F(OpenCvTest, SaysItsVersionAndWhereItLies) {
  EXPECT_EQ(worker_->identity().version, installation_.version);
  EXPECT_FALSE(worker_->identity().library_path.empty());
  const auto description = worker_->describe();
  ASSERT_TRUE(description);
  EXPECT_THAT(description->devices, Contains("cpu"));
}

TEST_F(OpenCvTest, RunsACaffeNetwork) {
  const Loaded loaded = load(caffe());
  ASSERT_EQ(loaded.outputs.size(), 1U);
  EXPECT_EQ(loaded.outputs[0].name, "sum");
  EXPECT_THAT(loaded.intermediates, ElementsAre("conv", "relu", "sum"));
  const RunResult result = run({counting()});
  ASSERT_EQ(result.outputs.size(), 1U);
  EXPECT_THAT(result.outputs[0].shape, ElementsAre(1, 2));
  EXPECT_THAT(values_of<float>(result.outputs[0]), ElementsAre(159.5, -570));
}

TEST_F(OpenCvTest, ReturnsLayersThatWereAskedFor) {
  LoadRequest request = caffe();
  request.keep = {"relu"};
  request.settings = {{"fusion", "0"}};
  load(request);
  const RunResult result = run({counting()});
  ASSERT_EQ(result.outputs.size(), 2U);
  EXPECT_EQ(result.outputs[1].name, "relu");
  EXPECT_THAT(result.outputs[1].shape, ElementsAre(1, 3, 2, 3));
  EXPECT_THAT(values_of<float>(result.outputs[1]), ElementsAreArray(conv_values));
}

TEST_F(OpenCvTest, RunsAnOnnxModel) {
  load({.model = model_path("linear.onnx"), .format = "onnx"});
  const RunResult result = run({float_tensor("x", {2, 3}, {1, 2, 3, 4, 5, -6})});
  ASSERT_EQ(result.outputs.size(), 1U);
  EXPECT_EQ(result.outputs[0].name, "y");
  EXPECT_THAT(values_of<float>(result.outputs[0]), ElementsAre(14, 0, 0, 0));
}

TEST_F(OpenCvTest, ObeysItsSettings) {
  LoadRequest request = caffe();
  request.settings = {{"threads", "1"}, {"optimized", "0"}, {"backend", "opencv"}};
  EXPECT_EQ(load(request).in_force.at("threads"), "1");
  EXPECT_THAT(values_of<float>(run({counting()}).outputs.at(0)), ElementsAre(159.5, -570));
}

TEST_F(OpenCvTest, RefusesSettingsAndDevicesThatAreNotThere) {
  for (const auto& [key, value] : std::map<std::string, std::string>{
           {"nonsense", "1"}, {"threads", "many"}, {"backend", "abacus"}}) {
    LoadRequest request = caffe();
    request.settings = {{key, value}};
    const auto loaded = worker_->load(request);
    ASSERT_FALSE(loaded) << key;
    EXPECT_EQ(loaded.failure().kind, FailureKind::Refused);
  }
  LoadRequest request = caffe();
  request.device = "abacus";
  EXPECT_FALSE(worker_->load(request));
}

TEST_F(OpenCvTest, RefusesModelsAndInputsThatDoNotFit) {
  const auto broken = worker_->load({.model = model_path("broken.onnx"), .format = "onnx"});
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.failure().reason, "invalid_model");
  load(caffe());
  EXPECT_FALSE(worker_->set_inputs(0, {float_tensor("other", {1}, {1})}));
  HostTensor words{.name = "data", .dtype = ir::DType::String, .shape = {1}};
  words.bytes = protocol::encode_strings(std::vector<std::string>{"a"});
  EXPECT_FALSE(worker_->set_inputs(0, {words}));
  EXPECT_TRUE(worker_->ping());
}

TEST_F(OpenCvTest, MeasuresAndProfiles) {
  load(caffe());
  run({counting()});
  const auto measured = worker_->measure({.count = 20});
  ASSERT_TRUE(measured);
  EXPECT_EQ(measured->duration_ns.size(), 20U);
  const auto profile = worker_->profile(0, 5);
  ASSERT_TRUE(profile) << describe(profile.failure());
  ASSERT_EQ(profile->nodes.size(), 3U);
  EXPECT_EQ(profile->nodes[0].op, "Convolution");
  EXPECT_EQ(profile->nodes[0].calls, 5U);
}

}  // namespace
}  // namespace ponte::runtimes
