#include "lab/results.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/counted.h"
#include "base/text.h"
#include "lab/series.h"
#include "statistics/mann_kendall.h"
#include "statistics/stopping.h"

namespace ponte::lab {
namespace {

using statistics::RatioVerdict;

constexpr double drift_p_value = 0.01;
constexpr double noticeable_drift = 0.02;  // over one process
constexpr std::size_t least_drift_blocks = 10;
constexpr std::size_t most_runtime_warnings = 3;

std::vector<const store::Process*> processes_of(const store::RunRecord& record,
                                                store::TrialId trial) {
  std::vector<const store::Process*> found;
  for (const store::ProcessPair& pair : record.pairs) {
    if (!pair.complete) continue;
    if (const store::Process* process = find_process(pair, trial)) found.push_back(process);
  }
  return found;
}

template <typename Field>
std::optional<double> median_fact(const std::vector<const store::Process*>& processes,
                                  Field field) {
  std::vector<double> values;
  for (const store::Process* process : processes) {
    if (const auto& value = process->facts.*field) values.push_back(static_cast<double>(*value));
  }
  return values.empty() ? std::nullopt : std::optional(statistics::median(values));
}

template <typename Field>
std::optional<std::uint64_t> largest_fact(const std::vector<const store::Process*>& processes,
                                          Field field) {
  std::optional<std::uint64_t> largest;
  for (const store::Process* process : processes) {
    if (const auto& value = process->facts.*field) largest = std::max(largest.value_or(0), *value);
  }
  return largest;
}

std::uint64_t executions_in(const store::Process& process) {
  std::uint64_t count = 0;
  for (const store::Block& block : process.blocks) {
    if (block.phase == store::Phase::Measure)
      count += block.samples_ns.size() * block.executions_per_sample;
  }
  return count;
}

bool is_batched(const store::Process& process) {
  return std::ranges::any_of(process.blocks, [](const store::Block& block) {
    return block.phase == store::Phase::Measure && block.executions_per_sample > 1;
  });
}

// One process after the other: the order that the tail bounds want.
class TrialEvaluation {
 public:
  TrialEvaluation(std::vector<const store::Process*> processes, TrialResult& result)
      : processes_(std::move(processes)), result_(result) {}

  void run() {
    result_.processes = processes_.size();
    if (processes_.empty()) return;
    collect();
    facts();
    if (series_.empty()) return;
    typical_duration();
    tails();
    warnings();
  }

 private:
  void collect() {
    for (const store::Process* process : processes_) {
      const std::vector<double> samples = measured_ns(*process);
      if (samples.empty()) continue;
      series_.insert(series_.end(), samples.begin(), samples.end());
      process_medians_.push_back(statistics::median(samples));
      const auto medians = block_medians_ns(*process);
      block_medians_.insert(block_medians_.end(), medians.begin(), medians.end());
      if (drifts(medians)) ++drifting_;
    }
    result_.samples = series_.size();
  }

  static bool drifts(const std::vector<double>& medians) {
    if (medians.size() < least_drift_blocks) return false;
    const auto trend = statistics::mann_kendall(medians);
    const double change = std::abs(trend.slope) * static_cast<double>(medians.size() - 1);
    return trend.p_value < drift_p_value && change > noticeable_drift * statistics::median(medians);
  }

  void facts() {
    result_.load_ns = median_fact(processes_, &store::ProcessFacts::load_ns);
    result_.first_ns = median_fact(processes_, &store::ProcessFacts::first_ns);
    result_.peak_rss_bytes = largest_fact(processes_, &store::ProcessFacts::peak_rss_bytes);
    result_.private_bytes = largest_fact(processes_, &store::ProcessFacts::private_bytes);
    std::vector<double> cpu;
    for (const store::Process* process : processes_) {
      const auto executions = executions_in(*process);
      if (process->facts.cpu_ns && executions > 0)
        cpu.push_back(static_cast<double>(*process->facts.cpu_ns) /
                      static_cast<double>(executions));
      if (process->facts.steady)
        result_.steady = result_.steady.value_or(true) && *process->facts.steady;
    }
    if (!cpu.empty()) result_.cpu_ns = statistics::median(cpu);
  }

  void typical_duration() {
    result_.median = statistics::estimate_trial_median(process_medians_);
    if (result_.steady == false) result_.median->interval.reset();
    const auto [low, high] = std::ranges::minmax(process_medians_);
    result_.process_range_ns = statistics::Interval{low, high};
    result_.two_levels = statistics::find_two_levels(block_medians_);
    result_.outliers = statistics::count_outliers(series_);
  }

  void tails() {
    if (std::ranges::any_of(processes_, [](const auto* process) { return is_batched(*process); }))
      return;
    result_.p90 = statistics::bound_tail(series_, 0.9);
    result_.p99 = statistics::bound_tail(series_, 0.99);
  }

  std::string processes() const { return counted(processes_.size(), "process", "processes"); }

  void warn(const char* code, std::string message) {
    result_.warnings.push_back({code, std::move(message)});
  }

