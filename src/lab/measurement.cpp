#include "lab/measurement.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/text.h"

namespace ponte::lab {

using statistics::Stop;
using store::TrialStatus;

namespace {

constexpr std::size_t longest_output_line = 200;

std::string last_line(std::string_view output) {
  while (!output.empty() && (output.back() == '\n' || output.back() == '\r'))
    output.remove_suffix(1);
  const auto begin = output.rfind('\n');
  return escape_control(output.substr(begin == std::string_view::npos ? 0 : begin + 1),
                        longest_output_line);
}

}  // namespace

std::string_view to_string(StoppedBy reason) {
  switch (reason) {
    case StoppedBy::Precision:
      return "precision";
    case StoppedBy::Time:
      return "time";
    case StoppedBy::User:
      return "user";
    case StoppedBy::Failure:
      break;
  }
  return "failure";
}

TrialStatus status_of(runtimes::FailureKind kind) {
  using enum runtimes::FailureKind;
  switch (kind) {
    case TimedOut:
      return TrialStatus::TimedOut;
    case OutOfMemory:
      return TrialStatus::OutOfMemory;
    case Refused:
      return TrialStatus::Refused;
    case Crashed:
    case Exited:
    case Protocol:
      break;
  }
  return TrialStatus::Crashed;
}

std::string reason_of(const WorkerFailure& failure) {
  const std::string words = runtimes::describe(failure);
  const std::string line = last_line(failure.output);
  return line.empty() ? words : fmt::format("{}; its last words: {}", words, line);
}

Measurement::Measurement(const Plan& plan, Executor& executor, Recorder& recorder, StopToken stop,
                         std::function<void(const Progress&)> on_progress)
    : plan_(plan),
      executor_(executor),
      recorder_(recorder),
      stop_(std::move(stop)),
      on_progress_(std::move(on_progress)),
      groups_(plan.groups),
      notes_(plan.trials.size()) {
  for (std::size_t i = 0; i < plan.trials.size(); ++i) {
    ids_.push_back(recorder.trial_id(i));
    states_.push_back(plan.trials[i].status);
  }
  make_goals();
}

void Measurement::make_goals() {
  const bool has_baseline = is_able(plan_.baseline);
  for (std::size_t i = 0; i < states_.size(); ++i) {
    if (is_able(i) && i != plan_.baseline)
      goals_.emplace_back(i, has_baseline ? std::optional(plan_.baseline) : std::nullopt);
  }
  keep_baseline_measured();
}

// With nothing left to compare with it, the baseline stands for itself.
void Measurement::keep_baseline_measured() {
  const auto is_wanted = [this](const Goal& goal) { return is_able(goal.trial()); };
  if (is_able(plan_.baseline) && std::ranges::none_of(goals_, is_wanted))
    goals_.emplace_back(plan_.baseline, std::nullopt);
}

void Measurement::resume(std::span<const store::ProcessPair> pairs,
                         std::span<const store::Trial> trials) {
  for (const store::Trial& trial : trials) {
    const auto i = static_cast<std::size_t>(trial.ordinal);
    if (trial.status != TrialStatus::Ok) states_[i] = trial.status;
  }
  keep_baseline_measured();
  for (const store::ProcessPair& pair : pairs) {
    std::int64_t& next = next_round_[pair.comparison];
    next = std::max(next, pair.round + 1);
    if (pair.complete) add(pair, time_of(pair));
  }
  if (is_able(plan_.baseline)) return;
  for (Goal& goal : goals_) goal.lose_baseline();
}

Stop Measurement::decide(const Goal& goal) const {
  return goal.decide(plan_.rules, time_per_comparison(plan_),
                     std::max<std::size_t>(1, comparison_count(plan_)));
}

std::vector<Goal*> Measurement::active_goals(const std::vector<std::size_t>& group) {
  std::vector<Goal*> active;
  for (Goal& goal : goals_) {
    const bool is_member = std::ranges::find(group, goal.trial()) != group.end();
    if (is_member && is_able(goal.trial()) && decide(goal) == Stop::GoOn) active.push_back(&goal);
  }
  return active;
}

// The time of a pair is shared by the goals that go on.
void Measurement::add(const store::ProcessPair& pair, PairTime time) {
  std::vector<Goal*> served;
  for (Goal& goal : goals_) {
    if (find_process(pair, ids_[goal.trial()])) served.push_back(&goal);
  }
  if (served.empty()) return;
  const auto share = static_cast<std::int64_t>(served.size());
  for (Goal* goal : served) goal->add(pair, ids_, {time.all / share, time.set_up / share});
  ++complete_pairs_;
}

void Measurement::fail(std::size_t trial, const WorkerFailure& failure) {
  states_[trial] = status_of(failure.kind);
  recorder_.set_trial_status(trial, states_[trial], reason_of(failure));
  if (trial != plan_.baseline) return keep_baseline_measured();
  for (Goal& goal : goals_) goal.lose_baseline();
}

void Measurement::tell_progress() const {
  if (!on_progress_) return;
  Progress progress{.comparisons = goals_.size(),
                    .process_pairs = complete_pairs_,
                    .at_most = longest_time(plan_)};
  for (const Goal& goal : goals_) {
    if (!is_able(goal.trial()) || decide(goal) != Stop::GoOn) ++progress.comparisons_done;
    progress.elapsed += goal.elapsed();
  }
  on_progress_(progress);
}

void Measurement::measure_one_pair(std::size_t group, const std::vector<Goal*>& active) {
  std::vector<std::size_t> members;
  const bool has_comparison =
      std::ranges::any_of(active, [](const Goal* goal) { return goal->is_comparison(); });
  if (has_comparison) members.push_back(plan_.baseline);
  for (const Goal* goal : active) members.push_back(goal->trial());

  const PairPlace place{static_cast<std::int64_t>(group),
                        next_round_[static_cast<std::int64_t>(group)]++};
  const std::function<void()> between_blocks = [this] { tell_progress(); };
  const Nanoseconds begin = executor_.now();
  const PairEnd end = measure_pair({.plan = plan_,
                                    .executor = executor_,
                                    .recorder = recorder_,
                                    .stop = stop_,
                                    .notes = notes_,
                                    .between_blocks = between_blocks},
                                   members, place);
  if (end.status == PairStatus::Stopped) was_stopped_ = true;
  if (end.status == PairStatus::Failed) fail(end.trial, end.failure);
  if (end.status == PairStatus::Complete)
    add(end.pair, {.all = executor_.now() - begin, .set_up = end.set_up_time});
}

void Measurement::run_group(std::size_t group) {
  while (!was_stopped_) {
    if (stop_.stop_requested()) {
      was_stopped_ = true;
      return;
    }
    const std::vector<Goal*> active = active_goals(groups_[group]);
    if (active.empty()) return;
    measure_one_pair(group, active);
  }
}

std::optional<std::uint64_t> Measurement::measured_memory(const Trial& trial) {
  try {
    auto process = executor_.start(trial);
    const bool has_run =
        process && process.value()->load() && process.value()->measure({.count = 1});
    if (!has_run) return std::nullopt;
    const auto memory = process.value()->memory();
    return memory ? std::optional(memory->peak_rss_bytes) : std::nullopt;
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::Interrupted) throw;
    return std::nullopt;
  }
}

