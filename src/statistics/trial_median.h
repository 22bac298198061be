// The typical duration of one trial.
#pragma once

#include <optional>
#include <span>

#include "statistics/interval.h"

namespace ponte::statistics {

struct TrialMedian {
  double median_ns = 0;              // geometric mean of the process medians
  std::optional<Interval> interval;  // null below three processes
};

// Student t interval at `confidence` over the logarithms of the process medians, exponentiated. It
// speaks of processes started in this session on this machine, and of no other time: callers label
// it "this session".
TrialMedian estimate_trial_median(std::span<const double> process_medians_ns,
                                  double confidence = 0.95);

}  // namespace ponte::statistics
