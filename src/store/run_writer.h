// Writing into one run, as things come.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "store/records.h"

namespace ponte::store {

class Database;

// The ownership of a run. Each call is one transaction: what has returned survives the end of the
// process by any signal. All calls throw RunInUse once another process has taken the run over or
// deleted it, and the errors of Store. Ordinals, and the rounds of a comparison, must not repeat.
class RunWriter {
 public:
  RunWriter(RunWriter&&) noexcept = default;
  RunWriter& operator=(RunWriter&&) = delete;
  // Interrupts a run that is not finished; where that cannot be written, the end of the process
  // says the same.
  ~RunWriter();

  RunId id() const { return id_; }
  // 1 for the process that began the run.
  std::int64_t session() const { return session_; }

  // `id` is not looked at.
  TrialId add_trial(const Trial& trial);
  void set_trial_status(TrialId trial, TrialStatus status, std::string_view why);

  PairId begin_pair(std::int64_t comparison, std::int64_t round);
  // One process of a trial in an open pair of this session.
  ProcessId add_process(PairId pair, TrialId trial, int pid);
  // Replaces what was known before.
  void set_facts(ProcessId process, const ProcessFacts& facts);
  void append_block(ProcessId process, const Block& block) { append_blocks(process, {&block, 1}); }
  // All or none: what is executed after a resume is discarded and what is then measured belong
  // together.
  void append_blocks(ProcessId process, std::span<const Block> blocks);
  void complete_pair(PairId pair);
  // With its processes and blocks; its round may be begun again.
  void drop_pair(PairId pair);

  // Replaces an earlier document of this kind.
  void put_document(DocumentKind kind, std::string_view json);

  // Nothing can be written after one of these.
  void finish() { end(RunStatus::Finished); }
  void interrupt() { end(RunStatus::Interrupted); }

 private:
  friend class Store;
  RunWriter(std::shared_ptr<Database> database, RunId id, std::int64_t session)
      : database_(std::move(database)), id_(id), session_(session) {}
  template <typename Work>
  auto write(Work work);
  void require_ownership();
  void require_changed(std::string_view what);
  void end(RunStatus status);

  std::shared_ptr<Database> database_;  // none once the run has ended, or the writer was moved from
  RunId id_;
  std::int64_t session_;
};

}  // namespace ponte::store
