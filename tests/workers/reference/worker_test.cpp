// The judge through its worker, on models whose results are exact in float32
// (tests/data/runtimes/make_models.py prints the expected values).
#include <gmock/gmock.h>

#include <cmath>
#include <numeric>

#include "workers/runtime_fixture.h"

namespace ponte::runtimes {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class ReferenceTest : public RuntimeTest {
 protected:
  ReferenceTest() : RuntimeTest("reference") {}

  void SetUp() override {
    RuntimeTest::SetUp();
    ASSERT_TRUE(worker_) << "it is part of ponte and never missing";
  }

  static LoadRequest request(const std::string& file,
                             std::map<std::string, std::string> settings = {}) {
    return {.model = model_path(file), .format = "onnx", .settings = std::move(settings)};
  }
  static LoadRequest caffe() {
    return {.model = model_path("tiny.prototxt"),
            .weights = model_path("tiny.caffemodel"),
            .format = "caffe"};
  }
  static HostTensor two_rows() { return float_tensor("x", {2, 3}, {1, 2, 3, 4, 5, -6}); }

  // The reason of a load that must be refused; the worker goes on after it.
  std::string refusal(const LoadRequest& wanted) {
    const auto loaded = worker_->load(wanted);
    if (loaded) return "it was loaded";
    EXPECT_EQ(loaded.failure().kind, FailureKind::Refused);
    EXPECT_TRUE(worker_->ping());
    return loaded.failure().reason;
  }
};

TEST_F(ReferenceTest, SaysWhatItIs) {
  EXPECT_EQ(worker_->identity().runtime, "reference");
  EXPECT_EQ(worker_->identity().version, installation_.version);
  const auto description = worker_->describe();
  ASSERT_TRUE(description);
  EXPECT_THAT(description->devices, ElementsAre("cpu"));
  EXPECT_THAT(description->formats, ElementsAre("caffe", "onnx"));
}

TEST_F(ReferenceTest, ReportsInputsOutputsAndIntermediateValues) {
  const Loaded loaded = load(request("linear.onnx"));
  EXPECT_GT(loaded.load_ns, 0U);
  ASSERT_TRUE(loaded.inputs);
  ASSERT_EQ(loaded.inputs->size(), 1U);
  EXPECT_EQ(loaded.inputs->at(0).name, "x");
  EXPECT_EQ(loaded.inputs->at(0).dtype, ir::DType::Float32);
  EXPECT_THAT(*loaded.inputs->at(0).shape, ElementsAre(-1, 3));
  EXPECT_EQ(loaded.outputs.at(0).name, "y");
  EXPECT_EQ(loaded.outputs.at(0).dtype, ir::DType::Float64);
  EXPECT_THAT(loaded.intermediates, ElementsAre("product", "y"));
  EXPECT_EQ(loaded.in_force.at("arithmetic"), "judge");
}

TEST_F(ReferenceTest, JudgesInDoublePrecision) {
  load(request("linear.onnx"));
  const RunResult result = run({two_rows()});
  ASSERT_EQ(result.outputs.size(), 1U);
  EXPECT_EQ(result.outputs[0].dtype, ir::DType::Float64);
  EXPECT_THAT(result.outputs[0].shape, ElementsAre(2, 2));
  EXPECT_THAT(values_of<double>(result.outputs[0]), ElementsAre(14, 0, 0, 0));
  const float third = 1.0F / 3;
  const RunResult fine = run({float_tensor("x", {1, 3}, {third, third, third})});
  const double expected = third * 1.0 + third * 2.0 + third * 3.0;
  EXPECT_NE(expected, static_cast<double>(static_cast<float>(expected)));
  EXPECT_EQ(values_of<double>(fine.outputs.at(0)).at(0), expected);
}

TEST_F(ReferenceTest, RoundsToTheOpsOwnDtypeInExactArithmetic) {
  load(request("linear.onnx", {{"arithmetic", "exact"}, {"threads", "2"}}));
  const RunResult result = run({two_rows()});
  ASSERT_EQ(result.outputs.size(), 1U);
  EXPECT_EQ(result.outputs[0].dtype, ir::DType::Float32);
  EXPECT_THAT(values_of<float>(result.outputs[0]), ElementsAre(14, 0, 0, 0));
}

TEST_F(ReferenceTest, RunsACaffeNetwork) {
  LoadRequest wanted = caffe();
  wanted.settings = {{"arithmetic", "exact"}};
  const Loaded loaded = load(wanted);
  ASSERT_EQ(loaded.outputs.size(), 1U);
  EXPECT_EQ(loaded.outputs[0].name, "sum");
  std::vector<float> values(12);
  std::iota(values.begin(), values.end(), 0.0F);
  const RunResult result = run({float_tensor("data", {1, 2, 2, 3}, values)});
  EXPECT_THAT(values_of<float>(result.outputs.at(0)), ElementsAre(159.5, -570));
}

TEST_F(ReferenceTest, ReturnsIntermediateValuesThatWereAskedFor) {
  LoadRequest wanted = request("linear.onnx");
  wanted.keep = {"product"};
  load(wanted);
  const RunResult named = run({two_rows()});
  ASSERT_EQ(named.outputs.size(), 2U);
  EXPECT_EQ(named.outputs[1].name, "product");
  EXPECT_THAT(values_of<double>(named.outputs[1]), ElementsAre(14, -3.5, -4, -17));
  wanted.keep = {};
  wanted.keep_all = true;
  load(wanted);
  EXPECT_EQ(run({two_rows()}).outputs.size(), 2U);
  wanted.keep = {"nonsense"};
  EXPECT_EQ(refusal(wanted), "invalid_request");
}

TEST_F(ReferenceTest, NamesWhatLayersDoInPlaceByTheLayer) {
  LoadRequest wanted = caffe();
  wanted.keep = {"relu", "conv", "sum"};
  EXPECT_THAT(load(wanted).intermediates, testing::IsSupersetOf({"conv", "relu", "sum"}));
  std::vector<float> values(12);
  std::iota(values.begin(), values.end(), 0.0F);
  const RunResult result = run({float_tensor("data", {1, 2, 2, 3}, values)});
  ASSERT_EQ(result.outputs.size(), 3U);
  EXPECT_EQ(result.outputs[1].name, "relu");
  EXPECT_EQ(values_of<double>(result.outputs[1]).back(), 0);
  EXPECT_EQ(result.outputs[2].name, "conv");
  EXPECT_EQ(values_of<double>(result.outputs[2]).back(), -20.5);
}

TEST_F(ReferenceTest, CarriesStringsNarrowDtypesAndSequences) {
  load(request("words.onnx"));
  HostTensor words{.name = "x", .dtype = ir::DType::String, .shape = {2}};
  words.bytes = protocol::encode_strings(std::vector<std::string>{"", "bridge"});
  EXPECT_EQ(run({words}).outputs.at(0).bytes, words.bytes);

  load(request("narrow.onnx", {{"arithmetic", "exact"}}));
  const RunResult narrow = run({float_tensor("x", {3}, {1, -2, 3})});
  ASSERT_EQ(narrow.outputs.size(), 3U);
  EXPECT_THAT(values_of<std::uint16_t>(narrow.outputs[0]), ElementsAre(0x3c00, 0xc000, 0x4200));
  EXPECT_THAT(values_of<std::uint16_t>(narrow.outputs[1]), ElementsAre(0x3f80, 0xc000, 0x4040));
  EXPECT_THAT(values_of<std::uint8_t>(narrow.outputs[2]), ElementsAre(0xe1, 0x03));

  load(request("pieces.onnx"));
  const RunResult pieces = run({float_tensor("x", {4}, {1, 2, 3, 4})});
  ASSERT_EQ(pieces.outputs.size(), 2U);
  EXPECT_EQ(pieces.outputs[0].part, protocol::Part::Element);
  EXPECT_THAT(values_of<double>(pieces.outputs[1]), ElementsAre(2, 3, 4));
}

TEST_F(ReferenceTest, FeedsStatesBackUntilInputsAreSetAgain) {
  LoadRequest wanted = request("counter.onnx");
  wanted.states = {{.output = "total_out", .input = "total_in"}};
  load(wanted);
  const std::vector<HostTensor> inputs = {float_tensor("x", {2}, {1, 10}),
                                          float_tensor("total_in", {2}, {0, 0})};
  run(inputs);
  run_again();
  EXPECT_THAT(values_of<double>(run_again().outputs.at(0)), ElementsAre(3, 30));
  EXPECT_THAT(values_of<double>(run(inputs).outputs.at(0)), ElementsAre(1, 10));
}

TEST_F(ReferenceTest, RefusesSettingsAndDevicesThatAreNotThere) {
  for (const auto& [key, value] : std::map<std::string, std::string>{{"nonsense", "1"},
                                                                     {"arithmetic", "abacus"},
                                                                     {"threads", "0"},
                                                                     {"memory_bytes", "much"}}) {
    const std::string expected = key == "nonsense" ? "unknown_setting" : "invalid_setting";
    EXPECT_EQ(refusal(request("linear.onnx", {{key, value}})), expected) << key;
  }
  LoadRequest elsewhere = request("linear.onnx");
  elsewhere.device = "abacus";
  EXPECT_EQ(refusal(elsewhere), "unknown_device");
}

TEST_F(ReferenceTest, RefusesModelsThatItCannotRead) {
  EXPECT_EQ(refusal(request("broken.onnx")), "invalid_model");
  EXPECT_EQ(refusal(request("missing.onnx")), "invalid_model");
  LoadRequest without_weights = caffe();
  without_weights.weights = model_path("missing.caffemodel");
  EXPECT_EQ(refusal(without_weights), "invalid_model");
  LoadRequest foreign = request("");
  foreign.model = (test::data_folder() / "jobs" / "foreign_domain.onnx").string();
  EXPECT_EQ(refusal(foreign), "unsupported");
}

TEST_F(ReferenceTest, RefusesInputsThatDoNotFit) {
  load(request("linear.onnx"));
  EXPECT_FALSE(worker_->set_inputs(0, {float_tensor("other", {1, 3}, {1, 2, 3})}));
  ASSERT_TRUE(worker_->set_inputs(1, {float_tensor("x", {1, 4}, {1, 2, 3, 4})}));
  ASSERT_TRUE(worker_->set_inputs(2, {}));
  for (const std::uint64_t set : {1U, 2U}) {
    const auto result = worker_->run(set);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.failure().reason, "invalid_input");
  }
  EXPECT_EQ(worker_->run(3).failure().reason, "unknown_set");
  EXPECT_EQ(run({two_rows()}).outputs.size(), 1U);
}

