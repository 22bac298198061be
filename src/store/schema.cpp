#include "store/schema.h"

#include <fmt/format.h>

#include <array>
#include <thread>

#include "base/error.h"

namespace ponte::store {
namespace {

// Times of day are milliseconds since 1970 (UTC). `samples_ns` is a sequence of little-endian
// 64-bit numbers, and `samples_hash` its content hash (base/hash.h), because SQLite itself does not
// notice a changed byte in it.
constexpr auto all_migrations = std::to_array<Migration>({
    {1, "runs and their documents", R"sql(
CREATE TABLE runs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  started_at INTEGER NOT NULL,
  finished_at INTEGER,
  command_line TEXT NOT NULL,
  plan_key TEXT NOT NULL,
  status TEXT NOT NULL,
  program_version TEXT NOT NULL,
  session INTEGER NOT NULL,
  owner_pid INTEGER NOT NULL,
  owner_boot_id TEXT NOT NULL,
  owner_start_ticks INTEGER NOT NULL
) STRICT;
CREATE INDEX runs_by_plan_key ON runs (plan_key);

CREATE TABLE documents (
  run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
  kind TEXT NOT NULL,
  json TEXT NOT NULL,
  PRIMARY KEY (run, kind)
) STRICT;
)sql"},
    {2, "measurements", R"sql(
CREATE TABLE trials (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
  ordinal INTEGER NOT NULL,
  model TEXT NOT NULL,
  model_hash TEXT NOT NULL,
  runtime TEXT NOT NULL,
  version TEXT NOT NULL,
  library_hash TEXT NOT NULL,
  device TEXT NOT NULL,
  settings TEXT NOT NULL,
  scenario TEXT NOT NULL,
  batch INTEGER NOT NULL,
  status TEXT NOT NULL,
  why TEXT NOT NULL,
  UNIQUE (run, ordinal)
) STRICT;

CREATE TABLE process_pairs (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
  comparison INTEGER NOT NULL,
  round INTEGER NOT NULL,
  session INTEGER NOT NULL,
  complete INTEGER NOT NULL,
  UNIQUE (run, comparison, round)
) STRICT;

CREATE TABLE processes (
  id INTEGER PRIMARY KEY,
  pair INTEGER NOT NULL REFERENCES process_pairs ON DELETE CASCADE,
  trial INTEGER NOT NULL REFERENCES trials ON DELETE CASCADE,
  pid INTEGER NOT NULL,
  load_ns INTEGER,
  first_ns INTEGER,
  peak_rss_bytes INTEGER,
  private_bytes INTEGER,
  cpu_ns INTEGER,
  steady INTEGER,
  warmup_executions INTEGER,
  UNIQUE (pair, trial)
) STRICT;
CREATE INDEX processes_by_trial ON processes (trial);

CREATE TABLE warnings (
  process INTEGER NOT NULL REFERENCES processes ON DELETE CASCADE,
  ordinal INTEGER NOT NULL,
  text TEXT NOT NULL,
  PRIMARY KEY (process, ordinal)
) STRICT;

CREATE TABLE blocks (
  id INTEGER PRIMARY KEY,
  process INTEGER NOT NULL REFERENCES processes ON DELETE CASCADE,
  ordinal INTEGER NOT NULL,
  position INTEGER NOT NULL,
  phase TEXT NOT NULL,
  canary_ns INTEGER,
  started_ns INTEGER NOT NULL,
  executions_per_sample INTEGER NOT NULL,
  samples_ns BLOB NOT NULL,
  samples_hash TEXT NOT NULL,
  UNIQUE (process, ordinal)
) STRICT;
)sql"},
});

constexpr int application_id = 0x706f6e74;  // "pont"

// The version of a store that this program may use; 0 for an empty file. Within a transaction:
// what it asks one after the other must belong together while another process makes the store.
int version_of(Database& database, int newest) {
  const auto application = database.single<std::int64_t>("PRAGMA application_id");
  const auto version = database.single<std::int64_t>("PRAGMA user_version");
  const auto tables = database.single<std::int64_t>("SELECT count(*) FROM sqlite_schema");
  if (application == 0 && version == 0 && tables == 0) return 0;
  if (application != application_id || version < 1) {
    throw Error(Code::NotAStore,
                fmt::format("`{}` is a database of another program", database.path().native()));
  }
  if (version > newest) {
    throw Error(
        Code::StoreTooNew,
        fmt::format("the store `{}` has version {}, and this program knows versions up to {}",
                    database.path().native(), version, newest),
        "use the newer ponte that wrote it, or another folder in `XDG_DATA_HOME`");
  }
  return static_cast<int>(version);
}

// SQLite does not wait by itself when two connections change the journal mode at the same time.
void use_write_ahead_log(Database& database, std::chrono::milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (true) {
    try {
      const auto mode = database.single<std::string>("PRAGMA journal_mode = WAL");
      if (mode == "wal") return;
      throw Error(
          Code::StoreInaccessible,
          fmt::format(
              "the file system of `{}` cannot hold a store: SQLite stays in journal mode `{}`",
              database.path().native(), mode),
          "choose another folder in `XDG_DATA_HOME`");
    } catch (const Error& error) {
      if (error.code() != Code::StoreLocked || std::chrono::steady_clock::now() >= deadline) throw;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

}  // namespace

std::span<const Migration> migrations() { return all_migrations; }

void prepare_schema(Database& database, std::span<const Migration> steps,
                    std::chrono::milliseconds timeout) {
  const int newest = steps.back().version;
  const int found = [&] {
    const Transaction transaction(database, Transaction::Kind::Read);
    return version_of(database, newest);
  }();
  if (found == 0)
    database.script("PRAGMA auto_vacuum = INCREMENTAL");  // only before the first table
  use_write_ahead_log(database, timeout);
  if (found == newest) return;

  Transaction transaction(database, Transaction::Kind::Write);
  const int version = version_of(database, newest);  // another process may have been faster
  for (const Migration& step : steps) {
    if (step.version > version) database.script(std::string(step.sql));
  }
  database.script(
      fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}", application_id, newest));
  transaction.commit();
}

}  // namespace ponte::store
