// The procedure: process pairs of each group until every comparison is precise enough or out of
// time. LAB.md, Measuring 1 to 6.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/stop.h"
#include "lab/goal.h"
#include "lab/process_pair.h"
#include "lab/recorder.h"

namespace ponte::lab {

// Where a measurement is, for people. Told while nobody is timed.
struct Progress {
  std::size_t comparisons = 0;  // all, or 1 for the only trial
  std::size_t comparisons_done = 0;
  std::size_t process_pairs = 0;  // complete ones
  Nanoseconds elapsed{0};         // charged to all comparisons
  Nanoseconds at_most{0};
};

// Why the measurement of a trial ended. Failure: its process failed; what was complete before
// counts.
enum class StoppedBy : std::uint8_t { Precision, Time, User, Failure };
std::string_view to_string(StoppedBy reason);

class Measurement {
 public:
  // All of them must outlive it.
  Measurement(const Plan& plan, Executor& executor, Recorder& recorder, StopToken stop = {},
              std::function<void(const Progress&)> on_progress = {});

  // What an earlier session has left: complete pairs, and the trials' states. Before run().
  void resume(std::span<const store::ProcessPair> pairs, std::span<const store::Trial> trials);

  // Throws what the recorder throws. A failed worker is a trial's status.
  void run();

  bool was_stopped() const { return was_stopped_; }
  const std::vector<TrialNotes>& notes() const { return notes_; }
  // Of the trials, by number; the baseline's is that of its last comparison.
  std::vector<std::optional<StoppedBy>> reasons() const;

 private:
  void make_goals();
  void keep_baseline_measured();
  void regroup_by_measured_memory();
  // None where it did not run, or somebody stopped it.
  std::optional<std::uint64_t> measured_memory(const Trial& trial);
  void run_group(std::size_t group);
  void measure_one_pair(std::size_t group, const std::vector<Goal*>& active);
  void add(const store::ProcessPair& pair, PairTime time);
  void fail(std::size_t trial, const WorkerFailure& failure);
  std::vector<Goal*> active_goals(const std::vector<std::size_t>& group);
  bool is_able(std::size_t trial) const { return states_[trial] == store::TrialStatus::Ok; }
  statistics::Stop decide(const Goal& goal) const;
  void tell_progress() const;

  const Plan& plan_;
  Executor& executor_;
  Recorder& recorder_;
  StopToken stop_;
  std::function<void(const Progress&)> on_progress_;
  std::vector<std::vector<std::size_t>> groups_;
  std::vector<store::TrialId> ids_;
  std::vector<store::TrialStatus> states_;
  std::vector<TrialNotes> notes_;
  std::vector<Goal> goals_;
  std::map<std::int64_t, std::int64_t> next_round_;  // by group
  std::size_t complete_pairs_ = 0;
  bool was_stopped_ = false;
};

// The status and the reason in words that a failed worker gives its trial.
store::TrialStatus status_of(runtimes::FailureKind kind);
std::string reason_of(const WorkerFailure& failure);

}  // namespace ponte::lab