// Estimates decide whether there is a question at all; what a process of each trial really needs
// answers it. A trial that fails here fails again when it is measured, with its reason.
void Measurement::regroup_by_measured_memory() {
  std::vector<std::uint64_t> needs;
  for (std::size_t i = 0; i < plan_.trials.size(); ++i) {
    std::uint64_t need = plan_.trials[i].memory_bytes;
    if (is_able(i) && !stop_.stop_requested())
      need = measured_memory(plan_.trials[i]).value_or(need);
    needs.push_back(need);
  }
  groups_ = group_by_memory(needs, plan_.baseline, plan_.memory_bytes);
}

void Measurement::run() {
  if (groups_.size() > 1) regroup_by_measured_memory();
  for (std::size_t group = 0; group < groups_.size(); ++group) run_group(group);
}

std::vector<std::optional<StoppedBy>> Measurement::reasons() const {
  std::vector<std::optional<StoppedBy>> reasons(states_.size());
  std::optional<StoppedBy> of_baseline;
  for (const Goal& goal : goals_) {
    const Stop stop = decide(goal);
    StoppedBy reason = StoppedBy::User;
    if (stop == Stop::Precision) reason = StoppedBy::Precision;
    if (stop == Stop::Time) reason = StoppedBy::Time;
    if (!is_able(goal.trial())) reason = StoppedBy::Failure;
    reasons[goal.trial()] = reason;
    of_baseline = reason;
  }
  if (!reasons[plan_.baseline])
    reasons[plan_.baseline] = is_able(plan_.baseline) ? of_baseline : StoppedBy::Failure;
  for (std::size_t i = 0; i < reasons.size(); ++i) {
    if (plan_.trials[i].status != TrialStatus::Ok) reasons[i].reset();
  }
  return reasons;
}

}  // namespace ponte::lab
