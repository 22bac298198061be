// A store that is locked, has no room left or can't be reached.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <filesystem>

#include "base/expect_error.h"
#include "base/temporary_folder.h"
#include "builders.h"
#include "child.h"
#include "store/database.h"
#include "store/schema.h"

namespace ponte::store {
namespace {

using namespace std::chrono_literals;
using test::error_of;
using test::expect_error;
using test::TemporaryFolder;

TEST(LockedStore, AWriterGivesUpAfterItsTimeoutAndGoesOnLater) {
  const TemporaryFolder folder;
  Store store = Store::open(folder / "s", {.busy_timeout = 30ms});
  RunWriter writer = store.begin_run(describe_run());
  const ProcessId process =
      writer.add_process(writer.begin_pair(0, 0), writer.add_trial(make_trial(0)), 1);
  Database other(folder / "s", 1s);
  {
    const Transaction lock(other, Transaction::Kind::Write);
    expect_error(Code::StoreLocked, [&] { writer.append_block(process, make_block(1, 0)); });
    expect_error(Code::StoreLocked, [&] { store.begin_run(describe_run()); });
    expect_error(Code::StoreLocked, [&] { writer.finish(); });
    EXPECT_EQ(store.list_runs().size(), 1u) << "reading goes on";
    EXPECT_EQ(Store::open(folder / "s", {.busy_timeout = 30ms}).list_runs().size(), 1u);
  }
  writer.append_block(process, make_block(1, 0));
  EXPECT_EQ(store.load_run(writer.id()).pairs.at(0).processes.at(0).blocks.size(), 1u);
}

TEST(LockedStore, OpeningANewStoreGivesUpToo) {
  const TemporaryFolder folder;
  Database other(folder / "s", 1s);
  other.script("BEGIN EXCLUSIVE");
  expect_error(Code::StoreLocked, [&] { Store::open(folder / "s", {.busy_timeout = 30ms}); });
  other.script("ROLLBACK");
  EXPECT_TRUE(Store::open(folder / "s", {.busy_timeout = 30ms}).list_runs().empty());
}

TEST(LockedStore, AWriterWaitsForAnotherOne) {
  const TemporaryFolder folder;
  Store::open(folder / "s");
  Child child([&](int reports) {
    Database database(folder / "s", 1s);
    Transaction lock(database, Transaction::Kind::Write);
    Child::report(reports, 1);
    ::usleep(100'000);
    lock.commit();
    return 0;
  });
  ASSERT_EQ(child.next_report(), 1);
  Store store = Store::open(folder / "s");
  EXPECT_EQ(store.begin_run(describe_run()).id(), RunId{1});
  EXPECT_EQ(child.wait(), 0);
}

TEST(FullStore, MorePagesThanAllowedIsNoSpaceLeft) {
  const TemporaryFolder folder;
  Database database(folder / "s", 1s);
  prepare_schema(database, migrations(), 1s);
  database.script("PRAGMA max_page_count = 40");
  database.script("CREATE TABLE filling (bytes BLOB)");
  const auto error = error_of([&] {
    for (int i = 0; i < 1000; ++i) database.run("INSERT INTO filling VALUES (zeroblob(4000))");
  });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), Code::StoreFull);
  EXPECT_FALSE(database.in_transaction());
  EXPECT_EQ(database.single<std::string>("PRAGMA integrity_check"), "ok");
}

// The system says EFBIG for a limit on file sizes where it says ENOSPC for a full disk.
TEST(FullStore, ADiskWithoutRoomKeepsWhatWasStoredBefore) {
  const TemporaryFolder folder;
  Child child([&](int reports) {
    ::signal(SIGXFSZ, SIG_IGN);
    Store store = Store::open(folder / "s");
    RunWriter writer = store.begin_run(describe_run());
    const ProcessId process =
        writer.add_process(writer.begin_pair(0, 0), writer.add_trial(make_trial(0)), 1);
    const rlimit limit{.rlim_cur = 1'000'000, .rlim_max = 1'000'000};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) return 97;
    for (int i = 0; i < 250; ++i) {
      try {
        writer.append_block(process, make_block(1, i, 1000));
        Child::report(reports, 1);
      } catch (const Error& error) {
        if (error.code() == Code::StoreFull) return 0;
        throw;
      }
    }
    return 95;
  });
  std::size_t stored = 0;
  while (child.next_report() == 1) ++stored;
  EXPECT_EQ(child.wait(), 0);
  EXPECT_GT(stored, 20u);

  Store store = Store::open(folder / "s");
  const RunRecord record = store.load_run(RunId{1});
  const auto& blocks = record.pairs.at(0).processes.at(0).blocks;
  ASSERT_EQ(blocks.size(), stored);
  for (std::size_t i = 0; i < stored; ++i) {
    EXPECT_EQ(blocks[i].samples_ns, make_block(1, static_cast<std::int64_t>(i), 1000).samples_ns);
  }
  EXPECT_TRUE(store.check_integrity().empty());
  EXPECT_TRUE(store.resume_run("plan-1"));
}

TEST(InaccessibleStore, AFolderInItsPlaceIsRefused) {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "s");
  expect_error(Code::StoreInaccessible, [&] { Store::open(folder / "s"); });
}

TEST(InaccessibleStore, AFileInPlaceOfItsFolderIsRefused) {
  const TemporaryFolder folder;
  folder.write("file", "x");
  expect_error(Code::StoreInaccessible, [&] { Store::open(folder / "file/s"); });
  expect_error(Code::StoreInaccessible, [&] { Store::open(folder / "file/deeper/s"); });
}

TEST(InaccessibleStore, AFolderWithoutPermissionIsRefused) {
  if (::geteuid() == 0) GTEST_SKIP() << "the superuser may write everywhere";
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "closed");
  std::filesystem::permissions(folder / "closed", std::filesystem::perms::owner_read);
  expect_error(Code::StoreInaccessible, [&] { Store::open(folder / "closed/s"); });
  std::filesystem::permissions(folder / "closed", std::filesystem::perms::owner_all);
}

}  // namespace
}  // namespace ponte::store
