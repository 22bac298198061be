#include <gtest/gtest.h>

#include "base/expect_error.h"
#include "base/temporary_folder.h"
#include "builders.h"
#include "child.h"
#include "store/database.h"
#include "store/owner.h"

namespace ponte::store {
namespace {

using namespace std::chrono_literals;
using test::expect_error;
using test::TemporaryFolder;

TEST(Owner, ThisProcessIsAlive) { EXPECT_TRUE(is_alive(this_process())); }

TEST(Owner, AnotherStartOfTheMachineOrOfTheProcessIsAnotherOwner) {
  Owner owner = this_process();
  owner.boot_id += "x";
  EXPECT_FALSE(is_alive(owner));
  owner = this_process();
  owner.start_ticks += 1;
  EXPECT_FALSE(is_alive(owner));
  owner = this_process();
  owner.pid = 0;
  EXPECT_FALSE(is_alive(owner));
}

TEST(Owner, AProcessThatWaitsToBeReapedIsDead) {
  const int pid = ::fork();
  if (pid == 0) ::_exit(0);
  siginfo_t info{};
  ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT), 0);
  Owner owner = this_process();
  owner.pid = pid;
  // The start time is that of the parent or later: what decides is the state.
  for (int ticks = 0; ticks < 1000; ++ticks, ++owner.start_ticks) EXPECT_FALSE(is_alive(owner));
  ::waitpid(pid, nullptr, 0);
}

TEST(RunOwnership, ARunOfALivingProcessIsNotResumable) {
  const TemporaryFolder folder;
  Child child([&](int reports) {
    Store store = Store::open(folder / "s");
    RunWriter writer = store.begin_run(describe_run());
    Child::report(reports, 1);
    ::pause();
    return 0;
  });
  ASSERT_EQ(child.next_report(), 1);
  {
    Store store = Store::open(folder / "s");
    EXPECT_EQ(store.list_runs().at(0).status, RunStatus::Running);
    EXPECT_FALSE(store.resume_run("plan-1"));
    expect_error(Code::RunInUse, [&] { store.delete_run(RunId{1}); });
  }
  child.kill();
  Store store = Store::open(folder / "s");
  EXPECT_EQ(store.list_runs().at(0).status, RunStatus::Interrupted);
  EXPECT_FALSE(store.resume_run("plan-2"));
  auto writer = store.resume_run("plan-1");
  ASSERT_TRUE(writer);
  EXPECT_EQ(writer->id(), store.list_runs().at(0).id);
  EXPECT_EQ(writer->session(), 2);
  EXPECT_EQ(store.list_runs().at(0).status, RunStatus::Running);
  EXPECT_FALSE(store.resume_run("plan-1"));
}

TEST(RunOwnership, OnlyOneOfManyProcessesResumesARun) {
  const TemporaryFolder folder;
  Store::open(folder / "s").begin_run(describe_run()).interrupt();
  int resumed = 0;
  {
    std::vector<std::unique_ptr<Child>> children;
    for (int i = 0; i < 6; ++i) {
      children.push_back(std::make_unique<Child>([&](int reports) {
        Store store = Store::open(folder / "s");
        const auto writer = store.resume_run("plan-1");
        Child::report(reports, writer ? 1 : 0);
        ::pause();
        return 0;
      }));
    }
    for (const auto& child : children) resumed += child->next_report();
  }
  EXPECT_EQ(resumed, 1);
}

TEST(RunOwnership, AFinishedRunIsNotResumable) {
  const TemporaryFolder folder;
  Store store = Store::open(folder / "s");
  store.begin_run(describe_run()).finish();
  EXPECT_FALSE(store.resume_run("plan-1"));
}

TEST(RunOwnership, TheLatestInterruptedRunIsResumed) {
  const TemporaryFolder folder;
  Store store = Store::open(folder / "s");
  store.begin_run(describe_run()).interrupt();
  const RunId second = store.begin_run(describe_run()).id();  // interrupted by its destructor
  store.begin_run(describe_run()).finish();
  EXPECT_TRUE(store.list_runs().at(1).finished_at);
  const auto writer = store.resume_run("plan-1");
  ASSERT_TRUE(writer);
  EXPECT_EQ(writer->id(), second);
}

