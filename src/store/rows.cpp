#include "store/rows.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/hash.h"
#include "store/owner.h"
#include "store/samples.h"

namespace ponte::store {
namespace {

constexpr std::string_view select_runs =
    "SELECT id, started_at, finished_at, command_line, plan_key, status, program_version, session, "
    "owner_pid,"
    " owner_boot_id, owner_start_ticks FROM runs";

Timestamp timestamp(std::int64_t milliseconds) {
  return Timestamp(std::chrono::milliseconds(milliseconds));
}

// A word that stands for an enumerator.
template <typename Enum>
Enum take_word(const Database& database, Query& row) {
  const auto word = row.take<std::string>();
  const auto value = parse<Enum>(word);
  if (!value) database.throw_corrupt("a column holds an unknown word");
  return *value;
}

Run take_run(const Database& database, Query& row) {
  Run run;
  run.id = row.take<RunId>();
  run.started_at = timestamp(row.take<std::int64_t>());
  if (const auto time = row.take<std::optional<std::int64_t>>()) run.finished_at = timestamp(*time);
  run.command_line = row.take<std::string>();
  run.plan_key = row.take<std::string>();
  run.status = take_word<RunStatus>(database, row);
  run.program_version = row.take<std::string>();
  run.session = row.take<std::int64_t>();
  Owner owner;
  owner.pid = row.take<std::int64_t>();
  owner.boot_id = row.take<std::string>();
  owner.start_ticks = row.take<std::int64_t>();
  if (run.status == RunStatus::Running && !is_alive(owner)) run.status = RunStatus::Interrupted;
  return run;
}

Trial take_trial(const Database& database, Query& row) {
  Trial trial;
  trial.id = row.take<TrialId>();
  trial.ordinal = row.take<std::int64_t>();
  trial.model = row.take<std::string>();
  trial.model_hash = row.take<std::string>();
  trial.runtime = row.take<std::string>();
  trial.version = row.take<std::string>();
  trial.library_hash = row.take<std::string>();
  trial.device = row.take<std::string>();
  trial.settings = row.take<std::string>();
  trial.scenario = row.take<std::string>();
  trial.batch = row.take<std::int64_t>();
  trial.status = take_word<TrialStatus>(database, row);
  trial.why = row.take<std::string>();
  return trial;
}

Block take_block(const Database& database, Query& row) {
  Block block;
  block.ordinal = row.take<std::int64_t>();
  block.position = row.take<std::int64_t>();
  block.phase = take_word<Phase>(database, row);
  block.canary_ns = row.take<std::optional<std::uint64_t>>();
  block.started_ns = row.take<std::uint64_t>();
  block.executions_per_sample = row.take<std::uint64_t>();
  const auto bytes = row.take<std::vector<std::byte>>();
  auto samples = samples_from_bytes(bytes);
  if (!samples || row.take<std::string>() != content_hash(bytes)) {
    database.throw_corrupt("the samples of a block are not those that were stored");
  }
  block.samples_ns = std::move(*samples);
  return block;
}

Process take_process(Query& row) {
  Process process;
  process.id = row.take<ProcessId>();
  process.trial = row.take<TrialId>();
  process.pid = row.take<int>();
  process.facts.load_ns = row.take<std::optional<std::uint64_t>>();
  process.facts.first_ns = row.take<std::optional<std::uint64_t>>();
  process.facts.peak_rss_bytes = row.take<std::optional<std::uint64_t>>();
  process.facts.private_bytes = row.take<std::optional<std::uint64_t>>();
  process.facts.cpu_ns = row.take<std::optional<std::uint64_t>>();
  process.facts.steady = row.take<std::optional<bool>>();
  process.facts.warmup_executions = row.take<std::optional<std::uint64_t>>();
  return process;
}

std::vector<Process> read_processes(Database& database, PairId pair) {
  std::vector<Process> processes;
  Query rows = database.query(
      "SELECT id, trial, pid, load_ns, first_ns, peak_rss_bytes, private_bytes, cpu_ns, steady, "
      "warmup_executions"
      " FROM processes WHERE pair = ? ORDER BY id",
      {pair});
  while (rows.next()) {
    Process process = take_process(rows);
    Query warnings = database.query("SELECT text FROM warnings WHERE process = ? ORDER BY ordinal",
                                    {process.id});
    while (warnings.next()) process.facts.warnings.push_back(warnings.take<std::string>());
    Query blocks = database.query(
        "SELECT ordinal, position, phase, canary_ns, started_ns, executions_per_sample, "
        "samples_ns, samples_hash"
        " FROM blocks WHERE process = ? ORDER BY ordinal",
        {process.id});
    while (blocks.next()) process.blocks.push_back(take_block(database, blocks));
    processes.push_back(std::move(process));
  }
  return processes;
}

std::vector<Trial> read_trials(Database& database, RunId id) {
  std::vector<Trial> trials;
  Query rows = database.query(
      "SELECT id, ordinal, model, model_hash, runtime, version, library_hash, device, settings, "
      "scenario, batch, status,"
      " why FROM trials WHERE run = ? ORDER BY ordinal",
      {id});
  while (rows.next()) trials.push_back(take_trial(database, rows));
  return trials;
}

std::vector<ProcessPair> read_pairs(Database& database, RunId id) {
  std::vector<ProcessPair> pairs;
  Query rows = database.query(
      "SELECT id, comparison, round, session, complete FROM process_pairs WHERE run = ? ORDER BY "
      "comparison, round",
      {id});
  while (rows.next()) {
    ProcessPair pair;
    pair.id = rows.take<PairId>();
    pair.comparison = rows.take<std::int64_t>();
    pair.round = rows.take<std::int64_t>();
    pair.session = rows.take<std::int64_t>();
    pair.complete = rows.take<bool>();
    pair.processes = read_processes(database, pair.id);
    pairs.push_back(std::move(pair));
  }
  return pairs;
}

std::map<DocumentKind, std::string> read_documents(Database& database, RunId id) {
  std::map<DocumentKind, std::string> documents;
  Query rows = database.query("SELECT kind, json FROM documents WHERE run = ?", {id});
  while (rows.next()) {
    const auto kind = take_word<DocumentKind>(database, rows);
    documents[kind] = rows.take<std::string>();
  }
  return documents;
}

}  // namespace

std::vector<Run> read_runs(Database& database) {
  std::vector<Run> runs;
  Query rows = database.query(fmt::format("{} ORDER BY id DESC", select_runs));
  while (rows.next()) runs.push_back(take_run(database, rows));
  return runs;
}

Run read_run(Database& database, RunId id) {
  Query rows = database.query(fmt::format("{} WHERE id = ?", select_runs), {id});
  if (rows.next()) return take_run(database, rows);
  throw Error(Code::UnknownRun, fmt::format("there is no run {}", static_cast<std::int64_t>(id)),
              "`ponte runs` lists the runs");
}

std::optional<Run> read_resumable_run(Database& database, std::string_view plan_key) {
  Query rows = database.query(fmt::format("{} WHERE plan_key = ? ORDER BY id DESC", select_runs),
                              {plan_key});
  while (rows.next()) {
    Run run = take_run(database, rows);
    if (run.status == RunStatus::Interrupted) return run;
  }
  return std::nullopt;
}

RunRecord read_record(Database& database, RunId id) {
  return {.run = read_run(database, id),
          .trials = read_trials(database, id),
          .pairs = read_pairs(database, id),
          .documents = read_documents(database, id)};
}

}  // namespace ponte::store
