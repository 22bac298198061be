// What was stored survives the end of the process by SIGKILL at any moment, once.
#include <gtest/gtest.h>

#include <array>
#include <thread>

#include "base/random.h"
#include "base/temporary_folder.h"
#include "builders.h"
#include "child.h"

namespace ponte::store {
namespace {

using test::TemporaryFolder;

constexpr int blocks_per_pair = 8;  // over both processes

// Reports each call that has returned with one byte: 1 a block, 2 a complete pair.
int measure_until_killed(const std::filesystem::path& path, int reports) {
  Store store = Store::open(path);
  auto resumed = store.resume_run("plan-1");
  RunWriter writer = resumed ? std::move(*resumed) : store.begin_run(describe_run());
  const RunRecord before = store.load_run(writer.id());
  std::vector<TrialId> trials;
  for (const Trial& trial : before.trials) trials.push_back(trial.id);
  while (trials.size() < 2)
    trials.push_back(writer.add_trial(make_trial(static_cast<std::int64_t>(trials.size()))));
  for (auto round = static_cast<std::int64_t>(before.pairs.size());; ++round) {
    const PairId pair = writer.begin_pair(0, round);
    const std::array processes{writer.add_process(pair, trials[0], 1),
                               writer.add_process(pair, trials[1], 2)};
    for (int i = 0; i < blocks_per_pair; ++i) {
      const ProcessId process = processes[static_cast<std::size_t>(i % 2)];
      writer.append_block(process, make_block(round * 2 + i % 2, i / 2, 50));
      Child::report(reports, 1);
    }
    writer.complete_pair(pair);
    Child::report(reports, 2);
  }
}

struct Reported {
  std::size_t complete_pairs = 0;
  std::size_t blocks_in_open_pair = 0;

  void add(int report) {
    if (report == 1) ++blocks_in_open_pair;
    if (report != 2) return;
    ++complete_pairs;
    blocks_in_open_pair = 0;
  }
};

// The contents of `pair` are exactly the first `blocks` of its round; each is where it belongs and
// not cut.
void expect_first_blocks(const ProcessPair& pair, std::size_t blocks) {
  std::size_t found = 0;
  for (std::size_t p = 0; p < pair.processes.size(); ++p) {
    const auto& stored = pair.processes[p].blocks;
    EXPECT_EQ(stored.size(), (blocks + 1 - p) / 2);
    for (std::size_t i = 0; i < stored.size(); ++i, ++found) {
      const auto ordinal = static_cast<std::int64_t>(i);
      EXPECT_EQ(stored[i].ordinal, ordinal);
      EXPECT_EQ(stored[i].samples_ns,
                make_block(pair.round * 2 + static_cast<std::int64_t>(p), ordinal, 50).samples_ns);
    }
  }
  EXPECT_EQ(found, blocks);
}

void expect_what_was_reported(const RunRecord& record, const Reported& reported) {
  EXPECT_EQ(record.run.status, RunStatus::Interrupted);
  std::size_t complete = 0;
  std::size_t blocks_in_open_pair = 0;
  for (std::size_t i = 0; i < record.pairs.size(); ++i) {
    const ProcessPair& pair = record.pairs[i];
    EXPECT_EQ(pair.round, static_cast<std::int64_t>(i));
    std::size_t blocks = 0;
    for (const Process& process : pair.processes) blocks += process.blocks.size();
    if (pair.complete) {
      ++complete;
      EXPECT_EQ(blocks, static_cast<std::size_t>(blocks_per_pair));
    } else {
      EXPECT_EQ(i + 1, record.pairs.size()) << "only the last pair may be incomplete";
      blocks_in_open_pair = blocks;
    }
    expect_first_blocks(pair, blocks);
  }
  // One call may have been stored without having been reported.
  if (complete == reported.complete_pairs) {
    EXPECT_GE(blocks_in_open_pair, reported.blocks_in_open_pair);
    EXPECT_LE(blocks_in_open_pair, reported.blocks_in_open_pair + 1);
  } else {
    EXPECT_EQ(complete, reported.complete_pairs + 1);
    EXPECT_EQ(reported.blocks_in_open_pair, static_cast<std::size_t>(blocks_per_pair));
  }
}

TEST(Durability, AfterAKillNothingThatWasStoredIsLostAndNothingIsDouble) {
  const TemporaryFolder folder;
  Random random(20241124);
  Reported reported;
  for (int kills = 0; kills < 25; ++kills) {
    {
      Child child([&](int reports) { return measure_until_killed(folder / "s", reports); });
      const auto wanted = random.below(40);
      for (std::uint64_t i = 0; i <= wanted; ++i) reported.add(child.next_report());
      std::this_thread::sleep_for(std::chrono::microseconds(random.below(400)));
      child.kill();
      for (int report = child.next_report(); report > 0; report = child.next_report())
        reported.add(report);
    }
    Store store = Store::open(folder / "s");
    const auto runs = store.list_runs();
    ASSERT_EQ(runs.size(), 1u);
    const RunRecord record = store.load_run(runs[0].id);
    expect_what_was_reported(record, reported);
    EXPECT_EQ(record.run.session, kills + 1);
    EXPECT_EQ(record.trials.size(), 2u);
    EXPECT_TRUE(store.check_integrity().empty());
    if (HasFailure()) return;
    reported.blocks_in_open_pair = 0;  // the next session drops them
    reported.complete_pairs = 0;
    for (const ProcessPair& pair : record.pairs) reported.complete_pairs += pair.complete ? 1 : 0;
  }
  EXPECT_GT(reported.complete_pairs, 20u);
}

TEST(Durability, AReaderSeesWholeBlocksWhileAnotherProcessWrites) {
  const TemporaryFolder folder;
  Child child([&](int reports) { return measure_until_killed(folder / "s", reports); });
  ASSERT_EQ(child.next_report(), 1);
  Store store = Store::open(folder / "s");
  std::size_t seen = 0;
  for (int i = 0; i < 40; ++i) {
    const auto runs = store.list_runs();
    ASSERT_EQ(runs.size(), 1u);
    EXPECT_EQ(runs[0].status, RunStatus::Running);
    const RunRecord record = store.load_run(runs[0].id);
    std::size_t blocks = 0;
    for (const ProcessPair& pair : record.pairs) {
      std::size_t in_pair = 0;
      for (const Process& process : pair.processes) in_pair += process.blocks.size();
      expect_first_blocks(pair, in_pair);
      if (pair.complete) {
        EXPECT_EQ(in_pair, static_cast<std::size_t>(blocks_per_pair));
      }
      blocks += in_pair;
    }
    EXPECT_GE(blocks, seen);
    seen = blocks;
    child.next_report();
  }
  EXPECT_GT(seen, 0u);
}

}  // namespace
}  // namespace ponte::store
