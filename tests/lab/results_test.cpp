// Figures out of stored blocks.
#include "lab/results.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/json.h"
#include "lab/document.h"
#include "lab/series.h"
#include "lab/simulated_machine.h"

namespace ponte::lab {
namespace {

using testing::Contains;
using testing::DoubleNear;
using testing::ElementsAre;
using testing::Field;

store::Block block(std::int64_t position, store::Phase phase, std::vector<std::uint64_t> samples,
                   std::uint64_t batch = 1, std::optional<std::uint64_t> canary = {}) {
  store::Block result;
  result.position = position;
  result.phase = phase;
  result.samples_ns = std::move(samples);
  result.executions_per_sample = batch;
  result.canary_ns = canary;
  return result;
}

store::Process process(std::int64_t trial, std::vector<store::Block> blocks) {
  store::Process result;
  result.trial = store::TrialId{trial};
  result.blocks = std::move(blocks);
  result.facts.steady = true;
  return result;
}

using enum store::Phase;

TEST(Series, OnlyMeasuredBlocksCountAndBatchesAreDivided) {
  const store::Process some =
      process(0, {block(0, Warmup, {9000}), block(0, Resume, {7000, 7000}),
                  block(0, Measure, {1000, 1200, 1100}, 10), block(1, Measure, {2000}, 10)});
  EXPECT_THAT(measured_ns(some), ElementsAre(100, 120, 110, 200));
  EXPECT_THAT(block_medians_ns(some), ElementsAre(110, 200));
}

TEST(Series, BlocksOfOneRoundArePairedWithTheirSlowestCanary) {
  store::ProcessPair pair;
  pair.processes = {process(1, {block(0, Measure, {100}, 1, 10), block(3, Measure, {110}, 1, 30)}),
                    process(2, {block(1, Measure, {200}, 1, 20), block(2, Measure, {210})})};
  const auto paired = paired_blocks(pair, store::TrialId{1}, store::TrialId{2});
  ASSERT_TRUE(paired);
  ASSERT_EQ(paired->block_pairs.size(), 2U);
  EXPECT_EQ(paired->block_pairs[0].median_b_ns, 200);
  EXPECT_EQ(paired->block_pairs[0].canary_ns, 20);
  EXPECT_EQ(paired->block_pairs[1].median_a_ns, 110);
  EXPECT_EQ(paired->block_pairs[1].median_b_ns, 210);
  EXPECT_EQ(paired->block_pairs[1].canary_ns, 30);
  EXPECT_FALSE(paired_blocks(pair, store::TrialId{1}, store::TrialId{3}));
}

// Six pairs whose ratios are known: exp of -0.1, -0.1 +- 0.01, ...
store::RunRecord record_with(const Plan& plan, const std::vector<double>& logs) {
  store::RunRecord record;
  for (std::size_t i = 0; i < plan.trials.size(); ++i) {
    record.trials.emplace_back();
    record.trials.back().id = store::TrialId{static_cast<std::int64_t>(i)};
  }
  for (const double log : logs) {
    const auto slow = static_cast<std::uint64_t>(std::llround(1e6 * std::exp(log)));
    store::ProcessPair pair;
    pair.complete = true;
    pair.processes = {process(0, {block(0, Measure, {1'000'000, 1'000'000, 1'000'000})}),
                      process(1, {block(1, Measure, {slow, slow, slow})})};
    pair.processes[0].facts.cpu_ns = 6'000'000;
    pair.processes[0].facts.peak_rss_bytes = 1000;
    record.pairs.push_back(std::move(pair));
  }
  return record;
}

TEST(Results, AreThoseOfTheSamples) {
  const Plan plan = simulated_plan(2);
  store::RunRecord record = record_with(plan, {0.10, 0.11, 0.09, 0.10, 0.12, 0.08});
  record.pairs[2].processes[0].facts.peak_rss_bytes = 5000;
  record.pairs.push_back(record.pairs[0]);
  record.pairs.back().complete = false;  // does not count
  const Results results = evaluate(record, plan, {StoppedBy::Precision, StoppedBy::Precision});
  EXPECT_EQ(results.trials[0].samples, 18U);
  EXPECT_EQ(results.trials[0].processes, 6U);
  EXPECT_DOUBLE_EQ(*results.trials[0].cpu_ns, 2e6);
  EXPECT_EQ(results.trials[0].peak_rss_bytes, 5000U);
  EXPECT_NEAR(results.trials[1].median->median_ns, 1e6 * std::exp(0.1), 1);
  const auto& comparison = results.comparisons.at(0);
  EXPECT_THAT(comparison.estimate->ratio, DoubleNear(std::exp(0.1), 1e-6));
  EXPECT_EQ(comparison.verdict, statistics::RatioVerdict::Slower);
  EXPECT_EQ(comparison.estimate->block_pairs, 6U);
}

TEST(Results, OfUnsteadyProcessesHaveARangeAndNoInterval) {
  const Plan plan = simulated_plan(2);
  store::RunRecord record = record_with(plan, {0.1, 0.2, 0.3});
  record.pairs[1].processes[1].facts.steady = false;
  const Results results = evaluate(record, plan, {StoppedBy::User, StoppedBy::User});
  const TrialResult& trial = results.trials[1];
  EXPECT_EQ(trial.steady, false);
  EXPECT_FALSE(trial.median->interval);
  EXPECT_NEAR(trial.process_range_ns->low, 1e6 * std::exp(0.1), 1);
  EXPECT_NEAR(trial.process_range_ns->high, 1e6 * std::exp(0.3), 1);
  EXPECT_THAT(trial.warnings, Contains(Field(&Warning::code, "not-steady")));
  EXPECT_THAT(trial.warnings, Contains(Field(&Warning::code, "few-processes")));
  const Json document = bench_document(results, plan, Json::object());
  EXPECT_TRUE(document["trials"][1]["ci_low_ns"].is_null());
  EXPECT_EQ(document["trials"][1]["stopped_by"], "user");
  EXPECT_TRUE(document["trials"][1]["p99_ns"].is_null());
}

TEST(Results, OfTooFewPairsHaveNoRatio) {
  const Plan plan = simulated_plan(2);
  const Results results = evaluate(record_with(plan, {0.1, 0.2}), plan, {{}, {}});
  EXPECT_FALSE(results.comparisons[0].estimate);
  EXPECT_THAT(results.comparisons[0].reason, testing::HasSubstr("2 process pairs"));
  const Json json = bench_document(results, plan, Json::object())["comparisons"][0];
  EXPECT_TRUE(json["ratio"].is_null());
  EXPECT_EQ(json["verdict"], "no difference detected");
}

TEST(Results, TellOfASlowCanary) {
  const Plan plan = simulated_plan(2);
  store::RunRecord record = record_with(plan, {0.1, 0.1, 0.1, 0.1, 0.1, 0.1});
  for (std::size_t i = 0; i < record.pairs.size(); ++i)
    record.pairs[i].processes[0].blocks[0].canary_ns = i == 0 ? 2'000'000 : 1'000'000;
  const Results results = evaluate(record, plan, {{}, {}});
  ASSERT_TRUE(results.comparisons[0].canary);
  EXPECT_EQ(results.comparisons[0].canary->slow, 1U);
  EXPECT_THAT(results.comparisons[0].reason,
              testing::HasSubstr("1 of 6 block pairs ran beside a slow canary; without them it is "
                                 "0.905 to 0.905 times as fast"));  // exp(-0.1)
}

TEST(Results, ShowTheFirstOfManyWarningsOfARuntime) {
  const Plan plan = simulated_plan(2);
  store::RunRecord record = record_with(plan, {0, 0, 0, 0, 0, 0});
  for (store::ProcessPair& pair : record.pairs)
    pair.processes[0].facts.warnings = {"w1", "w2", "w3", "w4", "w5"};
  const Results results = evaluate(record, plan, {{}, {}});
  std::vector<std::string> messages;
  for (const Warning& warning : results.trials[0].warnings) messages.push_back(warning.message);
  EXPECT_THAT(messages, ElementsAre("w1", "w2", "w3", "and 2 more"));
}

TEST(Results, GiveTheSeriesOfATrialWithItsProcesses) {
  const Plan plan = simulated_plan(2);
  const TrialSeries series = series_of(record_with(plan, {0, 0}), store::TrialId{1});
  EXPECT_EQ(series.latencies_ns.size(), 6U);
  EXPECT_THAT(series.process, ElementsAre(0, 0, 0, 1, 1, 1));
}

}  // namespace
}  // namespace ponte::lab
