#include "store/run_writer.h"

#include <fmt/format.h>

#include <type_traits>

#include "base/check.h"
#include "base/error.h"
#include "base/hash.h"
#include "store/database.h"
#include "store/samples.h"

namespace ponte::store {

RunWriter::~RunWriter() {
  if (!database_) return;
  try {
    interrupt();
  } catch (...) {
    // A run whose process has ended counts as interrupted whatever its row says.
  }
}

void RunWriter::require_ownership() {
  Query rows = database_->query("SELECT 1 FROM runs WHERE id = ? AND session = ? AND status = ?",
                                {id_, session_, to_string(RunStatus::Running)});
  if (!rows.next()) {
    throw Error(Code::RunInUse, fmt::format("run {} was deleted or taken over by another process",
                                            static_cast<std::int64_t>(id_)));
  }
}

void RunWriter::require_changed(std::string_view what) {
  if (database_->changed_rows() == 1) return;
  throw Error(Code::InternalError,
              fmt::format("run {}: there is no such {}", static_cast<std::int64_t>(id_), what));
}

// One transaction, in which this process owns the run.
template <typename Work>
auto RunWriter::write(Work work) {
  PONTE_CHECK(database_);
  Transaction transaction(*database_, Transaction::Kind::Write);
  require_ownership();
  if constexpr (std::is_void_v<decltype(work())>) {
    work();
    transaction.commit();
  } else {
    const auto result = work();
    transaction.commit();
    return result;
  }
}

TrialId RunWriter::add_trial(const Trial& trial) {
  return write([&] {
    database_->run(
        "INSERT INTO trials (run, ordinal, model, model_hash, runtime, version, library_hash, "
        "device, settings, scenario,"
        " batch, status, why) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        {id_, trial.ordinal, trial.model, trial.model_hash, trial.runtime, trial.version,
         trial.library_hash, trial.device, trial.settings, trial.scenario, trial.batch,
         to_string(trial.status), trial.why});
    return TrialId{database_->last_insert_id()};
  });
}

void RunWriter::set_trial_status(TrialId trial, TrialStatus status, std::string_view why) {
  write([&] {
    database_->run("UPDATE trials SET status = ?, why = ? WHERE id = ? AND run = ?",
                   {to_string(status), why, trial, id_});
    require_changed("trial");
  });
}

PairId RunWriter::begin_pair(std::int64_t comparison, std::int64_t round) {
  return write([&] {
    database_->run(
        "INSERT INTO process_pairs (run, comparison, round, session, complete) VALUES (?, ?, ?, ?, "
        "0)",
        {id_, comparison, round, session_});
    return PairId{database_->last_insert_id()};
  });
}

ProcessId RunWriter::add_process(PairId pair, TrialId trial, int pid) {
  return write([&] {
    database_->run(
        "INSERT INTO processes (pair, trial, pid) SELECT process_pairs.id, trials.id, ?"
        " FROM process_pairs JOIN trials ON trials.run = process_pairs.run"
        " WHERE process_pairs.id = ? AND trials.id = ? AND process_pairs.run = ? AND session = ? "
        "AND complete = 0",
        {pid, pair, trial, id_, session_});
    require_changed("open pair and trial");
    return ProcessId{database_->last_insert_id()};
  });
}

void RunWriter::set_facts(ProcessId process, const ProcessFacts& facts) {
  write([&] {
    database_->run(
        "UPDATE processes SET load_ns = ?, first_ns = ?, peak_rss_bytes = ?, private_bytes = ?, "
        "cpu_ns = ?, steady = ?,"
        " warmup_executions = ? WHERE id = ? AND pair IN"
        " (SELECT id FROM process_pairs WHERE run = ? AND session = ? AND complete = 0)",
        {facts.load_ns, facts.first_ns, facts.peak_rss_bytes, facts.private_bytes, facts.cpu_ns,
         facts.steady, facts.warmup_executions, process, id_, session_});
    require_changed("process in an open pair");
    database_->run("DELETE FROM warnings WHERE process = ?", {process});
    for (std::size_t i = 0; i < facts.warnings.size(); ++i) {
      database_->run("INSERT INTO warnings (process, ordinal, text) VALUES (?, ?, ?)",
                     {process, i, facts.warnings[i]});
    }
  });
}

void RunWriter::append_blocks(ProcessId process, std::span<const Block> blocks) {
  write([&] {
    for (const Block& block : blocks) {
      const std::vector<std::byte> samples = samples_to_bytes(block.samples_ns);
      database_->run(
          "INSERT INTO blocks (process, ordinal, position, phase, canary_ns, started_ns, "
          "executions_per_sample, samples_ns,"
          " samples_hash) SELECT processes.id, ?, ?, ?, ?, ?, ?, ?, ? FROM processes JOIN "
          "process_pairs ON process_pairs.id = pair"
          " WHERE processes.id = ? AND run = ? AND session = ? AND complete = 0",
          {block.ordinal, block.position, to_string(block.phase), block.canary_ns, block.started_ns,
           block.executions_per_sample, std::span<const std::byte>(samples), content_hash(samples),
           process, id_, session_});
      require_changed("process in an open pair");
    }
  });
}

void RunWriter::complete_pair(PairId pair) {
  write([&] {
    database_->run("UPDATE process_pairs SET complete = 1 WHERE id = ? AND run = ? AND session = ?",
                   {pair, id_, session_});
    require_changed("pair of this session");
  });
}

void RunWriter::drop_pair(PairId pair) {
  write([&] {
    database_->run("DELETE FROM process_pairs WHERE id = ? AND run = ?", {pair, id_});
    require_changed("pair");
  });
}

void RunWriter::put_document(DocumentKind kind, std::string_view json) {
  write([&] {
    database_->run("INSERT OR REPLACE INTO documents (run, kind, json) VALUES (?, ?, ?)",
                   {id_, to_string(kind), json});
  });
}

void RunWriter::end(RunStatus status) {
  write([&] {
    database_->run("UPDATE runs SET status = ?, finished_at = ? WHERE id = ?",
                   {to_string(status), now().time_since_epoch().count(), id_});
  });
  database_.reset();
}

}  // namespace ponte::store