TEST(RunOwnership, WhoLostARunCannotWriteToIt) {
  const TemporaryFolder folder;
  Store store = Store::open(folder / "s");
  RunWriter writer = store.begin_run(describe_run());
  const TrialId trial = writer.add_trial(make_trial(0));
  const PairId pair = writer.begin_pair(0, 0);
  const ProcessId process = writer.add_process(pair, trial, 1);
  // As a process sees it that cannot see this one, in another container for instance.
  Database(folder / "s", 1s).run("UPDATE runs SET owner_pid = 0");
  Store other = Store::open(folder / "s");
  auto successor = other.resume_run("plan-1");
  ASSERT_TRUE(successor);
  expect_error(Code::RunInUse, [&] { writer.append_block(process, make_block(1, 0)); });
  expect_error(Code::RunInUse, [&] { writer.add_trial(make_trial(1)); });
  expect_error(Code::RunInUse, [&] { writer.begin_pair(0, 1); });
  expect_error(Code::RunInUse, [&] { writer.complete_pair(pair); });
  expect_error(Code::RunInUse, [&] { writer.put_document(DocumentKind::Bench, "{}"); });
  expect_error(Code::RunInUse, [&] { writer.finish(); });
  successor->begin_pair(0, 0);
  EXPECT_EQ(store.list_runs().at(0).status, RunStatus::Running);
}

TEST(RunOwnership, APairNeverSpansTwoSessions) {
  const TemporaryFolder folder;
  Store store = Store::open(folder / "s");
  PairId complete{}, open{};
  ProcessId in_complete{};
  {
    RunWriter writer = store.begin_run(describe_run());
    const TrialId trial = writer.add_trial(make_trial(0));
    complete = writer.begin_pair(0, 0);
    in_complete = writer.add_process(complete, trial, 1);
    writer.append_block(in_complete, make_block(1, 0));
    writer.complete_pair(complete);
    open = writer.begin_pair(0, 1);
    writer.append_block(writer.add_process(open, trial, 2), make_block(2, 0));
  }
  auto writer = store.resume_run("plan-1");
  ASSERT_TRUE(writer);
  const RunRecord record = store.load_run(writer->id());
  ASSERT_EQ(record.pairs.size(), 1u);
  EXPECT_EQ(record.pairs[0].id, complete);
  EXPECT_EQ(record.pairs[0].session, 1);
  EXPECT_EQ(record.trials.size(), 1u);
  expect_error(Code::InternalError, [&] { writer->append_block(in_complete, make_block(1, 1)); });
  expect_error(Code::InternalError, [&] { writer->complete_pair(complete); });
  writer->begin_pair(0, 1);
  EXPECT_EQ(store.load_run(writer->id()).pairs.at(1).session, 2);
}

TEST(RunOwnership, TwoProcessesWithOnePlanWriteTwoRuns) {
  const TemporaryFolder folder;
  Store::open(folder / "s");
  constexpr int blocks = 200;
  const auto write = [&](int mark) {
    Store store = Store::open(folder / "s");
    auto resumed = store.resume_run("plan-1");
    RunWriter writer = resumed ? std::move(*resumed) : store.begin_run(describe_run());
    const ProcessId process =
        writer.add_process(writer.begin_pair(0, 0), writer.add_trial(make_trial(0)), mark);
    for (int i = 0; i < blocks; ++i) writer.append_block(process, make_block(mark, i));
    writer.finish();
    return 0;
  };
  Child first([&](int) { return write(1); });
  Child second([&](int) { return write(2); });
  EXPECT_EQ(first.wait(), 0);
  EXPECT_EQ(second.wait(), 0);
  Store store = Store::open(folder / "s");
  ASSERT_EQ(store.list_runs().size(), 2u);
  for (const auto& run : store.list_runs()) {
    const RunRecord record = store.load_run(run.id);
    ASSERT_EQ(record.pairs.size(), 1u);
    ASSERT_EQ(record.pairs[0].processes.size(), 1u);
    const Process& process = record.pairs[0].processes[0];
    ASSERT_EQ(process.blocks.size(), static_cast<std::size_t>(blocks));
    for (int i = 0; i < blocks; ++i) {
      EXPECT_EQ(process.blocks[static_cast<std::size_t>(i)].samples_ns,
                make_block(process.pid, i).samples_ns);
    }
  }
  EXPECT_TRUE(store.check_integrity().empty());
}

}  // namespace
}  // namespace ponte::store
