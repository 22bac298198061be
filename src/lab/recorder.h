// Where what is measured goes, as it comes.
#pragma once

#include <span>

#include "store/run_writer.h"

namespace ponte::lab {

class Recorder {
 public:
  virtual ~Recorder() = default;
  // Under which number the records of this trial stand.
  virtual store::TrialId trial_id(std::size_t trial) const = 0;
  virtual void set_trial_status(std::size_t trial, store::TrialStatus status,
                                std::string_view why) = 0;
  // One pair is open at a time.
  virtual void begin_pair(std::int64_t group, std::int64_t round) = 0;
  virtual void add_process(std::size_t trial, int pid) = 0;
  virtual void set_facts(std::size_t trial, const store::ProcessFacts& facts) = 0;
  virtual void append_blocks(std::size_t trial, std::span<const store::Block> blocks) = 0;
  virtual void complete_pair() = 0;
  virtual void drop_pair() = 0;
};

// Into a run of the store; trials are known by their number there.
class StoreRecorder final : public Recorder {
 public:
  StoreRecorder(store::RunWriter& writer, std::vector<store::TrialId> trials);

  store::TrialId trial_id(std::size_t trial) const override { return trials_[trial]; }
  void set_trial_status(std::size_t trial, store::TrialStatus status,
                        std::string_view why) override;
  void begin_pair(std::int64_t group, std::int64_t round) override;
  void add_process(std::size_t trial, int pid) override;
  void set_facts(std::size_t trial, const store::ProcessFacts& facts) override;
  void append_blocks(std::size_t trial, std::span<const store::Block> blocks) override;
  void complete_pair() override;
  void drop_pair() override;

 private:
  store::RunWriter& writer_;
  std::vector<store::TrialId> trials_;
  store::PairId pair_{};
  std::vector<store::ProcessId> processes_;  // of the open pair, by trial
};

}  // namespace ponte::lab
