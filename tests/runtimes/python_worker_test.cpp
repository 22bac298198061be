// A worker in another language, written from docs/worker-protocol.md alone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/environment.h"
#include "paths.h"
#include "runtimes/fake_worker.h"

namespace ponte::runtimes {
namespace {

using testing::ElementsAre;

class PythonWorkerTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto python = find_program("python3");
    if (!python) GTEST_SKIP() << "there is no python3";
    auto started = Worker::start(
        {.arguments = {python->string(), "-I", test::data_folder() / "runtimes/python_worker.py"}});
    ASSERT_TRUE(started) << runtimes::describe(started.failure()) << started.failure().output;
    worker_ = std::move(started.value());
  }

  std::unique_ptr<Worker> worker_;
};

TEST_F(PythonWorkerTest, SpeaksTheProtocol) {
  EXPECT_EQ(worker_->identity().runtime, "doubling");
  EXPECT_TRUE(worker_->ping());
  const auto loaded = worker_->load({.model = "/none", .format = "doubling"});
  ASSERT_TRUE(loaded);
  EXPECT_THAT(*loaded->inputs->at(0).shape, ElementsAre(-1));
  ASSERT_TRUE(worker_->set_inputs(3, {floats("x", {1, 2, 3})}));
  const auto result = worker_->run(3);
  ASSERT_TRUE(result);
  EXPECT_THAT(float_values(result->outputs.at(0)), ElementsAre(2, 4, 6));
  EXPECT_TRUE(result->first_ns);
  const auto measured = worker_->measure({.set = 3, .count = 10});
  ASSERT_TRUE(measured);
  EXPECT_EQ(measured->duration_ns.size(), 10U);
  ASSERT_TRUE(worker_->stop());
  worker_->resume();
  EXPECT_TRUE(worker_->memory());
  EXPECT_TRUE(worker_->bye());
}

TEST_F(PythonWorkerTest, RefusesWhatItDoesNotKnow) {
  const auto canary = worker_->canary_ns();
  ASSERT_FALSE(canary);
  EXPECT_EQ(canary.failure().reason, "unknown_message");
  const auto run = worker_->run(9);
  ASSERT_FALSE(run);
  EXPECT_EQ(run.failure().reason, "unknown_set");
  EXPECT_FALSE(worker_->load({.model = "/none", .format = "doubling", .settings = {{"a", "b"}}}));
  EXPECT_TRUE(worker_->ping());
}

}  // namespace
}  // namespace ponte::runtimes
