// The client side on a worker that does what it is told.
#include "runtimes/worker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstring>
#include <fstream>
#include <thread>

#include "base/expect_error.h"
#include "runtimes/fake_worker.h"

namespace ponte::runtimes {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* doubling_script = R"({
  "inputs": [{"name": "x", "dtype": "f32", "shape": [3]}],
  "outputs": [{"name": "y", "dtype": "f32", "shape": [3], "copy_of": "x", "scale": 2},
              {"name": "hidden", "dtype": "i64", "shape": [1], "values": [7], "intermediate": true},
              {"name": "words", "dtype": "string", "shape": [2], "values": ["", "bridge"]}],
  "latencies_ns": [900, 100, 200, 300],
  "load_ns": 5000,
  "canary": {"base_ns": 1234},
  "profile": [{"node": "double", "op": "Mul", "ns": 10}]
})";

class WorkerTest : public testing::Test {
 protected:
  std::unique_ptr<Worker> start(const std::string& script, const WorkerOptions& options = {}) {
    script_ = std::make_unique<TemporaryFile>(script);
    auto worker = Worker::start(fake_command(script_->path()), options);
    if (!worker) {
      ADD_FAILURE() << runtimes::describe(worker.failure());
      return nullptr;
    }
    return std::move(worker.value());
  }

  std::unique_ptr<Worker> loaded(const std::string& script, const LoadRequest& request = {}) {
    auto worker = start(script);
    LoadRequest with_model = request;
    with_model.model = script_->path();
    with_model.format = "fake";
    const auto answer = worker->load(with_model);
    EXPECT_TRUE(answer) << (answer ? "" : runtimes::describe(answer.failure()));
    EXPECT_TRUE(worker->set_inputs(0, {floats("x", {1, 2, 3})}));
    return worker;
  }

  std::unique_ptr<TemporaryFile> script_;
};

char process_state(int pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text((std::istreambuf_iterator<char>(file)), {});
  return text.substr(text.rfind(')') + 2)[0];
}

TEST_F(WorkerTest, SaysWhoItIs) {
  const auto worker = start(doubling_script);
  EXPECT_EQ(worker->identity().runtime, "fake");
  EXPECT_EQ(worker->identity().protocol, protocol::version);
  EXPECT_GT(worker->start_time().count(), 0);
  EXPECT_TRUE(worker->ping());
  const auto description = worker->describe();
  ASSERT_TRUE(description);
  EXPECT_THAT(description->devices, ElementsAre("cpu"));
  EXPECT_FALSE(description->settings.empty());
}

TEST_F(WorkerTest, ReportsWhatTheModelLooksLike) {
  auto worker = start(doubling_script);
  const auto loaded = worker->load({.model = script_->path(), .format = "fake"});
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->load_ns, 5000U);
  ASSERT_TRUE(loaded->inputs);
  EXPECT_EQ(loaded->inputs->at(0).name, "x");
  EXPECT_THAT(*loaded->inputs->at(0).shape, ElementsAre(3));
  ASSERT_EQ(loaded->outputs.size(), 2U);
  EXPECT_THAT(loaded->intermediates, ElementsAre("hidden"));
}

TEST_F(WorkerTest, RunsAndReturnsOutputsAndStrings) {
  const auto worker = loaded(doubling_script);
  const auto result = worker->run();
  ASSERT_TRUE(result);
  ASSERT_EQ(result->outputs.size(), 2U);
  EXPECT_THAT(float_values(result->outputs[0]), ElementsAre(2, 4, 6));
  EXPECT_THAT(protocol::decode_strings(result->outputs[1].bytes, 2), ElementsAre("", "bridge"));
}

TEST_F(WorkerTest, ReturnsIntermediatesThatWereAskedFor) {
  const auto worker = loaded(doubling_script, {.keep = {"hidden"}});
  const auto result = worker->run();
  ASSERT_TRUE(result);
  EXPECT_EQ(result->outputs.size(), 3U);
}

TEST_F(WorkerTest, KeepsTheFirstExecutionOutOfTheSamples) {
  const auto worker = loaded(doubling_script);
  const auto first = worker->measure({.count = 3});
  ASSERT_TRUE(first);
  EXPECT_EQ(first->first_ns, 900U);
  EXPECT_THAT(first->duration_ns, ElementsAre(100, 200, 300));
  const auto second = worker->measure({.count = 1});
  ASSERT_TRUE(second);
  EXPECT_FALSE(second->first_ns);
  EXPECT_THAT(second->duration_ns, ElementsAre(900));
}

