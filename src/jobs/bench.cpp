#include "jobs/bench.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "jobs/bench_subjects.h"
#include "jobs/model_files.h"
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

// While another trial answers, a failed one is a row and a warning.
void report_failures(const lab::Results& results, const lab::Plan& plan, bool is_strict,
                     Diagnostics& problems) {
  const bool has_answer = std::ranges::any_of(results.trials, [](const auto& trial) {
    return trial.status == TrialStatus::Ok && trial.samples > 0;
  });
  for (const lab::TrialResult& result : results.trials) {
    if (result.status == TrialStatus::Ok || result.status == TrialStatus::Unavailable) continue;
    const lab::Trial& trial = plan.trials[result.trial];
    const bool is_error = is_strict || !has_answer;
    problems.add({.severity = is_error ? Severity::Error : Severity::Warning,
                  .code = code_of(result.status),
                  .message = fmt::format("{} ({} on {}): {}", trial.id, trial.model.name,
                                         trial.runtime.name, result.why),
                  .where = {},
                  .help = {}});
  }
}

bool is_slower_than_baseline(const lab::Results& results) {
  return std::ranges::any_of(results.comparisons, [](const auto& comparison) {
    return comparison.verdict == statistics::RatioVerdict::Slower;
  });
}

void run(const BenchOptions& options, BenchResult& result) {
  const ScratchFolder scratch;
  BenchSubjects subjects = make_subjects(options, scratch.path(), result.problems);
  if (subjects.has_unreadable_model) return;
  const std::uint64_t memory = lab::memory_limit_bytes();
  result.plan = lab::make_plan(std::move(subjects.subjects),
                               {.rules = options.rules,
                                .memory_bytes = memory,
                                .program_version = std::string(program_version())});
  lab::set_baseline(result.plan, find_baseline(result.plan, options, subjects.own_runtime));
  if (options.on_plan) options.on_plan(result.plan);

  store::Store store = store::Store::open(options.store);
  runtimes::WorkerOptions workers;
  if (memory > 0) workers.memory_bytes = memory / 10 * 9;
  lab::WorkerExecutor executor(workers);
  const Json inputs = {{"seed", options.inputs.seed}, {"assumptions", subjects.assumptions}};
  result.measured =
      lab::measure(result.plan, executor, store,
                   {.command_line = options.command_line,
                    .stop = options.stop,
                    .on_progress = options.on_progress,
                    .complete_document = [&](Json& document) { document["inputs"] = inputs; }});
  report_failures(result.measured->results, result.plan, options.is_strict, result.problems);
  result.has_regression =
      !options.baseline.empty() && is_slower_than_baseline(result.measured->results);
  if (result.measured->was_interrupted)
    result.problems.add(Error(Code::Interrupted, "the measurement was stopped",
                              "the same command again goes on with it"));
}

}  // namespace

BenchResult bench(const BenchOptions& options) {
  BenchResult result;
  try {
    run(options, result);
  } catch (const Error& error) {
    result.problems.add(error);
  }
  return result;
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
