// One comparison on its way to the precision that was asked for; or the only trial, whose own
// median is wanted.
#pragma once

#include <optional>
#include <vector>

#include "lab/plan.h"
#include "lab/series.h"
#include "statistics/stopping.h"

namespace ponte::lab {

class Goal {
 public:
  // `baseline`: what the trial is compared with, if anything.
  Goal(std::size_t trial, std::optional<std::size_t> baseline)
      : trial_(trial), baseline_(baseline) {}

  std::size_t trial() const { return trial_; }
  bool is_comparison() const { return baseline_.has_value(); }

  // What a complete pair says, `ids` being the trials' numbers in it; `time` is this goal's share
  // of what the pair took. A pair without the trial or the baseline says nothing.
  void add(const store::ProcessPair& pair, const std::vector<store::TrialId>& ids, PairTime time);

  // The baseline failed: from now on the trial stands for itself.
  void lose_baseline() { baseline_.reset(); }

  // By the stopping rule of `statistics`, whose interval is simultaneous over `comparisons`.
  statistics::Stop decide(const Rules& rules, Nanoseconds max_time, std::size_t comparisons) const;

  std::size_t process_pairs() const;
  Nanoseconds elapsed() const { return time_.all; }

 private:
  // None below 3 process pairs.
  std::optional<double> relative_width(std::size_t comparisons) const;

  std::size_t trial_;
  std::optional<std::size_t> baseline_;
  std::vector<statistics::ProcessPair> pairs_;
  std::vector<double> process_medians_ns_;
  PairTime time_{};
};

}  // namespace ponte::lab
