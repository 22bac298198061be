// One process pair: fresh processes of the trials of a group, loaded, warmed up, and measured in
// interleaved blocks. LAB.md, Measuring 1 to 4.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/stop.h"
#include "lab/executor.h"
#include "lab/recorder.h"

namespace ponte::lab {

// What the processes of a trial say about themselves besides times.
struct TrialNotes {
  std::optional<protocol::Calibration> calibration{};
  std::map<std::string, std::string> in_force{};
  bool is_empty() const { return !calibration && in_force.empty(); }
};

enum class PairStatus { Complete, Failed, Stopped };

struct PairEnd {
  PairStatus status = PairStatus::Stopped;
  store::ProcessPair pair{};   // where it is complete
  std::size_t trial = 0;       // where it failed: whose process
  WorkerFailure failure{};     // and how
  Nanoseconds set_up_time{0};  // start, loading and warm-up of all processes
};

struct PairPlace {
  std::int64_t group = 0;
  std::int64_t round = 0;
};

struct PairContext {
  const Plan& plan;
  Executor& executor;
  Recorder& recorder;
  StopToken stop;
  std::vector<TrialNotes>& notes;               // by trial
  const std::function<void()>& between_blocks;  // called while every process stands still
};

// Everything goes to the recorder as it comes; a pair that is not complete is dropped there.
// Throws what the recorder throws.
PairEnd measure_pair(const PairContext& context, std::span<const std::size_t> trials,
                     PairPlace place);

}  // namespace ponte::lab
