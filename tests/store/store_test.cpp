#include "store/store.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <limits>

#include "base/expect_error.h"
#include "base/temporary_folder.h"
#include "builders.h"
#include "store/database.h"

namespace ponte::store {
namespace {

using namespace std::chrono_literals;
using test::expect_error;
using test::TemporaryFolder;

TEST(Store, GivesBackEverythingThatWasWritten) {
  const TemporaryFolder folder;
  Store store = Store::open(folder / "ponte.sqlite3");
  RunWriter writer = store.begin_run(describe_run());
  const TrialId first = writer.add_trial(make_trial(0));
  const TrialId second = writer.add_trial(make_trial(1));
  const PairId pair = writer.begin_pair(3, 4);
  const ProcessId a = writer.add_process(pair, first, 4711);
  const ProcessId b = writer.add_process(pair, second, 4712);
  const ProcessFacts facts{.load_ns = 1,
                           .first_ns = 2,
                           .peak_rss_bytes = 3,
                           .private_bytes = 4,
                           .cpu_ns = 5,
                           .steady = false,
                           .warmup_executions = 6,
                           .warnings = {"not steady", "few-processes"}};
  writer.set_facts(a, facts);
  Block resumed{.ordinal = 0,
                .position = 7,
                .phase = Phase::Resume,
                .canary_ns = 1'000'000,
                .started_ns = 8,
                .executions_per_sample = 9,
                .samples_ns = {10, 0, std::numeric_limits<std::uint64_t>::max()}};
  const Block measured{
      .ordinal = 1, .position = 7, .phase = Phase::Measure, .started_ns = 11, .samples_ns = {}};
  writer.append_blocks(a, std::vector{resumed, measured});
  writer.append_block(b, {.ordinal = 0, .phase = Phase::Warmup, .samples_ns = {12}});
  writer.complete_pair(pair);
  writer.set_trial_status(second, TrialStatus::OutOfMemory, "asked for 12 GB");
  writer.put_document(DocumentKind::Environment, R"({"cpu":1})");
  writer.put_document(DocumentKind::Environment, R"({"cpu":2})");
  writer.finish();

  const RunRecord record = store.load_run(writer.id());
  EXPECT_EQ(record.run.status, RunStatus::Finished);
  EXPECT_EQ(record.run.command_line, "ponte bench model.onnx");
  EXPECT_EQ(record.run.plan_key, "plan-1");
  EXPECT_EQ(record.run.program_version, "0.1.0");
  ASSERT_TRUE(record.run.finished_at);
  EXPECT_GE(*record.run.finished_at, record.run.started_at);

  ASSERT_EQ(record.trials.size(), 2u);
  const Trial& trial = record.trials[1];
  const Trial expected = make_trial(1);
  EXPECT_EQ(trial.id, second);
  EXPECT_EQ(trial.ordinal, 1);
  EXPECT_EQ(trial.model, expected.model);
  EXPECT_EQ(trial.model_hash, expected.model_hash);
  EXPECT_EQ(trial.runtime, expected.runtime);
  EXPECT_EQ(trial.version, expected.version);
  EXPECT_EQ(trial.library_hash, expected.library_hash);
  EXPECT_EQ(trial.device, expected.device);
  EXPECT_EQ(trial.settings, expected.settings);
  EXPECT_EQ(trial.scenario, expected.scenario);
  EXPECT_EQ(trial.batch, 2);
  EXPECT_EQ(trial.status, TrialStatus::OutOfMemory);
  EXPECT_EQ(trial.why, "asked for 12 GB");
  EXPECT_EQ(record.trials[0].status, TrialStatus::Ok);

  ASSERT_EQ(record.pairs.size(), 1u);
  EXPECT_EQ(record.pairs[0].id, pair);
  EXPECT_EQ(record.pairs[0].comparison, 3);
  EXPECT_EQ(record.pairs[0].round, 4);
  EXPECT_EQ(record.pairs[0].session, 1);
  EXPECT_TRUE(record.pairs[0].complete);
  ASSERT_EQ(record.pairs[0].processes.size(), 2u);
  const Process& process = record.pairs[0].processes[0];
  EXPECT_EQ(process.id, a);
  EXPECT_EQ(process.trial, first);
  EXPECT_EQ(process.pid, 4711);
  EXPECT_EQ(process.facts.load_ns, 1u);
  EXPECT_EQ(process.facts.first_ns, 2u);
  EXPECT_EQ(process.facts.peak_rss_bytes, 3u);
  EXPECT_EQ(process.facts.private_bytes, 4u);
  EXPECT_EQ(process.facts.cpu_ns, 5u);
  EXPECT_EQ(process.facts.steady, false);
  EXPECT_EQ(process.facts.warmup_executions, 6u);
  EXPECT_EQ(process.facts.warnings, facts.warnings);
  EXPECT_EQ(record.pairs[0].processes[1].facts.steady, std::nullopt);
  EXPECT_EQ(record.pairs[0].processes[1].facts.load_ns, std::nullopt);

  ASSERT_EQ(process.blocks.size(), 2u);
  EXPECT_EQ(process.blocks[0].ordinal, 0);
  EXPECT_EQ(process.blocks[0].position, 7);
  EXPECT_EQ(process.blocks[0].phase, Phase::Resume);
  EXPECT_EQ(process.blocks[0].canary_ns, 1'000'000u);
  EXPECT_EQ(process.blocks[0].started_ns, 8u);
  EXPECT_EQ(process.blocks[0].executions_per_sample, 9u);
  EXPECT_EQ(process.blocks[0].samples_ns, resumed.samples_ns);
  EXPECT_EQ(process.blocks[1].phase, Phase::Measure);
  EXPECT_EQ(process.blocks[1].canary_ns, std::nullopt);
  EXPECT_TRUE(process.blocks[1].samples_ns.empty());

  ASSERT_EQ(record.documents.size(), 1u);
  EXPECT_EQ(record.documents.at(DocumentKind::Environment), R"({"cpu":2})");
  EXPECT_EQ(store.document(writer.id(), DocumentKind::Environment), R"({"cpu":2})");
  EXPECT_EQ(store.document(writer.id(), DocumentKind::Bench), std::nullopt);
  EXPECT_TRUE(store.check_integrity().empty());
}

TEST(Store, KeepsTextOfAnyBytes) {
  const TemporaryFolder folder;
  Store store = Store::open(folder / "s");
  RunWriter writer = store.begin_run(describe_run());
  const std::string text("a\0b\xff'; DROP TABLE runs; --", 27);
  Trial trial = make_trial(0);
  trial.why = text;
  writer.add_trial(trial);
  EXPECT_EQ(store.load_run(writer.id()).trials.at(0).why, text);
}

TEST(Store, HoldsSamplesAsLittleEndianNumbersOfEightBytes) {
  const TemporaryFolder folder;
  Store store = Store::open(folder / "s");
  RunWriter writer = store.begin_run(describe_run());
  const TrialId trial = writer.add_trial(make_trial(0));
  const ProcessId process = writer.add_process(writer.begin_pair(0, 0), trial, 1);
  writer.append_block(process, {.samples_ns = {0x0102030405060708}});
  Database database(folder / "s", 1s);
  EXPECT_EQ(database.single<std::string>("SELECT hex(samples_ns) FROM blocks"), "0807060504030201");
}

TEST(Store, RefusesANumberThatSqliteCannotHold) {
  const TemporaryFolder folder;
  Store store = Store::open(folder / "s");
  RunWriter writer = store.begin_run(describe_run());
  const TrialId trial = writer.add_trial(make_trial(0));
  const ProcessId process = writer.add_process(writer.begin_pair(0, 0), trial, 1);
  writer.set_facts(process, {.load_ns = std::numeric_limits<std::int64_t>::max()});
  expect_error(Code::InvalidSample,
               [&] { writer.set_facts(process, {.load_ns = std::uint64_t{1} << 63}); });
  EXPECT_EQ(store.load_run(writer.id()).pairs.at(0).processes.at(0).facts.load_ns,
            std::uint64_t{INT64_MAX});
}

TEST(Store, IsReadableForTheUserAlone) {
  const TemporaryFolder folder;
  const auto path = folder / "new/folder/ponte.sqlite3";
  Store store = Store::open(path);
  using std::filesystem::perms;
  const perms others = perms::group_all | perms::others_all;
  for (const auto& file :
       {path, std::filesystem::path(path.native() + "-wal"), path.parent_path()}) {
    EXPECT_EQ(std::filesystem::status(file).permissions() & others, perms::none) << file;
  }
}

TEST(Store, ListsTheLatestRunFirst) {
  const TemporaryFolder folder;
  Store store = Store::open(folder / "s");
  EXPECT_TRUE(store.list_runs().empty());
  RunWriter first = store.begin_run(describe_run("first"));
  RunWriter second = store.begin_run(describe_run("second"));
  second.finish();
  const auto runs = store.list_runs();
  ASSERT_EQ(runs.size(), 2u);
  EXPECT_EQ(runs[0].plan_key, "second");
  EXPECT_EQ(runs[0].status, RunStatus::Finished);
  EXPECT_EQ(runs[1].plan_key, "first");
  EXPECT_EQ(runs[1].status, RunStatus::Running);
  EXPECT_EQ(runs[1].finished_at, std::nullopt);
}

TEST(Store, DeletesARunWithAllThatBelongsToItAndGivesTheSpaceBack) {
  const TemporaryFolder folder;
  Store store = Store::open(folder / "s");
  RunWriter kept = store.begin_run(describe_run("kept"));
  kept.append_block(kept.add_process(kept.begin_pair(0, 0), kept.add_trial(make_trial(0)), 1),
                    make_block(1, 0));
  kept.finish();
  RunWriter gone = store.begin_run(describe_run("gone"));
  const ProcessId process =
      gone.add_process(gone.begin_pair(0, 0), gone.add_trial(make_trial(0)), 1);
  gone.set_facts(process, {.warnings = {"w"}});
  for (int i = 0; i < 20; ++i) gone.append_block(process, make_block(1, i, 10'000));
  gone.put_document(DocumentKind::Bench, "{}");
  expect_error(Code::RunInUse, [&] { store.delete_run(gone.id()); });
  gone.finish();
  Database database(folder / "s", 1s);
  database.run("PRAGMA wal_checkpoint(TRUNCATE)");
  const auto size_before = std::filesystem::file_size(folder / "s");
  ASSERT_GT(size_before, 1'600'000u);

  store.delete_run(gone.id());
  expect_error(Code::UnknownRun, [&] { store.load_run(gone.id()); });
  expect_error(Code::UnknownRun, [&] { store.delete_run(gone.id()); });
  expect_error(Code::UnknownRun, [&] { store.document(gone.id(), DocumentKind::Bench); });
  EXPECT_LT(std::filesystem::file_size(folder / "s"), 200'000u);
  for (const char* table : {"runs", "trials", "process_pairs", "processes", "blocks"}) {
    EXPECT_EQ(database.single<int>(std::string("SELECT count(*) FROM ") + table), 1) << table;
  }
  for (const char* table : {"warnings", "documents"}) {
    EXPECT_EQ(database.single<int>(std::string("SELECT count(*) FROM ") + table), 0) << table;
  }
  RunWriter next = store.begin_run(describe_run("next"));
  EXPECT_NE(next.id(), gone.id());
  EXPECT_TRUE(store.check_integrity().empty());
}

TEST(Store, RefusesTheSameBlockTwice) {
  const TemporaryFolder folder;
  Store store = Store::open(folder / "s");
  RunWriter writer = store.begin_run(describe_run());
  const ProcessId process =
      writer.add_process(writer.begin_pair(0, 0), writer.add_trial(make_trial(0)), 1);
  writer.append_block(process, make_block(1, 0));
  expect_error(Code::InternalError, [&] { writer.append_block(process, make_block(1, 0)); });
  const std::vector<Block> half_new{make_block(1, 1), make_block(1, 0)};
  expect_error(Code::InternalError, [&] { writer.append_blocks(process, half_new); });
  EXPECT_EQ(store.load_run(writer.id()).pairs.at(0).processes.at(0).blocks.size(), 1u);
  writer.append_block(process, make_block(1, 1));
  EXPECT_EQ(store.load_run(writer.id()).pairs.at(0).processes.at(0).blocks.size(), 2u);
}

TEST(Store, TakesNothingForAPairThatIsComplete) {
  const TemporaryFolder folder;
  Store store = Store::open(folder / "s");
  RunWriter writer = store.begin_run(describe_run());
  const TrialId trial = writer.add_trial(make_trial(0));
  const PairId pair = writer.begin_pair(0, 0);
  const ProcessId process = writer.add_process(pair, trial, 1);
  writer.complete_pair(pair);
  expect_error(Code::InternalError, [&] { writer.append_block(process, make_block(1, 0)); });
  expect_error(Code::InternalError, [&] { writer.add_process(pair, trial, 2); });
  expect_error(Code::InternalError, [&] { writer.set_facts(process, {}); });
  expect_error(Code::InternalError, [&] { writer.begin_pair(0, 0); });
}

TEST(Store, ADroppedPairMayBeBegunAgain) {
  const TemporaryFolder folder;
  Store store = Store::open(folder / "s");
  RunWriter writer = store.begin_run(describe_run());
  const TrialId trial = writer.add_trial(make_trial(0));
  const PairId pair = writer.begin_pair(0, 0);
  writer.append_block(writer.add_process(pair, trial, 1), make_block(1, 0));
  writer.drop_pair(pair);
  EXPECT_TRUE(store.load_run(writer.id()).pairs.empty());
  writer.begin_pair(0, 0);
  EXPECT_EQ(store.load_run(writer.id()).pairs.size(), 1u);
}

TEST(Records, EveryWordStandsForItsEnumerator) {
  const auto check = []<typename Enum>(Enum last) {
    for (int i = 0; i <= static_cast<int>(last); ++i) {
      const auto value = static_cast<Enum>(i);
      EXPECT_EQ(parse<Enum>(to_string(value)), value) << to_string(value);
    }
    EXPECT_EQ(parse<Enum>("nonsense"), std::nullopt);
  };
  check(RunStatus::Interrupted);
  check(DocumentKind::Environment);
  check(TrialStatus::Unavailable);
  check(Phase::Measure);
  EXPECT_EQ(to_string(TrialStatus::OutOfMemory), "out_of_memory");
}

}  // namespace
}  // namespace ponte::store
