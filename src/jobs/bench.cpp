#include "jobs/bench.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "jobs/bench_subjects.h"
#include "jobs/node_times.h"
#include "jobs/problems.h"
#include "jobs/program.h"
#include "lab/environment.h"
#include "lab/worker_executor.h"

namespace ponte::jobs {
namespace {

using store::TrialStatus;

bool is_named(const lab::Trial& trial, const std::string& name) {
  const auto& runtime = trial.runtime;
  return trial.id == name || runtime.name == name ||
         fmt::format("{}@{}", runtime.name, runtime.version) == name || trial.model.name == name;
}

std::size_t find_baseline(const lab::Plan& plan, const BenchOptions& options,
                          const std::string& own_runtime) {
  const auto& trials = plan.trials;
  const auto find = [&](const auto& fits) {
    return static_cast<std::size_t>(std::ranges::find_if(trials, fits) - trials.begin());
  };
  if (!options.baseline.empty()) {
    const auto found = find([&](const auto& trial) { return is_named(trial, options.baseline); });
    if (found < trials.size()) return found;
    throw Error(Code::UnknownName, fmt::format("no trial is `{}`", options.baseline),
                "name a model, a runtime or a trial such as `t1`");
  }
  const auto is_able = [](const lab::Trial& trial) { return trial.status == TrialStatus::Ok; };
  const auto own =
      find([&](const auto& trial) { return is_able(trial) && trial.runtime.name == own_runtime; });
  if (own < trials.size()) return own;
  const auto able = find(is_able);
  return able < trials.size() ? able : 0;
}

Code code_of(TrialStatus status) {
  switch (status) {
    case TrialStatus::TimedOut:
      return Code::WorkerTimedOut;
    case TrialStatus::OutOfMemory:
      return Code::WorkerOutOfMemory;
    case TrialStatus::Refused:
      return Code::WorkerRefused;
    case TrialStatus::Unavailable:
      return Code::MissingRuntime;
    case TrialStatus::Ok:
    case TrialStatus::Crashed:
      break;
  }
  return Code::WorkerCrashed;
}

// What is missing was said when it was looked for.
void report_failure(const lab::Trial& trial, TrialStatus status, const std::string& why,
                    Severity severity, Diagnostics& problems) {
  if (status == TrialStatus::Ok || status == TrialStatus::Unavailable) return;
  problems.add({.severity = severity,
                .code = code_of(status),
                .message = fmt::format("{} ({} on {}): {}", trial.id, trial.model.name,
                                       trial.runtime.name, why),
                .where = {},
                .help = {}});
}

// While another trial answers, a failed one is a row and a warning.
void report_failures(const lab::Results& results, const lab::Plan& plan, bool is_strict,
                     Diagnostics& problems) {
  const bool has_answer = std::ranges::any_of(results.trials, [](const auto& trial) {
    return trial.status == TrialStatus::Ok && trial.samples > 0;
  });
  const Severity severity = is_strict || !has_answer ? Severity::Error : Severity::Warning;
  for (const lab::TrialResult& result : results.trials)
    report_failure(plan.trials[result.trial], result.status, result.why, severity, problems);
}

bool is_slower_than_baseline(const lab::Results& results) {
  return std::ranges::any_of(results.comparisons, [](const auto& comparison) {
    return comparison.verdict == statistics::RatioVerdict::Slower;
  });
}

}  // namespace

runtimes::WorkerOptions worker_options(const BenchOptions& options) {
  runtimes::WorkerOptions worker = options.worker;
  worker.stop = options.stop;
  return worker;
}

PreparedBench::PreparedBench(BenchOptions options) : options_(std::move(options)) {
  try {
    prepare();
  } catch (const Error& error) {
    result_.problems.add(error);
  }
}

void PreparedBench::prepare() {
  scratch_.emplace("converted models");
  BenchSubjects subjects = make_subjects(options_, scratch_->path(), result_.problems);
  if (subjects.has_unreadable_model) return;
  assumptions_ = std::move(subjects.assumptions);
  memory_bytes_ = lab::memory_limit_bytes();
  lab::Plan plan =
      lab::make_plan(subjects.subjects, {.rules = options_.rules,
                                         .memory_bytes = memory_bytes_,
                                         .program_version = std::string(program_version())});
  lab::set_baseline(plan, find_baseline(plan, options_, subjects.own_runtime));
  own_runtime_ = std::move(subjects.own_runtime);
  is_ready_ = std::ranges::any_of(plan.trials, lab::can_run);
  result_.plan = std::move(plan);
  if (is_ready_) return;
  for (const lab::Trial& trial : result_.plan.trials)
    report_failure(trial, trial.status, trial.why, Severity::Error, result_.problems);
}

void PreparedBench::require_sense() const {
  for (const Diagnostic& problem : result_.problems.entries()) {
    if (problem.severity == Severity::Error && code_page(problem.code).kind == ErrorKind::Usage)
      throw Error(problem.code, problem.message, problem.help).at(problem.where);
  }
}

void PreparedBench::add_node_times(Json& document) const {
  try {
    if (!options_.stop.stop_requested())
      document["profile"] = node_times(result_.plan, document["trials"], worker_options(options_));
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::Interrupted) throw;
  }
}

void PreparedBench::run() {
  store::Store store = store::Store::open(options_.store);
  runtimes::WorkerOptions workers = worker_options(options_);
  if (!workers.memory_bytes && memory_bytes_ > 0) workers.memory_bytes = memory_bytes_ / 10 * 9;
  lab::WorkerExecutor executor(workers);
  const Json inputs = {{"seed", options_.inputs.seed}, {"assumptions", assumptions_}};
  result_.measured = lab::measure(result_.plan, executor, store,
                                  {.command_line = options_.command_line,
                                   .stop = options_.stop,
                                   .on_progress = options_.on_progress,
                                   .complete_document =
                                       [&](Json& document) {
                                         document["inputs"] = inputs;
                                         document["own_runtime"] = own_runtime_;
                                         document["problems"] = problems_json(result_.problems);
                                         if (options_.with_node_times) add_node_times(document);
                                       },
                                   .before_end = options_.before_end});
  report_failures(result_.measured->results, result_.plan, options_.is_strict, result_.problems);
  result_.has_regression =
      !options_.baseline.empty() && is_slower_than_baseline(result_.measured->results);
  if (result_.measured->was_interrupted)
    result_.problems.add(Error(Code::Interrupted, "the measurement was stopped",
                               "the same command again goes on with it"));
}

BenchResult PreparedBench::measure() {
  try {
    if (is_ready_) run();
  } catch (const Error& error) {
    result_.problems.add(error);
  }
  return std::move(result_);
}

BenchResult bench(const BenchOptions& options) {
  PreparedBench prepared(options);
  if (prepared.can_measure() && options.on_plan) options.on_plan(prepared.plan());
  return prepared.measure();
}

int exit_code(const BenchResult& result) {
  const int code = exit_code(result.problems);
  return code == 0 && result.has_regression ? 1 : code;
}

Json to_json(const BenchResult& result) {
  Json json = {{"schema", "ponte/bench/1"},
               {"run", nullptr},
               {"environment", nullptr},
               {"trials", Json::array()},
               {"comparisons", Json::array()}};
  if (result.measured) {
    json = result.measured->document;
    json["session"] = result.measured->session;
    json["interrupted"] = result.measured->was_interrupted;
  }
  json["problems"] = problems_json(result.problems);
  return json;
}

}  // namespace ponte::jobs
