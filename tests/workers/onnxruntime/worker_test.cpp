// ONNX Runtime through its worker, on models whose results are exact in float32
// (tests/data/runtimes/make_models.py).
#include <gmock/gmock.h>

#include "base/temporary_folder.h"
#include "workers/runtime_fixture.h"

namespace ponte::runtimes {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Key;

class OnnxRuntimeTest : public RuntimeTest {
 protected:
  OnnxRuntimeTest() : RuntimeTest("onnxruntime") {}

  static LoadRequest request(const std::string& file,
                             std::map<std::string, std::string> settings = {}) {
    return {.model = model_path(file), .format = "onnx", .settings = std::move(settings)};
  }
  static HostTensor two_rows() { return float_tensor("x", {2, 3}, {1, 2, 3, 4, 5, -6}); }
};

TEST_F(OnnxRuntimeTest, SaysItsVersionAndWhereItLies) {
  EXPECT_EQ(worker_->identity().version, installation_.version);
  EXPECT_EQ(worker_->identity().library_path, installation_.library);
  const auto description = worker_->describe();
  ASSERT_TRUE(description);
  EXPECT_THAT(description->devices, Contains("cpu"));
}

// Where the worker runs with a home and a place for temporary files that nobody else uses.
class OnnxRuntimeAtHome : public OnnxRuntimeTest {
 protected:
  void SetUp() override {
    for (const auto& [name, value] : homes_) ::setenv(name.c_str(), folder_.path().c_str(), 1);
    OnnxRuntimeTest::SetUp();
  }
  void TearDown() override {
    worker_.reset();
    for (const auto& [name, value] : homes_)
      value ? ::setenv(name.c_str(), value->c_str(), 1) : ::unsetenv(name.c_str());
  }

  const test::TemporaryFolder folder_;

 private:
  std::map<std::string, std::optional<std::string>> homes_{
      {"HOME", environment_variable("HOME")},
      {"TMPDIR", environment_variable("TMPDIR")},
      {"XDG_CACHE_HOME", environment_variable("XDG_CACHE_HOME")}};
};

TEST_F(OnnxRuntimeAtHome, LeavesNothingThatReportsToItsMakers) {
  load(request("linear.onnx"));
  run({two_rows()});
  EXPECT_TRUE(worker_->bye());
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_.path()))
    ADD_FAILURE() << entry.path();
}

TEST_F(OnnxRuntimeTest, ReportsInputsOutputsAndOpenDimensions) {
  const Loaded loaded = load(request("linear.onnx"));
  EXPECT_GT(loaded.load_ns, 0U);
  ASSERT_TRUE(loaded.inputs);
  EXPECT_EQ(loaded.inputs->at(0).name, "x");
  EXPECT_EQ(loaded.inputs->at(0).dtype, ir::DType::Float32);
  EXPECT_THAT(*loaded.inputs->at(0).shape, ElementsAre(-1, 3));
  EXPECT_EQ(loaded.outputs.at(0).name, "y");
}

TEST_F(OnnxRuntimeTest, ComputesTheSameAsByHand) {
  load(request("linear.onnx"));
  const RunResult result = run({two_rows()});
  ASSERT_EQ(result.outputs.size(), 1U);
  EXPECT_THAT(result.outputs[0].shape, ElementsAre(2, 2));
  EXPECT_THAT(values_of<float>(result.outputs[0]), ElementsAre(14, 0, 0, 0));
  EXPECT_TRUE(result.first_ns);
  EXPECT_FALSE(run_again().first_ns);
}

TEST_F(OnnxRuntimeTest, EverySettingReachesTheSession) {
  const std::string written = testing::TempDir() + "/ponte-optimized.onnx";
  const Loaded loaded = load(request("linear.onnx", {{"intra_threads", "1"},
                                                     {"inter_threads", "1"},
                                                     {"graph_optimization_level", "basic"},
                                                     {"execution_mode", "sequential"},
                                                     {"enable_cpu_mem_arena", "0"},
                                                     {"enable_mem_pattern", "0"},
                                                     {"log_severity_level", "3"},
                                                     {"free_dimension.batch", "2"},
                                                     {"optimized_model_filepath", written},
                                                     {"session.set_denormal_as_zero", "1"}}));
  EXPECT_THAT(*loaded.inputs->at(0).shape, ElementsAre(2, 3));
  EXPECT_TRUE(std::filesystem::exists(written));
  std::filesystem::remove(written);
  EXPECT_EQ(loaded.in_force.at("intra_threads"), "1");
  EXPECT_EQ(loaded.in_force.at("threads_created"), "0");
}