TEST_F(WorkerTest, MeasuresUntilBothCountAndTimeAreReached) {
  const auto worker = loaded(doubling_script);
  const auto measured = worker->measure({.count = 2, .min_ns = 1000});
  ASSERT_TRUE(measured);
  EXPECT_THAT(measured->duration_ns, ElementsAre(100, 200, 300, 900));
  EXPECT_EQ(measured->start_ns[1] - measured->start_ns[0], 100U);
}

TEST_F(WorkerTest, MeasuresBatches) {
  const auto worker = loaded(doubling_script);
  const auto measured = worker->measure({.count = 2, .batch = 2});
  ASSERT_TRUE(measured);
  EXPECT_THAT(measured->duration_ns, ElementsAre(300, 1200));
}

TEST_F(WorkerTest, FeedsStatesBack) {
  const auto worker = loaded(doubling_script, {.states = {{.output = "y", .input = "x"}}});
  ASSERT_TRUE(worker->run());
  const auto second = worker->run();
  ASSERT_TRUE(second);
  EXPECT_THAT(float_values(second->outputs[0]), ElementsAre(4, 8, 12));
}

TEST_F(WorkerTest, AnswersTheSmallQuestions) {
  const auto worker = loaded(doubling_script);
  const auto calibration = worker->calibrate();
  ASSERT_TRUE(calibration);
  EXPECT_GT(calibration->empty_call_ns, 0);
  const auto canary = worker->canary_ns();
  ASSERT_TRUE(canary);
  EXPECT_EQ(canary.value(), 1234U);
  const auto memory = worker->memory();
  ASSERT_TRUE(memory);
  EXPECT_GT(memory->peak_rss_bytes, 0U);
  EXPECT_GT(memory->private_bytes, 0U);
  const auto profile = worker->profile(0, 5);
  ASSERT_TRUE(profile);
  EXPECT_EQ(profile->nodes.at(0).ns, 50U);
  EXPECT_EQ(profile->nodes.at(0).calls, 5U);
}

TEST_F(WorkerTest, SettingsReplaceTheScript) {
  const auto worker = loaded(R"({"inputs": [{"name": "x", "shape": [3]}], "outputs": []})",
                             {.settings = {{"base_ns", "250"}}});
  const auto measured = worker->measure({.count = 2});
  ASSERT_TRUE(measured);
  EXPECT_THAT(measured->duration_ns, ElementsAre(250, 250));
}

TEST_F(WorkerTest, RefusalsLeaveTheWorkerAlive) {
  const auto worker = loaded(doubling_script);
  const auto unknown_set = worker->run(99);
  ASSERT_FALSE(unknown_set);
  EXPECT_EQ(unknown_set.failure().kind, FailureKind::Refused);
  EXPECT_EQ(unknown_set.failure().reason, "unknown_set");
  const auto bad_model = worker->load({.model = "/nonexistent", .format = "fake"});
  ASSERT_FALSE(bad_model);
  EXPECT_EQ(bad_model.failure().reason, "invalid_model");
  EXPECT_TRUE(worker->ping());
}

TEST_F(WorkerTest, LeavesWhenToldTo) {
  const auto worker = loaded(doubling_script);
  EXPECT_TRUE(worker->bye());
  EXPECT_FALSE(worker->process().is_running());
  const auto after = worker->ping();
  ASSERT_FALSE(after);
  EXPECT_EQ(after.failure().phase, "bye");
}

TEST_F(WorkerTest, StandsStillWhileStoppedAndAnswersAfterResume) {
  const auto worker = loaded(doubling_script);
  ASSERT_TRUE(worker->stop());
  EXPECT_TRUE(worker->is_stopped());
  EXPECT_EQ(process_state(worker->pid()), 'T');
  worker->resume();
  EXPECT_TRUE(worker->ping());
  EXPECT_NE(process_state(worker->pid()), 'T');
}

TEST_F(WorkerTest, ACallToAStoppedWorkerIsADefect) {
  const auto worker = loaded(doubling_script);
  ASSERT_TRUE(worker->stop());
  EXPECT_THROW(static_cast<void>(worker->ping()), Error);
}

TEST_F(WorkerTest, StoppingADeadWorkerIsAFailure) {
  const auto worker = loaded(doubling_script);
  ::kill(worker->pid(), SIGKILL);
  while (worker->process().is_running()) {
  }
  const auto stopped = worker->stop();
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.failure().kind, FailureKind::Crashed);
  EXPECT_EQ(stopped.failure().signal, SIGKILL);
}

TEST_F(WorkerTest, AWorkerThatDiesWhileItStandsStillIsAFailureOfTheNextCall) {
  const auto worker = loaded(doubling_script);
  ASSERT_TRUE(worker->stop());
  ::kill(worker->pid(), SIGKILL);
  while (worker->process().is_running()) {
  }
  worker->resume();
  const auto measured = worker->measure({.count = 1});
  ASSERT_FALSE(measured);
  EXPECT_EQ(measured.failure().kind, FailureKind::Crashed);
  EXPECT_EQ(measured.failure().signal, SIGKILL);
}

