#include "store/store.h"

#include <fmt/format.h>

#include <sstream>

#include "base/counted.h"
#include "base/environment.h"
#include "base/error.h"
#include "store/database.h"
#include "store/owner.h"
#include "store/rows.h"
#include "store/schema.h"

namespace ponte::store {
namespace {

void delete_row(Database& database, RunId id) {
  database.run("DELETE FROM runs WHERE id = ?", {id});
}

// Gives the space of deleted runs back to the file system. It is space only: a store that somebody
// reads keeps it.
void shrink(Database& database) {
  try {
    database.run("PRAGMA incremental_vacuum");
    database.run("PRAGMA wal_checkpoint(TRUNCATE)");
  } catch (const Error& error) {
    if (error.code() != Code::StoreLocked) throw;
  }
}

// What a check of SQLite's own reports, in words. A row of it may be a title with lines below it.
void add_problems(Database& database, std::vector<std::string>& problems) {
  Query rows = database.query("PRAGMA integrity_check");
  while (rows.next()) {
    std::istringstream lines(rows.take<std::string>());
    for (std::string line; std::getline(lines, line);) {
      const bool is_title = line.starts_with("***");
      if (line != "ok" && !is_title) problems.push_back(line);
    }
  }
  Query orphans = database.query(
      "SELECT \"table\", parent, count(*) FROM pragma_foreign_key_check GROUP BY 1, 2");
  while (orphans.next()) {
    const auto table = orphans.take<std::string>();
    const auto parent = orphans.take<std::string>();
    const auto rows_left = orphans.take<std::int64_t>();
    problems.push_back(fmt::format("{} of `{}` {} to rows that `{}` does not have",
                                   counted(rows_left, "row", "rows"), table,
                                   rows_left == 1 ? "refers" : "refer", parent));
  }
}

}  // namespace

std::filesystem::path default_path() { return data_folder() / "ponte.sqlite3"; }

Store::Store(std::shared_ptr<Database> database) : database_(std::move(database)) {}
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;
Store::~Store() = default;

Store Store::open(const std::filesystem::path& path, const OpenOptions& options) {
  auto database = std::make_shared<Database>(path, options.busy_timeout);
  prepare_schema(*database, migrations(), options.busy_timeout);
  return Store(std::move(database));
}

RunWriter Store::begin_run(const RunDescription& description) {
  const Owner owner = this_process();
  Transaction transaction(*database_, Transaction::Kind::Write);
  constexpr std::int64_t first_session = 1;
  database_->run(
      "INSERT INTO runs (started_at, command_line, plan_key, status, program_version, session, "
      "owner_pid,"
      " owner_boot_id, owner_start_ticks) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
      {description.started_at.time_since_epoch().count(), description.command_line,
       description.plan_key, to_string(RunStatus::Running), description.program_version,
       first_session, owner.pid, owner.boot_id, owner.start_ticks});
  const RunId id{database_->last_insert_id()};
  transaction.commit();
  return {database_, id, first_session};
}

std::optional<RunWriter> Store::resume_run(std::string_view plan_key) {
  const Owner owner = this_process();
  Transaction transaction(*database_, Transaction::Kind::Write);
  const auto run = read_resumable_run(*database_, plan_key);
  if (!run) return std::nullopt;
  const std::int64_t session = run->session + 1;
  database_->run(
      "UPDATE runs SET status = ?, finished_at = NULL, session = ?, owner_pid = ?, owner_boot_id = "
      "?,"
      " owner_start_ticks = ? WHERE id = ?",
      {to_string(RunStatus::Running), session, owner.pid, owner.boot_id, owner.start_ticks,
       run->id});
  database_->run("DELETE FROM process_pairs WHERE run = ? AND complete = 0", {run->id});
  transaction.commit();
  return RunWriter(database_, run->id, session);
}

std::vector<Run> Store::list_runs() { return read_runs(*database_); }

RunRecord Store::load_run(RunId id) {
  const Transaction transaction(*database_, Transaction::Kind::Read);
  return read_record(*database_, id);
}

std::optional<std::string> Store::document(RunId id, DocumentKind kind) {
  const Transaction transaction(*database_, Transaction::Kind::Read);
  read_run(*database_, id);
  Query rows = database_->query("SELECT json FROM documents WHERE run = ? AND kind = ?",
                                {id, to_string(kind)});
  if (!rows.next()) return std::nullopt;
  return rows.take<std::string>();
}

void Store::delete_run(RunId id) {
  {
    Transaction transaction(*database_, Transaction::Kind::Write);
    if (read_run(*database_, id).status == RunStatus::Running) {
      throw Error(Code::RunInUse,
                  fmt::format("run {} is still being written", static_cast<std::int64_t>(id)),
                  "wait for it, or stop it");
    }
    delete_row(*database_, id);
    transaction.commit();
  }
  shrink(*database_);
}

std::vector<std::string> Store::check_integrity() {
  std::vector<std::string> problems;
  try {
    const Transaction transaction(*database_, Transaction::Kind::Read);
    add_problems(*database_, problems);
    for (const Run& run : read_runs(*database_)) read_record(*database_, run.id);
  } catch (const Error& error) {
    if (error.code() != Code::StoreCorrupt) throw;
    problems.emplace_back(error.what());
  }
  return problems;
}

}  // namespace ponte::store