TEST_F(OnnxRuntimeTest, CountsTheThreadsThatItsSettingStarts) {
  EXPECT_EQ(load(request("linear.onnx", {{"intra_threads", "3"}})).in_force.at("threads_created"),
            "2");
}

TEST_F(OnnxRuntimeTest, RefusesSettingsThatDoNotExist) {
  for (const auto& [key, value] : std::map<std::string, std::string>{{"nonsense", "1"},
                                                                     {"intra_threads", "many"},
                                                                     {"execution_mode", "sideways"},
                                                                     {"provider.device_id", "0"}}) {
    const auto loaded = worker_->load(request("linear.onnx", {{key, value}}));
    ASSERT_FALSE(loaded) << key;
    EXPECT_EQ(loaded.failure().kind, FailureKind::Refused) << key;
  }
  EXPECT_TRUE(worker_->ping());
}

TEST_F(OnnxRuntimeTest, RefusesADeviceThatIsNotThere) {
  LoadRequest wanted = request("linear.onnx");
  wanted.device = "abacus";
  const auto loaded = worker_->load(wanted);
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.failure().reason, "unknown_device");
}

TEST_F(OnnxRuntimeTest, RefusesAFileThatIsNoModelAndGoesOn) {
  for (const char* file : {"broken.onnx", "missing.onnx"}) {
    const auto loaded = worker_->load(request(file));
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.failure().reason, "invalid_model") << loaded.failure().message;
  }
  load(request("linear.onnx"));
  EXPECT_EQ(run({two_rows()}).outputs.size(), 1U);
}

TEST_F(OnnxRuntimeTest, RefusesInputsThatDoNotFit) {
  load(request("linear.onnx"));
  ASSERT_TRUE(worker_->set_inputs(1, {float_tensor("x", {1, 4}, {1, 2, 3, 4})}));
  ASSERT_TRUE(worker_->set_inputs(2, {float_tensor("other", {1, 3}, {1, 2, 3})}));
  for (const std::uint64_t set : {1U, 2U, 3U}) {
    const auto result = worker_->run(set);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.failure().kind, FailureKind::Refused);
  }
}

TEST_F(OnnxRuntimeTest, MeasuresEachExecution) {
  load(request("linear.onnx"));
  run({two_rows()});
  const auto measured = worker_->measure({.count = 50, .min_ns = 1'000'000});
  ASSERT_TRUE(measured);
  EXPECT_GE(measured->duration_ns.size(), 50U);
  EXPECT_FALSE(measured->first_ns);
  for (std::size_t i = 1; i < measured->start_ns.size(); ++i) {
    EXPECT_GE(measured->start_ns[i], measured->start_ns[i - 1] + measured->duration_ns[i - 1]);
  }
  EXPECT_GT(measured->cpu_ns, 0U);
}

TEST_F(OnnxRuntimeTest, ProfilesNodesByNameAndOp) {
  load(request("linear.onnx", {{"graph_optimization_level", "0"}}));
  run({two_rows()});
  const auto profile = worker_->profile(0, 7);
  ASSERT_TRUE(profile) << describe(profile.failure());
  EXPECT_EQ(profile->executions, 7U);
  ASSERT_EQ(profile->nodes.size(), 2U);
  EXPECT_EQ(profile->nodes[0].node, "multiply");
  EXPECT_EQ(profile->nodes[0].op, "MatMul");
  EXPECT_EQ(profile->nodes[0].calls, 7U);
  EXPECT_EQ(profile->nodes[1].op, "Relu");
}