TEST_F(ReferenceTest, StopsAtItsBudgets) {
  for (const auto& [key, words] :
       std::map<std::string, std::string>{{"memory_bytes", "bytes"}, {"max_steps", "steps"}}) {
    load(request("linear.onnx", {{key, "10"}}));
    ASSERT_TRUE(worker_->set_inputs(0, {two_rows()}));
    const auto result = worker_->run();
    ASSERT_FALSE(result) << key;
    EXPECT_EQ(result.failure().kind, FailureKind::Refused);
    EXPECT_THAT(result.failure().message, HasSubstr(words));
  }
  load(request("linear.onnx"));
  EXPECT_EQ(run({two_rows()}).outputs.size(), 1U);
}

TEST_F(ReferenceTest, MeasuresAndProfiles) {
  load(request("linear.onnx"));
  run({two_rows()});
  const auto measured = worker_->measure({.count = 20});
  ASSERT_TRUE(measured);
  EXPECT_EQ(measured->duration_ns.size(), 20U);
  const auto profile = worker_->profile(0, 5);
  ASSERT_TRUE(profile) << describe(profile.failure());
  ASSERT_EQ(profile->nodes.size(), 2U);
  EXPECT_EQ(profile->nodes[0].node, "multiply");
  EXPECT_EQ(profile->nodes[0].op, "MatMul");
  EXPECT_EQ(profile->nodes[0].calls, 5U);
  EXPECT_LE(profile->nodes[0].ns + profile->nodes[1].ns, profile->total_ns);
}

}  // namespace
}  // namespace ponte::runtimes
