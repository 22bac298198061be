// The procedure on a simulated machine: who runs when, and when it ends.
#include "lab/measurement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lab/results.h"
#include "lab/simulated_machine.h"

namespace ponte::lab {
namespace {

const harness::NoiseModel quiet{
    .process_noise = 0.001, .execution_noise = 0.005, .burst_share = 0, .disturbed_blocks = 0};

const harness::NoiseModel noiseless{
    .process_noise = 0, .execution_noise = 0, .burst_share = 0, .disturbed_blocks = 0};

struct Outcome {
  Plan plan;
  Results results;
  MemoryRecorder recorder;
  int started = 0;
  int most_running = 0;
};

Outcome run(const harness::NoiseModel& model, std::vector<double> medians, const Rules& rules = {},
            Nanoseconds start_time = std::chrono::milliseconds(1)) {
  Outcome outcome;
  outcome.plan = simulated_plan(medians.size(), rules);
  SimulatedExecutor executor(model, std::move(medians), 5, 0);
  executor.start_time = start_time;
  Measurement measurement(outcome.plan, executor, outcome.recorder);
  measurement.run();
  outcome.results =
      evaluate(record_of(outcome.plan, outcome.recorder), outcome.plan, measurement.reasons());
  outcome.started = executor.started;
  outcome.most_running = executor.most_running;
  return outcome;
}

TEST(Measurement, NobodyRunsWhileAnotherIsMeasured) {
  EXPECT_EQ(run(quiet, {1e6, 2e6, 3e6}).most_running, 1);
}

TEST(Measurement, ABlockHolds3ExecutionsOr20MillisecondsWhicheverIsLonger) {
  for (const auto& [execution_ns, executions] : {std::pair(0.9e6, 23U), std::pair(5e7, 3U)}) {
    const Outcome outcome = run(noiseless, {execution_ns, execution_ns});
    for (const store::Block& block : outcome.recorder.pairs[0].processes[0].blocks) {
      if (block.phase != store::Phase::Measure) continue;
      EXPECT_EQ(block.samples_ns.size(), executions);
    }
  }
}

TEST(Measurement, StopsAtTheFirstLookThatIsPreciseEnough) {
  const Outcome outcome = run(quiet, {1e6, 2e6});
  EXPECT_EQ(outcome.recorder.pairs.size(), 6U);
  EXPECT_EQ(outcome.results.trials[0].stopped_by, StoppedBy::Precision);
  EXPECT_EQ(outcome.results.trials[1].stopped_by, StoppedBy::Precision);
}

TEST(Measurement, StopsByTimeWhereThePrecisionIsOutOfReach) {
  const Outcome outcome = run({.process_noise = 0.05}, {1e6, 1e6}, {.precision = 0.001});
  EXPECT_EQ(outcome.results.trials[1].stopped_by, StoppedBy::Time);
  EXPECT_GT(outcome.recorder.pairs.size(), 10U);
}

TEST(Measurement, OfAnOnlyTrialWantsItsMedian) {
  const Outcome outcome = run(quiet, {1e6});
  EXPECT_TRUE(outcome.results.comparisons.empty());
  ASSERT_TRUE(outcome.results.trials[0].median->interval);
  EXPECT_NEAR(outcome.results.trials[0].median->median_ns, 1e6, 5e3);
  EXPECT_EQ(outcome.recorder.pairs.size(), 6U);
}

TEST(Measurement, TakesFewerProcessesWhereStartingThemEatsTheBudget) {
  const Outcome outcome =
      run({.process_noise = 0.05}, {1e6, 1e6}, {.precision = 0.001}, std::chrono::seconds(15));
  EXPECT_EQ(outcome.recorder.pairs.size(), 3U);
  const auto& warnings = outcome.results.trials[0].warnings;
  EXPECT_TRUE(std::ranges::any_of(
      warnings, [](const Warning& warning) { return warning.code == "few-processes"; }));
}

TEST(Measurement, OfASlowModelTakesFiveBlockPairs) {
  const Outcome outcome = run(quiet, {1e9, 1e9}, {.max_time = std::chrono::seconds(1)});
  EXPECT_EQ(outcome.recorder.pairs.size(), 3U);
  EXPECT_EQ(outcome.results.comparisons[0].estimate->block_pairs, 15U);
}

TEST(Measurement, ComparisonsThatArePreciseLeaveTheRestAlone) {
  Plan plan = simulated_plan(3, {.precision = 0.005});
  SimulatedExecutor executor({.process_noise = 0.004, .burst_share = 0, .disturbed_blocks = 0},
                             {1e6, 1e6, 1e6}, 3, 0);
  MemoryRecorder recorder;
  Measurement measurement(plan, executor, recorder);
  measurement.run();
  for (std::size_t i = 1; i < recorder.pairs.size(); ++i)
    EXPECT_LE(recorder.pairs[i].processes.size(), recorder.pairs[i - 1].processes.size());
  EXPECT_GE(recorder.pairs.back().processes.size(), 2U);
}

TEST(Measurement, SeveralComparisonsAreSimultaneous) {
  const Outcome outcome = run(quiet, {1e6, 1e6, 1e6});
  ASSERT_EQ(outcome.results.comparisons.size(), 2U);
  EXPECT_EQ(outcome.results.comparisons[0].estimate->comparisons, 2U);
}

TEST(Measurement, AQuickRunClaimsNothingUnderFivePercent) {
  const Rules rules = quick_rules({});
  const Outcome small = run(quiet, {1e6, 1.03e6}, rules);
  EXPECT_EQ(small.results.comparisons[0].verdict, statistics::RatioVerdict::NoDifferenceDetected);
  EXPECT_THAT(small.results.comparisons[0].reason, testing::HasSubstr("quick"));
  const Outcome large = run(quiet, {1e6, 1.2e6}, rules);
  EXPECT_EQ(large.results.comparisons[0].verdict, statistics::RatioVerdict::Slower);
}

TEST(Measurement, WhatTheMemoryDoesNotHoldRunsInGroups) {
  Plan plan = simulated_plan(3);
  for (Trial& trial : plan.trials) trial.memory_bytes = 1 << 20;
  plan.memory_bytes = 4 << 20;  // 60 % hold two
  set_baseline(plan, 0);
  ASSERT_EQ(plan.groups.size(), 2U);
  SimulatedExecutor executor(quiet, {1e6, 2e6, 3e6}, 5, 0);
  MemoryRecorder recorder;
  Measurement measurement(plan, executor, recorder);
  measurement.run();
  const Results results = evaluate(record_of(plan, recorder), plan, measurement.reasons());
  for (const store::ProcessPair& pair : recorder.pairs) EXPECT_EQ(pair.processes.size(), 2U);
  EXPECT_NEAR(results.comparisons[0].estimate->ratio, 2, 0.02);
  EXPECT_NEAR(results.comparisons[1].estimate->ratio, 3, 0.03);
}

}  // namespace
}  // namespace ponte::lab