TEST_F(WorkerTest, AMissingProgramIsAFailureOfTheSpawn) {
  const auto worker = Worker::start({.arguments = {"/nonexistent/worker"}});
  ASSERT_FALSE(worker);
  EXPECT_EQ(worker.failure().phase, "spawn");
}

TEST_F(WorkerTest, AProgramThatIsNoWorkerIsAFailureOfTheHello) {
  const auto worker = Worker::start({.arguments = {"/bin/true"}});
  ASSERT_FALSE(worker);
  EXPECT_EQ(worker.failure().kind, FailureKind::Exited);
  EXPECT_EQ(worker.failure().phase, "hello");
}

TEST_F(WorkerTest, KeepsWhatACrashedWorkerWrote) {
  const auto worker = loaded(R"({"inputs": [], "outputs": [], "misbehaviours": [
      {"phase": "run", "action": "flood_output", "amount": 1000000},
      {"phase": "run", "action": "crash"}]})");
  const auto result = worker->run();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.failure().kind, FailureKind::Crashed);
  EXPECT_EQ(result.failure().signal, SIGSEGV);
  EXPECT_THAT(result.failure().output, HasSubstr("xxxx"));
  EXPECT_EQ(worker->failure()->phase, "run");
}

TEST_F(WorkerTest, AMemoryHogIsStoppedByItsLimit) {
  auto worker = start(
      R"({"misbehaviours": [{"phase": "load", "action": "memory_hog", "amount": 4000000000}]})",
      {.memory_bytes = std::uint64_t{200} << 20});
  const auto loaded = worker->load({.model = script_->path(), .format = "fake"});
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.failure().kind, FailureKind::OutOfMemory);
}

TEST_F(WorkerTest, AnAddressSpaceLimitIsAnsweredAsOutOfMemory) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "the sanitizers need more address space than any limit leaves";
#endif
  auto worker = start(
      R"({"misbehaviours": [{"phase": "load", "action": "memory_hog", "amount": 4000000000}]})",
      {.address_space_bytes = std::uint64_t{300} << 20});
  const auto loaded = worker->load({.model = script_->path(), .format = "fake"});
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.failure().kind, FailureKind::OutOfMemory);
}

TEST_F(WorkerTest, WrongAnswersAreAnswers) {
  const auto worker = loaded(R"({
    "inputs": [{"name": "x", "shape": [3]}],
    "outputs": [{"name": "y", "shape": [3], "copy_of": "x"}],
    "misbehaviours": [{"phase": "run", "action": "nan", "after": 1}]})");
  const auto good = worker->run();
  ASSERT_TRUE(good);
  EXPECT_THAT(float_values(good->outputs[0]), ElementsAre(1, 2, 3));
  const auto bad = worker->run();
  ASSERT_TRUE(bad);
  EXPECT_TRUE(std::isnan(float_values(bad->outputs[0])[0]));
}

// Every way to fail in every phase ends as a failure of the right kind, in bounded time.
struct FailureCase {
  const char* action;
  FailureKind kind;
  int amount = 0;
};

constexpr FailureCase failure_cases[] = {
    {"crash", FailureKind::Crashed},
    {"exit", FailureKind::Exited, 3},
    {"hang", FailureKind::TimedOut},
    {"hang_deaf", FailureKind::TimedOut},
    {"spin", FailureKind::TimedOut},
    {"half_frame", FailureKind::TimedOut},
    {"half_frame_and_exit", FailureKind::Exited},
    {"fork_and_crash", FailureKind::Crashed},
    {"close_connection", FailureKind::Exited},
    {"abort_without_memory", FailureKind::OutOfMemory},
    {"bad_alloc", FailureKind::OutOfMemory},
    {"refuse", FailureKind::Refused},
    {"garbage", FailureKind::Protocol, 1},
    {"huge_header", FailureKind::Protocol},
    {"deep_header", FailureKind::Protocol},
    {"lie_about_shape", FailureKind::Protocol},
    {"unsealed", FailureKind::Protocol},
    {"hole", FailureKind::Protocol},
    {"pipe", FailureKind::Protocol},
    {"many_tensors", FailureKind::Protocol},
    {"answer_another_request", FailureKind::Protocol},
};

// The phase that is to fail by timing out gets little time, and all others enough for a busy
// machine.
Timeouts short_only_in(std::string_view phase) {
  constexpr Nanoseconds generous = std::chrono::seconds(60);
  constexpr Nanoseconds brief = milliseconds(250);
  const auto limit = [&](std::initializer_list<std::string_view> phases) {
    return std::ranges::find(phases, phase) != phases.end() ? brief : generous;
  };
  return {.hello = limit({"hello"}),
          .load = limit({"load"}),
          .run = limit({"run", "measure"}),
          .other = limit({"set_inputs", "calibrate", "memory"})};
}

