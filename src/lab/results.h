// What a run's stored samples say: figures of each trial, and each trial against the baseline.
// Every number is computed from the samples.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lab/measurement.h"
#include "lab/plan.h"
#include "statistics/canary.h"
#include "statistics/descriptive.h"
#include "statistics/ratio.h"
#include "statistics/tails.h"
#include "statistics/trial_median.h"
#include "statistics/two_levels.h"
#include "store/records.h"

namespace ponte::lab {

// Something that the reader of a figure should know: a word for scripts and a sentence for people.
struct Warning {
  std::string code{};
  std::string message{};
};

struct TrialResult {
  std::size_t trial = 0;  // in the plan
  store::TrialStatus status = store::TrialStatus::Ok;
  std::string why{};
  std::size_t processes = 0;
  std::size_t samples = 0;
  std::optional<StoppedBy> stopped_by{};
  // Of this session. Without an interval where a process was not steady, or there were fewer than
  // three: then only the range of the process medians is known.
  std::optional<statistics::TrialMedian> median{};
  std::optional<statistics::Interval> process_range_ns{};
  // Null where executions were timed in batches, which have no percentiles of single ones.
  std::optional<statistics::TailBound> p90{};
  std::optional<statistics::TailBound> p99{};
  std::optional<double> cpu_ns{};  // of all threads, per execution
  std::optional<double> load_ns{};
  std::optional<double> first_ns{};
  std::optional<std::uint64_t> peak_rss_bytes{};
  std::optional<std::uint64_t> private_bytes{};
  std::optional<bool> steady{};
  std::optional<statistics::TwoLevels> two_levels{};
  std::optional<statistics::OutlierCounts> outliers{};
  std::vector<Warning> warnings{};
};

struct ComparisonResult {
  std::size_t a = 0;  // trials in the plan; b is the baseline
  std::size_t b = 0;
  std::size_t process_pairs = 0;
  std::optional<statistics::RatioEstimate> estimate{};  // null below 3 process pairs
  std::optional<statistics::CanaryReport> canary{};
  statistics::RatioVerdict verdict = statistics::RatioVerdict::NoDifferenceDetected;
  std::string reason{};
};

struct Results {
  store::RunId run{};
  std::vector<TrialResult> trials{};
  std::vector<ComparisonResult> comparisons{};
};

// `reasons` are those of the measurement, by trial.
Results evaluate(const store::RunRecord& record, const Plan& plan,
                 const std::vector<std::optional<StoppedBy>>& reasons);

// The measured executions of a trial, in order, and which process (from 0) each one ran in.
struct TrialSeries {
  std::vector<double> latencies_ns{};
  std::vector<int> process{};
};
TrialSeries series_of(const store::RunRecord& record, store::TrialId trial);

}  // namespace ponte::lab
