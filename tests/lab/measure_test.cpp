// The whole way: plans, fake workers, the store, results; and everything that can end it early.
#include "lab/measure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>
#include <map>
#include <set>
#include <thread>

#include "base/descriptor.h"
#include "base/json.h"
#include "base/random.h"
#include "lab/series.h"
#include "lab/worker_executor.h"
#include "runtimes/fake_worker.h"
#include "store/child.h"

namespace ponte::lab {
namespace {

using runtimes::TemporaryFile;
using store::TrialStatus;
using testing::HasSubstr;

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "ponte-lab-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  std::filesystem::path store() const { return path_ / "store.sqlite3"; }

 private:
  std::filesystem::path path_;
};

std::string script(double base_ns, std::uint64_t seed, const std::string& more = "") {
  return R"({"latency": {"base_ns": )" + std::to_string(base_ns) + R"(, "noise": 0.01, "seed": )" +
         std::to_string(seed) + "}" + more + "}";
}

std::string misbehaving(const std::string& phase, const std::string& action, int after,
                        std::uint64_t amount) {
  return R"(, "misbehaviours": [{"phase": ")" + phase + R"(", "action": ")" + action +
         R"(", "after": )" + std::to_string(after) + R"(, "amount": )" + std::to_string(amount) +
         "}]";
}

// A trial whose worker reads its script both at its start and as its model.
Subject subject_of(const TemporaryFile& file) {
  return {
      .model = {.name = "scripted", .path = file.path(), .format = "fake"},
      .runtime = {.name = "fake", .version = "1", .command = runtimes::fake_command(file.path())}};
}

Plan plan_of(std::initializer_list<const TemporaryFile*> files, const Rules& rules = {}) {
  std::vector<Subject> subjects;
  for (const TemporaryFile* file : files) subjects.push_back(subject_of(*file));
  return make_plan(subjects, {.rules = rules, .program_version = "test"});
}

const runtimes::WorkerOptions impatient = {.timeouts = {.hello = std::chrono::seconds(5),
                                                        .load = std::chrono::seconds(1),
                                                        .run = std::chrono::seconds(1),
                                                        .other = std::chrono::seconds(1)},
                                           .memory_bytes = std::uint64_t{200} << 20};

TEST(Measure, TwoTrialsAreComparedFromEndToEnd) {
  const TemporaryFolder folder;
  const TemporaryFile slow(script(2e6, 1));
  const TemporaryFile fast(script(1e6, 2));
  auto store = store::Store::open(folder.store());
  WorkerExecutor executor;
  const Plan plan = plan_of({&slow, &fast});
  const MeasureResult result = measure(plan, executor, store, {.command_line = "ponte bench"});

  EXPECT_FALSE(result.was_interrupted);
  ASSERT_EQ(result.results.trials.size(), 2U);
  const TrialResult& slow_result = result.results.trials[0];
  EXPECT_EQ(slow_result.status, TrialStatus::Ok) << slow_result.why;
  EXPECT_EQ(slow_result.processes, 6U);
  EXPECT_EQ(slow_result.stopped_by, StoppedBy::Precision);
  ASSERT_TRUE(slow_result.median);
  EXPECT_NEAR(slow_result.median->median_ns, 2e6, 2e4);
  EXPECT_NEAR(*slow_result.cpu_ns, 2e6, 2e4);
  EXPECT_EQ(slow_result.load_ns, 1e6);
  EXPECT_GT(slow_result.peak_rss_bytes, 0U);
  EXPECT_TRUE(*slow_result.steady);

  ASSERT_EQ(result.results.comparisons.size(), 1U);
  const ComparisonResult& comparison = result.results.comparisons[0];
  EXPECT_EQ(comparison.a, 1U);
  EXPECT_EQ(comparison.b, 0U);
  EXPECT_NEAR(comparison.estimate->ratio, 0.5, 0.01);
  EXPECT_EQ(comparison.verdict, statistics::RatioVerdict::Faster);

  const auto record = store.load_run(result.run);
  EXPECT_EQ(record.run.status, store::RunStatus::Finished);
  EXPECT_EQ(parse_json(record.documents.at(store::DocumentKind::Bench)), result.document);
  const Json& trial = result.document["trials"][0];
  for (const char* key :
       {"id",         "model",   "runtime",      "version",   "device",    "settings",
        "scenario",   "batch",   "status",       "why",       "processes", "samples",
        "stopped_by", "cpu_ns",  "items_per_s",  "median_ns", "ci_low_ns", "ci_high_ns",
        "p90_ns",     "p99_ns",  "p99_bound_ns", "load_ns",   "first_ns",  "peak_rss_bytes",
        "steady",     "warnings"}) {
    EXPECT_TRUE(trial.contains(key)) << key;
  }
  for (const char* key :
       {"a", "b", "metric", "ratio", "ci_low", "ci_high", "confidence", "min_detectable",
        "process_pairs", "block_pairs", "adjusted_for", "reason", "verdict"}) {
    EXPECT_TRUE(result.document["comparisons"][0].contains(key)) << key;
  }
}

