// The whole procedure with its stopping rule on simulated machines: fresh processes, warm-up,
// interleaved blocks, looks. Its printed interval covers, equal trials are not claimed to differ,
// and printed bounds of the 90th percentile hold.
#include <gtest/gtest.h>

#include <cstdio>
#include <ostream>

#include "harness/acceptance.h"
#include "lab/measurement.h"
#include "lab/results.h"
#include "lab/simulated_machine.h"

namespace ponte::lab {
namespace {

constexpr double execution_ns = 1e7;

struct Counts {
  int all = 0;
  int covered = 0;
  int claimed = 0;
  int bounds = 0;  // printed ones, of the 90th percentile of a trial
  int held = 0;
  std::size_t pairs = 0;
};

Counts& operator+=(Counts& a, const Counts& b) {
  a.all += b.all;
  a.covered += b.covered;
  a.claimed += b.claimed;
  a.bounds += b.bounds;
  a.held += b.held;
  a.pairs += b.pairs;
  return a;
}

Results measure_once(const harness::NoiseModel& model, double truth, std::uint64_t seed,
                     std::uint64_t stream) {
  const Plan plan = simulated_plan(2, {.seed = mix_seed(seed, stream)});
  SimulatedExecutor executor(model, {execution_ns, execution_ns * truth}, seed, stream);
  MemoryRecorder recorder;
  Measurement measurement(plan, executor, recorder);
  measurement.run();
  return evaluate(record_of(plan, recorder), plan, measurement.reasons());
}

Counts simulate(const harness::NoiseModel& model, double truth, std::uint64_t seed) {
  Counts counts{.all = harness::experiments_of_each_kind(60)};
  const double percentile = execution_ns * harness::noise_quantile(model, 0.9);
  for (int i = 0; i < counts.all; ++i) {
    const Results results = measure_once(model, truth, seed, static_cast<std::uint64_t>(i));
    const ComparisonResult& comparison = results.comparisons.at(0);
    counts.covered += comparison.estimate->interval_95.contains(truth) ? 1 : 0;
    counts.claimed += comparison.verdict != statistics::RatioVerdict::NoDifferenceDetected ? 1 : 0;
    counts.pairs += comparison.process_pairs;
    const auto& bound = results.trials[0].p90->bound_ns;
    counts.bounds += bound ? 1 : 0;
    counts.held += bound && *bound >= percentile ? 1 : 0;
  }
  return counts;
}

void expect_sound(const Counts& counts) {
  EXPECT_TRUE(harness::share_within(counts.covered, counts.all, 0.93, 0.97));
  EXPECT_TRUE(harness::share_within(counts.claimed, counts.all, 0, 0.017));
  if (counts.bounds > 0) {
    EXPECT_TRUE(harness::share_within(counts.held, counts.bounds, 0.98, 1));
  }
}

void print(const std::string& kind, const Counts& counts) {
  std::printf("%s: covered %.2f %%, claimed %.2f %%, bounds held %d of %d, %.1f process pairs\n",
              kind.c_str(), 100.0 * counts.covered / counts.all,
              100.0 * counts.claimed / counts.all, counts.held, counts.bounds,
              static_cast<double>(counts.pairs) / counts.all);
}

struct Machine {
  double process_noise;
  double disturbed_blocks;
};

std::string to_string(const Machine& machine) {
  return "process noise " + std::to_string(machine.process_noise) + ", disturbed blocks " +
         std::to_string(machine.disturbed_blocks);
}

void PrintTo(const Machine& machine, std::ostream* out) { *out << to_string(machine); }

class ProcedureSimulation : public testing::TestWithParam<Machine> {};

TEST_P(ProcedureSimulation, TheIntervalCoversAndEqualTrialsAreNotClaimedToDiffer) {
  Counts all;
  for (const double correlation : {0.0, 0.3, 0.7}) {
    for (const int burst_length : {1, 10, 30}) {
      const Counts counts = simulate({.process_noise = GetParam().process_noise,
                                      .correlation = correlation,
                                      .burst_length = burst_length,
                                      .disturbed_blocks = GetParam().disturbed_blocks},
                                     1, 11);
      const std::string kind = to_string(GetParam()) + ", correlation " +
                               std::to_string(correlation) + ", bursts of " +
                               std::to_string(burst_length);
      SCOPED_TRACE(kind);
      print(kind, counts);
      expect_sound(counts);
      all += counts;
    }
  }
  expect_sound(all);
}

INSTANTIATE_TEST_SUITE_P(Machines, ProcedureSimulation,
                         testing::Values(Machine{0, 0}, Machine{0.002, 0}, Machine{0.005, 0},
                                         Machine{0.01, 0}, Machine{0, 0.2}, Machine{0.002, 0.2},
                                         Machine{0.005, 0.2}, Machine{0.01, 0.2}));

TEST(ProcedureSimulation, ADifferenceOfThreePercentIsFound) {
  const Counts counts = simulate({.process_noise = 0.005, .burst_length = 10}, 0.97, 12);
  EXPECT_TRUE(harness::share_within(counts.covered, counts.all, 0.93, 0.97));
  EXPECT_TRUE(harness::share_within(counts.claimed, counts.all, 0.95, 1));
}

}  // namespace
}  // namespace ponte::lab