  void warnings() {
    if (processes_.size() < statistics::enough_process_pairs) {
      warn("few-processes", fmt::format("{} instead of {}: loading and warm-up left no time for "
                                        "more, or the run ended early",
                                        processes(), statistics::enough_process_pairs));
    }
    if (result_.steady == false) {
      const auto unsteady = std::ranges::count_if(
          processes_, [](const auto* process) { return process->facts.steady == false; });
      warn("not-steady",
           fmt::format("{} of {} did not become steady in warm-up", unsteady, processes()));
    }
    if (2 * drifting_ > processes_.size())
      warn("drift", fmt::format("durations drift within {} of {}", drifting_, processes()));
    if (const auto& levels = result_.two_levels) {
      warn("two-levels",
           fmt::format("the durations lie on two levels, {} and {}",
                       format_duration(std::chrono::duration<double, std::nano>(levels->low_ns)),
                       format_duration(std::chrono::duration<double, std::nano>(levels->high_ns))));
    }
    runtime_warnings();
  }

  // A runtime that complains of every weight says no more after some of them.
  void runtime_warnings() {
    std::vector<std::string> seen;
    for (const store::Process* process : processes_) {
      for (const std::string& text : process->facts.warnings) {
        if (std::ranges::find(seen, text) != seen.end()) continue;
        seen.push_back(text);
        if (seen.size() <= most_runtime_warnings) warn("runtime", escape_control(text, 400));
      }
    }
    if (seen.size() > most_runtime_warnings)
      warn("runtime", fmt::format("and {} more", seen.size() - most_runtime_warnings));
  }

  std::vector<const store::Process*> processes_;
  TrialResult& result_;
  std::vector<double> series_;
  std::vector<double> process_medians_;
  std::vector<double> block_medians_;
  std::size_t drifting_ = 0;
};

// In times as fast, as everybody reads it; the document's ratio is of the durations.
std::string canary_words(const statistics::CanaryReport& canary) {
  if (canary.slow == 0) return {};
  std::string words = fmt::format("{} of {} ran beside a slow canary", canary.slow,
                                  counted(canary.canaries, "block pair", "block pairs"));
  if (!canary.without_slow) return words;
  const auto& interval = canary.without_slow->interval_95;
  words += fmt::format("; without them it is {:.3f} to {:.3f} times as fast", 1 / interval.high,
                       1 / interval.low);
  if (canary.conclusion_changes)
    words += fmt::format(", and the conclusion would be: {}",
                         statistics::to_string(canary.without_slow->verdict));
  return words;
}

void add_reason(std::string& reason, const std::string& words) {
  if (words.empty()) return;
  reason += reason.empty() ? words : "; " + words;
}

ComparisonResult compare(const store::RunRecord& record, const Plan& plan, std::size_t trial,
                         std::size_t comparisons) {
  ComparisonResult result{.a = trial, .b = plan.baseline};
  std::vector<statistics::ProcessPair> pairs;
  for (const store::ProcessPair& pair : record.pairs) {
    if (!pair.complete) continue;
    if (auto paired = paired_blocks(pair, record.trials[trial].id, record.trials[plan.baseline].id))
      pairs.push_back(std::move(*paired));
  }
  result.process_pairs = pairs.size();
  result.estimate = statistics::estimate_ratio(pairs, comparisons);
  if (!result.estimate) {
    result.reason =
        counted(pairs.size(), "process pair is", "process pairs are") + " too few for an interval";
    return result;
  }
  result.verdict = result.estimate->verdict;
  const double least = std::log1p(plan.rules.least_claim);
  if (result.verdict != RatioVerdict::NoDifferenceDetected &&
      std::abs(std::log(result.estimate->ratio)) < least) {
    result.verdict = RatioVerdict::NoDifferenceDetected;
    add_reason(result.reason, fmt::format("a quick run claims no difference under {}",
                                          format_percent(plan.rules.least_claim)));
  }
  if (pairs.size() < statistics::enough_process_pairs)
    add_reason(result.reason, "only " + counted(pairs.size(), "process pair", "process pairs"));
  result.canary = statistics::judge_canary(pairs, comparisons);
  if (result.canary) add_reason(result.reason, canary_words(*result.canary));
  return result;
}

}  // namespace

Results evaluate(const store::RunRecord& record, const Plan& plan,
                 const std::vector<std::optional<StoppedBy>>& reasons) {
  Results results{.run = record.run.id};
  for (std::size_t i = 0; i < plan.trials.size(); ++i) {
    TrialResult result{.trial = i,
                       .status = record.trials[i].status,
                       .why = record.trials[i].why,
                       .stopped_by = reasons[i]};
    TrialEvaluation(processes_of(record, record.trials[i].id), result).run();
    results.trials.push_back(std::move(result));
  }
  const std::size_t comparisons = comparison_count(plan);
  if (comparisons == 0) return results;
  for (std::size_t i = 0; i < plan.trials.size(); ++i) {
    if (i == plan.baseline || plan.trials[i].status != store::TrialStatus::Ok) continue;
    results.comparisons.push_back(compare(record, plan, i, comparisons));
  }
  return results;
}

TrialSeries series_of(const store::RunRecord& record, store::TrialId trial) {
  TrialSeries series;
  int number = 0;
  for (const store::Process* process : processes_of(record, trial)) {
    const std::vector<double> samples = measured_ns(*process);
    series.latencies_ns.insert(series.latencies_ns.end(), samples.begin(), samples.end());
    series.process.insert(series.process.end(), samples.size(), number++);
  }
  return series;
}

}  // namespace ponte::lab