struct Misdeed {
  std::string phase;
  std::string action;
  int after;
  std::uint64_t amount;
  TrialStatus expected;
};

void PrintTo(const Misdeed& misdeed, std::ostream* out) {
  *out << misdeed.action << " in " << misdeed.phase << " after " << misdeed.after;
}

class FailingWorker : public testing::TestWithParam<Misdeed> {};

TEST_P(FailingWorker, IsARowAndTheOthersAreMeasured) {
  const Misdeed& misdeed = GetParam();
  const TemporaryFolder folder;
  const TemporaryFile steady(script(1e6, 1));
  const TemporaryFile failing(
      script(1e6, 2, misbehaving(misdeed.phase, misdeed.action, misdeed.after, misdeed.amount)));
  const TemporaryFile other(script(3e6, 3));
  auto store = store::Store::open(folder.store());
  WorkerExecutor executor(impatient);
  const Plan plan = plan_of({&steady, &failing, &other});
  const MeasureResult result = measure(plan, executor, store);

  const TrialResult& failed = result.results.trials[1];
  EXPECT_EQ(failed.status, misdeed.expected) << failed.why;
  EXPECT_THAT(failed.why, HasSubstr(misdeed.phase)) << failed.why;
  EXPECT_EQ(failed.processes, 0U);
  EXPECT_FALSE(failed.median);
  EXPECT_EQ(result.results.trials[0].status, TrialStatus::Ok);
  EXPECT_EQ(result.results.trials[2].processes, 6U);
  ASSERT_EQ(result.results.comparisons.size(), 2U);
  EXPECT_FALSE(result.results.comparisons[0].estimate);
  EXPECT_NEAR(result.results.comparisons[1].estimate->ratio, 3, 0.05);
  for (const store::ProcessPair& pair : store.load_run(result.run).pairs)
    EXPECT_TRUE(pair.complete);
  EXPECT_EQ(result.document["trials"][1]["status"], store::to_string(misdeed.expected));
  EXPECT_TRUE(result.document["trials"][1]["stopped_by"].is_null());
}

INSTANTIATE_TEST_SUITE_P(
    Phases, FailingWorker,
    testing::Values(
        Misdeed{"hello", "crash", 0, SIGKILL, TrialStatus::Crashed},
        Misdeed{"load", "crash", 0, SIGKILL, TrialStatus::Crashed},
        Misdeed{"set_inputs", "crash", 0, SIGKILL, TrialStatus::Crashed},
        Misdeed{"measure", "crash", 0, SIGKILL, TrialStatus::Crashed},   // first run
        Misdeed{"measure", "crash", 2, SIGKILL, TrialStatus::Crashed},   // warm-up
        Misdeed{"measure", "crash", 15, SIGSEGV, TrialStatus::Crashed},  // blocks
        Misdeed{"calibrate", "crash", 0, SIGKILL, TrialStatus::Crashed},
        Misdeed{"memory", "crash", 0, SIGKILL, TrialStatus::Crashed},  // at the end
        Misdeed{"memory", "hang", 0, 0, TrialStatus::TimedOut},
        Misdeed{"load", "hang", 0, 0, TrialStatus::TimedOut},
        Misdeed{"hello", "hang", 0, 0, TrialStatus::TimedOut},
        Misdeed{"set_inputs", "hang", 0, 0, TrialStatus::TimedOut},
        Misdeed{"measure", "hang", 0, 0, TrialStatus::TimedOut},  // first run
        Misdeed{"measure", "hang", 9, 0, TrialStatus::TimedOut},  // blocks
        Misdeed{"measure", "memory_hog", 9, std::uint64_t{1} << 30, TrialStatus::OutOfMemory},
        Misdeed{"load", "memory_hog", 0, std::uint64_t{1} << 30, TrialStatus::OutOfMemory},
        Misdeed{"load", "refuse", 0, 0, TrialStatus::Refused},
        Misdeed{"measure", "garbage", 8, 0, TrialStatus::Crashed},
        Misdeed{"measure", "exit", 7, 3, TrialStatus::Crashed}));