std::optional<WorkerFailure> drive(const std::string& script_path, const Timeouts& timeouts) {
  WorkerOptions options;
  options.timeouts = timeouts;
  auto started = Worker::start(fake_command(script_path), options);
  if (!started) return started.failure();
  Worker& worker = *started.value();
  if (const auto answer = worker.load({.model = script_path, .format = "fake"}); !answer) {
    return answer.failure();
  }
  if (const auto answer = worker.set_inputs(0, {}); !answer) return answer.failure();
  if (const auto answer = worker.run(); !answer) return answer.failure();
  if (const auto answer = worker.calibrate(); !answer) return answer.failure();
  if (const auto answer = worker.measure({.count = 5}); !answer) return answer.failure();
  if (const auto answer = worker.memory(); !answer) return answer.failure();
  return std::nullopt;
}

TEST(WorkerFailures, AreDescribedInOneLine) {
  EXPECT_EQ(runtimes::describe({.kind = FailureKind::Refused,
                                .phase = "run",
                                .message = "\nbad shape\r\n  index: 1\n\n"}),
            "refused in `run`: bad shape index: 1");
  EXPECT_EQ(runtimes::describe({.kind = FailureKind::Refused, .phase = "run", .message = "\n"}),
            "refused in `run`: ");
}

TEST_F(WorkerTest, IsToldNoPathThatIsNoUtf8) {
  const auto worker = start(doubling_script);
  const auto answer = worker->load({.model = "a\xfe.onnx", .format = "fake"});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.failure().kind, FailureKind::Refused);
  EXPECT_THAT(answer.failure().message, HasSubstr("a\\xfe.onnx"));
}

class WorkerFailureTest : public testing::TestWithParam<std::tuple<FailureCase, const char*>> {};

TEST_P(WorkerFailureTest, EndsAsAFailureOfItsKind) {
  const auto& [failure_case, phase] = GetParam();
  const TemporaryFile script(std::string(R"({"misbehaviours": [{"phase": ")") + phase +
                             R"(", "action": ")" + failure_case.action + R"(", "amount": )" +
                             std::to_string(failure_case.amount) + "}]}");
  const bool hangs = failure_case.kind == FailureKind::TimedOut;
  const auto failure = drive(script.path(), short_only_in(hangs ? phase : ""));
  ASSERT_TRUE(failure);
  EXPECT_EQ(to_string(failure->kind), to_string(failure_case.kind)) << runtimes::describe(*failure);
  EXPECT_EQ(failure->phase, phase);
  EXPECT_FALSE(failure->message.empty());
}

std::string case_name(const testing::TestParamInfo<WorkerFailureTest::ParamType>& info) {
  std::string name = std::string(std::get<0>(info.param).action) + "_in_" + std::get<1>(info.param);
  return name;
}

INSTANTIATE_TEST_SUITE_P(EveryPhase, WorkerFailureTest,
                         testing::Combine(testing::ValuesIn(failure_cases),
                                          testing::Values("hello", "load", "set_inputs", "run",
                                                          "calibrate", "measure", "memory")),
                         case_name);

TEST(WorkerSpawnTest, ACrashBeforeTheFirstAnswerIsAFailureOfTheHello) {
  for (const char* action : {"crash", "exit", "hang", "garbage"}) {
    const TemporaryFile script(std::string(R"({"misbehaviours": [{"phase": "spawn", "action": ")") +
                               action + "\"}]}");
    const auto failure =
        drive(script.path(), short_only_in(std::string_view(action) == "hang" ? "hello" : ""));
    ASSERT_TRUE(failure) << action;
    EXPECT_EQ(failure->phase, "hello") << action;
  }
}

TEST(WorkerStopTest, AStopEndsAWorkerThatHangs) {
  const TemporaryFile script(R"({"misbehaviours": [{"phase": "load", "action": "hang_deaf"}]})");
  std::stop_source stop;
  auto started = Worker::start(fake_command(script.path()), {.stop = stop.get_token()});
  ASSERT_TRUE(started);
  Worker& worker = *started.value();
  const std::jthread user([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    stop.request_stop();
  });
  test::expect_error(Code::Interrupted,
                     [&] { (void)worker.load({.model = script.path(), .format = "fake"}); });
  EXPECT_TRUE(worker.process().wait(std::chrono::seconds(5)).has_value());
  EXPECT_FALSE(worker.ping());
}

}  // namespace
}  // namespace ponte::runtimes