TEST_F(OnnxRuntimeTest, CarriesStrings) {
  load(request("words.onnx"));
  HostTensor words{.name = "x", .dtype = ir::DType::String, .shape = {3}};
  words.bytes = protocol::encode_strings(std::vector<std::string>{"a", "",
                                                                  "br\xc3\xbc"
                                                                  "cke"});
  const RunResult result = run({words});
  ASSERT_EQ(result.outputs.size(), 1U);
  EXPECT_EQ(result.outputs[0].bytes, words.bytes);
}

TEST_F(OnnxRuntimeTest, CarriesNarrowDtypes) {
  load(request("narrow.onnx", {{"graph_optimization_level", "0"}}));
  const RunResult result = run({float_tensor("x", {3}, {1, -2, 3})});
  ASSERT_EQ(result.outputs.size(), 3U);
  EXPECT_THAT(values_of<std::uint16_t>(result.outputs[0]), ElementsAre(0x3c00, 0xc000, 0x4200));
  EXPECT_THAT(values_of<std::uint16_t>(result.outputs[1]), ElementsAre(0x3f80, 0xc000, 0x4040));
  EXPECT_EQ(result.outputs[2].dtype, ir::DType::Int4);
  EXPECT_THAT(values_of<std::uint8_t>(result.outputs[2]), ElementsAre(0xe1, 0x03));
}

TEST_F(OnnxRuntimeTest, CarriesSequencesAsTheirElements) {
  load(request("pieces.onnx"));
  const RunResult result = run({float_tensor("x", {4}, {1, 2, 3, 4})});
  ASSERT_EQ(result.outputs.size(), 2U);
  EXPECT_EQ(result.outputs[0].part, protocol::Part::Element);
  EXPECT_THAT(values_of<float>(result.outputs[0]), ElementsAre(1));
  EXPECT_THAT(values_of<float>(result.outputs[1]), ElementsAre(2, 3, 4));
}

TEST_F(OnnxRuntimeTest, FeedsStatesBackUntilInputsAreSetAgain) {
  LoadRequest wanted = request("counter.onnx");
  wanted.states = {{.output = "total_out", .input = "total_in"}};
  load(wanted);
  const std::vector<HostTensor> inputs = {float_tensor("x", {2}, {1, 10}),
                                          float_tensor("total_in", {2}, {0, 0})};
  run(inputs);
  run_again();
  EXPECT_THAT(values_of<float>(run_again().outputs.at(0)), ElementsAre(3, 30));
  EXPECT_THAT(values_of<float>(run(inputs).outputs.at(0)), ElementsAre(1, 10));
}

TEST_F(OnnxRuntimeTest, ReturnsIntermediateValuesThatWereAskedFor) {
  LoadRequest wanted = request("linear.onnx");
  wanted.keep = {"product", "y"};
  EXPECT_EQ(load(wanted).outputs.size(), 1U);
  const RunResult result = run({two_rows()});
  ASSERT_EQ(result.outputs.size(), 2U);
  EXPECT_EQ(result.outputs[1].name, "product");
  EXPECT_THAT(values_of<float>(result.outputs[1]), ElementsAre(14, -3.5, -4, -17));
  wanted.keep = {"nonsense"};
  EXPECT_FALSE(worker_->load(wanted));
  wanted.keep = {};
  wanted.keep_all = true;
  const auto all = worker_->load(wanted);
  ASSERT_FALSE(all);
  EXPECT_EQ(all.failure().reason, "unsupported");
}

TEST_F(OnnxRuntimeTest, ALibraryThatIsNotThereIsARefusedHello) {
  Installation wrong = installation_;
  wrong.library = "/nonexistent/libonnxruntime.so";
  const auto started = Worker::start(worker_command(*find_runtime("onnxruntime"), wrong, search_));
  ASSERT_FALSE(started);
  EXPECT_EQ(started.failure().kind, FailureKind::Refused);
  EXPECT_EQ(started.failure().reason, "missing_library");
  EXPECT_EQ(started.failure().phase, "hello");
}

}  // namespace
}  // namespace ponte::runtimes