// Workers as they are, of which one is killed from outside after a while, whatever it is doing.
class KillingExecutor final : public Executor {
 public:
  KillingExecutor(std::string victim, Nanoseconds delay)
      : victim_(std::move(victim)), delay_(delay) {}

  runtimes::Outcome<std::unique_ptr<TrialProcess>> start(const Trial& trial) override {
    auto process = workers_.start(trial);
    if (trial.id == victim_ && process) {
      const auto pid = static_cast<pid_t>(process.value()->pid());
      Descriptor descriptor(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0U)));
      killer_ = std::jthread([descriptor = std::move(descriptor), delay = delay_] {
        std::this_thread::sleep_for(delay);
        ::syscall(SYS_pidfd_send_signal, descriptor.get(), SIGKILL, nullptr, 0U);
      });
    }
    return process;
  }
  std::uint64_t canary_ns() override { return workers_.canary_ns(); }
  Nanoseconds now() override { return workers_.now(); }

 private:
  WorkerExecutor workers_{impatient};
  std::string victim_;
  Nanoseconds delay_;
  std::jthread killer_;
};

TEST(Measure, AWorkerThatIsKilledFromOutsideAtAnyMomentIsARow) {
  const TemporaryFile steady(script(1e6, 1));
  const TemporaryFile victim(script(1e6, 2, R"(, "real_time": true)"));  // lives for a second
  const TemporaryFile other(script(3e6, 3));
  Random random(20251125);
  for (int i = 0; i < 12; ++i) {
    const auto delay = std::chrono::microseconds(random.below(700'000));
    SCOPED_TRACE(testing::Message() << "after " << delay.count() << " us");
    const TemporaryFolder folder;
    auto store = store::Store::open(folder.store());
    KillingExecutor executor("t2", delay);
    const Plan plan = plan_of({&steady, &victim, &other}, {.max_time = Nanoseconds(1)});
    const MeasureResult result = measure(plan, executor, store);
    const TrialResult& killed = result.results.trials[1];
    EXPECT_EQ(killed.status, TrialStatus::Crashed) << killed.why;
    EXPECT_THAT(killed.why, HasSubstr("SIGKILL"));
    EXPECT_EQ(result.results.trials[0].status, TrialStatus::Ok);
    EXPECT_GE(result.results.trials[2].processes, 3U);
    for (const store::ProcessPair& pair : store.load_run(result.run).pairs)
      EXPECT_TRUE(pair.complete);
    EXPECT_TRUE(store.check_integrity().empty());
  }
}

// Whether it stood still or measured when the signal came, nobody can say.
TEST(Measure, AWorkerThatIsKilledBetweenRequestsIsARow) {
  const TemporaryFolder folder;
  const TemporaryFile steady(script(1e6, 1));
  const TemporaryFile killed(script(1e6, 2, misbehaving("measure", "killed_soon", 12, 1)));
  auto store = store::Store::open(folder.store());
  WorkerExecutor executor(impatient);
  const Plan plan = plan_of({&steady, &killed});
  const auto slowly = [](const Progress&) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  };
  const MeasureResult result = measure(plan, executor, store, {.on_progress = slowly});
  EXPECT_EQ(result.results.trials[0].status, TrialStatus::Ok);
  EXPECT_EQ(result.results.trials[1].status, TrialStatus::Crashed);
  EXPECT_THAT(result.results.trials[1].why, HasSubstr("SIGKILL"));
}

TEST(Measure, ABaselineIsMeasuredAlthoughNothingIsLeftToCompareWithIt) {
  const TemporaryFolder folder;
  const TemporaryFile baseline(script(1e6, 1));
  const TemporaryFile failing(script(1e6, 2, misbehaving("measure", "crash", 12, SIGKILL)));
  auto store = store::Store::open(folder.store());
  WorkerExecutor executor(impatient);
  const Plan plan = plan_of({&baseline, &failing});
  const MeasureResult result = measure(plan, executor, store);
  EXPECT_EQ(result.results.trials[1].status, TrialStatus::Crashed);
  EXPECT_EQ(result.results.trials[0].status, TrialStatus::Ok);
  EXPECT_EQ(result.results.trials[0].processes, 6U);
  EXPECT_EQ(result.results.trials[0].stopped_by, StoppedBy::Precision);
  EXPECT_TRUE(result.results.trials[0].median->interval);
}

TEST(Measure, AFailingBaselineLeavesTheOthersToThemselves) {
  const TemporaryFolder folder;
  const TemporaryFile failing(script(1e6, 1, misbehaving("load", "crash", 0, SIGKILL)));
  const TemporaryFile other(script(1e6, 2));
  auto store = store::Store::open(folder.store());
  WorkerExecutor executor(impatient);
  const Plan plan = plan_of({&failing, &other});
  const MeasureResult result = measure(plan, executor, store);
  EXPECT_EQ(result.results.trials[0].status, TrialStatus::Crashed);
  EXPECT_EQ(result.results.trials[1].processes, 6U);
  EXPECT_TRUE(result.results.trials[1].median->interval);
  EXPECT_FALSE(result.results.comparisons.at(0).estimate);
}

TEST(Measure, WhatCannotBeStartedIsARowFromTheStart) {
  const TemporaryFolder folder;
  const TemporaryFile file(script(1e6, 1));
  auto store = store::Store::open(folder.store());
  WorkerExecutor executor;
  Subject missing = subject_of(file);
  missing.status = TrialStatus::Unavailable;
  missing.why = "it is not installed";
  const Plan plan = make_plan({missing, subject_of(file)}, {.program_version = "test"});
  const MeasureResult result = measure(plan, executor, store);
  EXPECT_EQ(result.results.trials[0].status, TrialStatus::Unavailable);
  EXPECT_EQ(result.results.trials[0].why, "it is not installed");
  EXPECT_EQ(result.results.trials[1].processes, 6U);
  EXPECT_TRUE(result.results.comparisons.empty());
}

TEST(Measure, EverythingIsStoredWithItsPhaseAndPlace) {
  const TemporaryFolder folder;
  const TemporaryFile a(script(1e6, 1));
  const TemporaryFile b(script(1e6, 2));
  auto store = store::Store::open(folder.store());
  WorkerExecutor executor;
  const auto record = store.load_run(measure(plan_of({&a, &b}), executor, store).run);
  ASSERT_EQ(record.pairs.size(), 6U);
  for (const store::ProcessPair& pair : record.pairs) {
    ASSERT_EQ(pair.processes.size(), 2U);
    std::map<std::int64_t, store::TrialId> order;
    for (const store::Process& process : pair.processes) {
      std::uint64_t warm_up = 0;
      std::map<store::Phase, int> blocks;
      for (const store::Block& block : process.blocks) {
        ++blocks[block.phase];
        EXPECT_EQ(block.executions_per_sample, 1U);
        std::uint64_t duration = 0;
        for (const std::uint64_t sample : block.samples_ns) duration += sample;
        if (block.phase == store::Phase::Warmup) warm_up += block.samples_ns.size();
        if (block.phase == store::Phase::Resume) {
          EXPECT_GE(block.samples_ns.size(), 2U);
          EXPECT_GE(duration, 5'000'000U);
        }
        if (block.phase != store::Phase::Measure) continue;
        EXPECT_TRUE(block.canary_ns);
        EXPECT_GE(block.samples_ns.size(), 3U);
        EXPECT_GE(duration, 20'000'000U);
        EXPECT_TRUE(order.emplace(block.position, process.trial).second);
      }
      EXPECT_EQ(blocks[store::Phase::Measure], 20);
      EXPECT_EQ(blocks[store::Phase::Resume], 20);
      EXPECT_EQ(process.facts.warmup_executions, warm_up + 1);
      EXPECT_TRUE(process.facts.first_ns);
    }
    ASSERT_EQ(order.size(), 40U);
    for (std::int64_t slot = 0; slot < 40; slot += 8) {  // AB BA BA AB
      EXPECT_NE(order[slot], order[slot + 1]);
      EXPECT_EQ(order[slot + 1], order[slot + 2]);
      EXPECT_EQ(order[slot + 3], order[slot]);
      EXPECT_EQ(order[slot + 4], order[slot + 1]);
      EXPECT_EQ(order[slot + 6], order[slot]);
    }
  }
}

TEST(Measure, AStopKeepsCompletePairsAndTheSamePlanGoesOn) {
  const TemporaryFolder folder;
  const TemporaryFile a(script(2e6, 1));
  const TemporaryFile b(script(1e6, 2));
  auto store = store::Store::open(folder.store());
  WorkerExecutor executor;
  const Plan plan = plan_of({&a, &b});
  std::stop_source stop;
  MeasureOptions options{.stop = stop.get_token()};
  options.on_progress = [&](const Progress& progress) {
    if (progress.process_pairs == 2) stop.request_stop();
  };
  const MeasureResult first = measure(plan, executor, store, options);
  EXPECT_TRUE(first.was_interrupted);
  EXPECT_EQ(first.results.trials[0].processes, 2U);
  EXPECT_EQ(first.results.trials[0].stopped_by, StoppedBy::User);
  EXPECT_FALSE(first.results.comparisons[0].estimate);
  EXPECT_EQ(store.load_run(first.run).run.status, store::RunStatus::Interrupted);

  const MeasureResult second = measure(plan, executor, store);
  EXPECT_EQ(second.run, first.run);
  EXPECT_EQ(second.session, 2);
  EXPECT_EQ(second.results.trials[0].processes, 6U);
  EXPECT_EQ(second.results.trials[0].stopped_by, StoppedBy::Precision);
  EXPECT_EQ(store.load_run(first.run).run.status, store::RunStatus::Finished);

  EXPECT_NE(measure(plan, executor, store).run, first.run);
}

// Killed wherever it happens to be: what was complete stays as it was, nothing is there twice.
TEST(Measure, AKilledRunIsResumedWithNothingLostAndNothingTwice) {
  const TemporaryFolder folder;
  const TemporaryFile a(script(2e6, 1));
  const TemporaryFile b(script(1e6, 2));
  const Plan plan = plan_of({&a, &b});
  std::vector<store::ProcessPair> before;
  store::RunId run{};
  for (const int pairs : {0, 1, 3}) {
    store::Child child([&](int reports) {
      auto store = store::Store::open(folder.store());
      WorkerExecutor executor;
      MeasureOptions options;
      int calls = 0;
      options.on_progress = [&](const Progress& progress) {
        if (static_cast<int>(progress.process_pairs) < pairs || ++calls < 9) return;
        store::Child::report(reports, 1);
        std::this_thread::sleep_for(std::chrono::seconds(60));
      };
      measure(plan, executor, store, options);
      return 0;
    });
    ASSERT_EQ(child.next_report(), 1);
    child.kill();

    auto store = store::Store::open(folder.store());
    const auto runs = store.list_runs();
    ASSERT_EQ(runs.size(), 1U);
    run = runs[0].id;
    std::vector<store::ProcessPair> complete;
    for (const store::ProcessPair& pair : store.load_run(run).pairs) {
      if (pair.complete) complete.push_back(pair);
    }
    EXPECT_EQ(complete.size(), static_cast<std::size_t>(pairs));
    before = complete;
  }
  auto store = store::Store::open(folder.store());
  WorkerExecutor executor;
  const MeasureResult result = measure(plan, executor, store);
  EXPECT_EQ(result.run, run);
  EXPECT_EQ(result.session, 4);
  const auto record = store.load_run(run);
  EXPECT_EQ(record.trials.size(), 2U);
  ASSERT_EQ(record.pairs.size(), 6U);
  std::set<std::int64_t> rounds;
  for (const store::ProcessPair& pair : record.pairs) {
    EXPECT_TRUE(pair.complete);
    rounds.insert(pair.round);
    EXPECT_EQ(pair.processes.size(), 2U);
  }
  EXPECT_EQ(rounds.size(), 6U);
  for (std::size_t i = 0; i < before.size(); ++i) {
    EXPECT_EQ(record.pairs[i].id, before[i].id);
    EXPECT_EQ(measured_ns(record.pairs[i].processes[0]), measured_ns(before[i].processes[0]));
  }
}

TEST(Measure, VeryFastExecutionsAreTimedInBatches) {
  const TemporaryFolder folder;
  const TemporaryFile tiny(R"({"latency": {"base_ns": 100}})");
  auto store = store::Store::open(folder.store());
  WorkerExecutor executor;
  Plan plan = plan_of({&tiny});
  const MeasureResult result = measure(plan, executor, store);
  const TrialResult& trial = result.results.trials[0];
  ASSERT_TRUE(trial.median) << trial.why;
  EXPECT_NEAR(trial.median->median_ns, 100, 1);
  EXPECT_FALSE(trial.p99);
  const auto record = store.load_run(result.run);
  EXPECT_GT(record.pairs[0].processes[0].blocks.back().executions_per_sample, 1U);
}

TEST(Measure, ACommandThatIsAnotherPlanIsAnotherRun) {
  const TemporaryFile a(script(2e6, 1));
  const TemporaryFile b(script(2e6, 2));
  const Plan plan = plan_of({&a});
  EXPECT_EQ(plan.key, plan_of({&a}).key);
  EXPECT_NE(plan.key, plan_of({&b}).key);
  EXPECT_NE(plan.key, plan_of({&a}, {.precision = 0.01}).key);
  EXPECT_NE(plan.key, plan_of({&a}, {.seed = 2}).key);
}

}  // namespace
}  // namespace ponte::lab
