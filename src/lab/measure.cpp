#include "lab/measure.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "base/json.h"
#include "base/text.h"
#include "lab/document.h"
#include "lab/environment.h"

namespace ponte::lab {
namespace {

store::Trial stored_trial(const Trial& trial, std::size_t ordinal) {
  return {.ordinal = static_cast<std::int64_t>(ordinal),
          .model = trial.model.name,
          .model_hash = trial.model_hash,
          .runtime = trial.runtime.name,
          .version = trial.runtime.version,
          .library_hash = trial.library_hash,
          .device = trial.device,
          .settings = json_line(Json(trial.settings)),
          .scenario = std::string(scenario),
          .batch = trial.model.batch,
          .status = trial.status,
          .why = trial.why};
}

store::RunWriter open_run(store::Store& store, const Plan& plan, const MeasureOptions& options) {
  if (auto writer = store.resume_run(plan.key)) return std::move(*writer);
  return store.begin_run({.command_line = options.command_line,
                          .plan_key = plan.key,
                          .program_version = plan.program_version});
}

// An earlier session may have ended before it had written all of them.
std::vector<store::TrialId> write_trials(store::RunWriter& writer, const Plan& plan,
                                         const store::RunRecord& record) {
  std::vector<store::TrialId> ids;
  for (const store::Trial& trial : record.trials) {
    PONTE_CHECK(trial.ordinal == static_cast<std::int64_t>(ids.size()));
    ids.push_back(trial.id);
  }
  PONTE_CHECK(ids.size() <= plan.trials.size());
  for (std::size_t i = ids.size(); i < plan.trials.size(); ++i)
    ids.push_back(writer.add_trial(stored_trial(plan.trials[i], i)));
  return ids;
}

std::size_t count_notes(const std::vector<TrialNotes>& notes) {
  return notes.size() -
         static_cast<std::size_t>(std::ranges::count_if(notes, &TrialNotes::is_empty));
}

// The empty call is reported, never subtracted.
void warn_of_overhead(const std::vector<TrialNotes>& notes, Results& results) {
  constexpr double noticeable = 0.01;
  for (TrialResult& result : results.trials) {
    const auto& calibration = notes[result.trial].calibration;
    if (!calibration || !result.median) continue;
    const double share = calibration->empty_call_ns / result.median->median_ns;
    if (share > noticeable) {
      result.warnings.push_back(
          {"overhead", fmt::format("an empty call takes {:.0f} ns, which is {} of the median",
                                   calibration->empty_call_ns, format_percent(share))});
    }
  }
}

}  // namespace

MeasureResult measure(const Plan& plan, Executor& executor, store::Store& store,
                      const MeasureOptions& options) {
  const MachineState before = look_at_machine();
  store::RunWriter writer = open_run(store, plan, options);
  const store::RunRecord earlier = store.load_run(writer.id());
  StoreRecorder recorder(writer, write_trials(writer, plan, earlier));
  const auto environment_of = [&](const std::vector<TrialNotes>& notes) {
    Json environment = describe_environment(before, look_at_machine());
    add_notes(plan, notes, earlier.documents, environment);
    return environment;
  };
  // What workers say of themselves is kept as it comes, like their samples: a session that is
  // killed leaves it to the next one.
  std::size_t kept_notes = 0;
  const Measurement* running = nullptr;
  const auto on_progress = [&](const Progress& progress) {
    if (const std::size_t count = count_notes(running->notes()); count > kept_notes) {
      writer.put_document(store::DocumentKind::Environment,
                          json_line(environment_of(running->notes())));
      kept_notes = count;
    }
    if (options.on_progress) options.on_progress(progress);
  };
  Measurement measurement(plan, executor, recorder, options.stop, on_progress);
  running = &measurement;
  measurement.resume(earlier.pairs, earlier.trials);
  measurement.run();

  MeasureResult result{.run = writer.id(),
                       .session = writer.session(),
                       .was_interrupted = measurement.was_stopped()};
  const store::RunRecord record = store.load_run(writer.id());
  result.results = evaluate(record, plan, measurement.reasons());
  warn_of_overhead(measurement.notes(), result.results);
  result.document = bench_document(result.results, plan, environment_of(measurement.notes()));
  if (options.complete_document) options.complete_document(result.document);
  writer.put_document(store::DocumentKind::Environment, json_line(result.document["environment"]));
  writer.put_document(store::DocumentKind::Bench, json_line(result.document));
  if (options.before_end) options.before_end(writer, result.document);
  result.was_interrupted ? writer.interrupt() : writer.finish();
  return result;
}

}  // namespace ponte::lab
