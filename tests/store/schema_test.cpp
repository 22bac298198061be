#include "store/schema.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/expect_error.h"
#include "base/temporary_folder.h"
#include "builders.h"
#include "child.h"

namespace ponte::store {
namespace {

using namespace std::chrono_literals;
using test::error_of;
using test::expect_error;
using test::TemporaryFolder;

// A store as version 1 left it. It is written out here because it must stay as it is when the steps
// grow.
constexpr const char* version_1 = R"sql(
PRAGMA auto_vacuum = INCREMENTAL;
PRAGMA journal_mode = WAL;
CREATE TABLE runs (
  id INTEGER PRIMARY KEY AUTOINCREMENT, started_at INTEGER NOT NULL, finished_at INTEGER,
  command_line TEXT NOT NULL, plan_key TEXT NOT NULL, status TEXT NOT NULL,
  program_version TEXT NOT NULL, session INTEGER NOT NULL, owner_pid INTEGER NOT NULL,
  owner_boot_id TEXT NOT NULL, owner_start_ticks INTEGER NOT NULL) STRICT;
CREATE INDEX runs_by_plan_key ON runs (plan_key);
CREATE TABLE documents (
  run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE, kind TEXT NOT NULL,
  json TEXT NOT NULL, PRIMARY KEY (run, kind)) STRICT;
INSERT INTO runs VALUES
  (41, 1700000000000, 1700000001000, 'ponte inspect a.onnx', 'k1', 'finished', '0.0.1', 1,
   7, 'b', 9);
INSERT INTO runs VALUES
  (42, 1700000002000, NULL, 'ponte bench a.onnx', 'k2', 'running', '0.0.1', 1, 7, 'b', 9);
INSERT INTO documents VALUES (41, 'inspect', '{"nodes":3}');
PRAGMA application_id = 1886350964;
PRAGMA user_version = 1;
)sql";

void write_database(const std::filesystem::path& path, const std::string& sql) {
  Database(path, 1s).script(sql);
}

TEST(Schema, VersionsAreConsecutive) {
  int version = 0;
  for (const Migration& step : migrations()) EXPECT_EQ(step.version, ++version) << step.what;
}

TEST(Schema, AStoreOfVersion1KeepsItsContentsAndTakesNewOnes) {
  const TemporaryFolder folder;
  write_database(folder / "s", version_1);
  Store store = Store::open(folder / "s");
  const auto runs = store.list_runs();
  ASSERT_EQ(runs.size(), 2u);
  EXPECT_EQ(runs[1].command_line, "ponte inspect a.onnx");
  EXPECT_EQ(runs[1].finished_at, Timestamp(std::chrono::milliseconds(1'700'000'001'000)));
  EXPECT_EQ(store.document(RunId{41}, DocumentKind::Inspect), R"({"nodes":3})");
  auto writer = store.resume_run("k2");
  ASSERT_TRUE(writer);
  writer->append_block(
      writer->add_process(writer->begin_pair(0, 0), writer->add_trial(make_trial(0)), 1),
      make_block(1, 0));
  writer->finish();
  EXPECT_EQ(store.load_run(RunId{42}).pairs.at(0).processes.at(0).blocks.size(), 1u);
  EXPECT_EQ(store.begin_run(describe_run()).id(), RunId{43});
  EXPECT_TRUE(store.check_integrity().empty());
  Database database(folder / "s", 1s);
  EXPECT_EQ(database.single<int>("PRAGMA user_version"), migrations().back().version);
}

TEST(Schema, AMigratedStoreHasTheTablesOfANewOne) {
  const TemporaryFolder folder;
  write_database(folder / "old", version_1);
  std::vector<std::string> tables;
  for (const char* name : {"old", "new"}) {
    Store::open(folder / name);
    Database database(folder / name, 1s);
    Query rows = database.query(
        "SELECT t.name || '(' || group_concat(c.name || ' ' || c.type || c.\"notnull\") || ')' "
        "FROM sqlite_schema AS t,"
        " pragma_table_info(t.name) AS c GROUP BY t.name ORDER BY t.name");
    std::string& text = tables.emplace_back();
    while (rows.next()) text += rows.take<std::string>();
  }
  EXPECT_EQ(tables[0], tables[1]);
  EXPECT_NE(tables[0].find("blocks("), std::string::npos);
}

TEST(Schema, AStepThatFailsLeavesTheOldStore) {
  const TemporaryFolder folder;
  write_database(folder / "s", version_1);
  const std::vector<Migration> steps{
      migrations()[0],
      {2, "half", "CREATE TABLE extra (x); INSERT INTO no_such_table VALUES (1);"}};
  {
    Database database(folder / "s", 1s);
    expect_error(Code::StoreCorrupt, [&] { prepare_schema(database, steps, 1s); });
    EXPECT_EQ(database.single<int>("PRAGMA user_version"), 1);
    EXPECT_EQ(database.single<int>("SELECT count(*) FROM sqlite_schema WHERE name = 'extra'"), 0);
  }
  EXPECT_EQ(Store::open(folder / "s").list_runs().size(), 2u);
}

TEST(Schema, AStoreOfANewerVersionIsRefusedAndNotChanged) {
  const TemporaryFolder folder;
  const int newer = migrations().back().version + 1;
  Store::open(folder / "s").begin_run(describe_run()).finish();
  write_database(folder / "s", "PRAGMA user_version = " + std::to_string(newer));
  const std::string before = test::text_of(folder / "s");
  const auto error = error_of([&] { Store::open(folder / "s"); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), Code::StoreTooNew);
  EXPECT_NE(std::string(error->what()).find(std::to_string(newer)), std::string::npos);
  EXPECT_TRUE(test::text_of(folder / "s") == before);
}

TEST(Schema, ADatabaseOfAnotherProgramIsRefusedAndNotChanged) {
  const TemporaryFolder folder;
  const char* contents[] = {"CREATE TABLE runs (id INTEGER); INSERT INTO runs VALUES (1)",
                            "PRAGMA application_id = 1; CREATE TABLE t (x)",
                            "PRAGMA user_version = 1; CREATE TABLE t (x)",
                            "PRAGMA application_id = 1886350964; CREATE TABLE t (x)",
                            "PRAGMA application_id = 7"};
  for (const char* sql : contents) {
    const auto path = folder / "other";
    write_database(path, sql);
    const std::string before = test::text_of(path);
    expect_error(Code::NotAStore, [&] { Store::open(path); });
    EXPECT_TRUE(test::text_of(path) == before) << sql;
    std::filesystem::remove(path);
  }
}

TEST(Schema, AnEmptyFileBecomesAStore) {
  const TemporaryFolder folder;
  folder.write("s", "");
  EXPECT_TRUE(Store::open(folder / "s").list_runs().empty());
}

TEST(Schema, ManyProcessesMayMakeTheStoreAtTheSameTime) {
  for (int repetition = 0; repetition < 5; ++repetition) {
    const TemporaryFolder folder;
    std::vector<std::unique_ptr<Child>> children;
    for (int i = 0; i < 6; ++i) {
      children.push_back(std::make_unique<Child>([&](int) {
        Store::open(folder / "a/s").begin_run(describe_run()).finish();
        return 0;
      }));
    }
    for (const auto& child : children) EXPECT_EQ(child->wait(), 0);
    EXPECT_EQ(Store::open(folder / "a/s").list_runs().size(), 6u);
  }
}

}  // namespace
}  // namespace ponte::store
