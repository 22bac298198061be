#include "lab/document.h"

#include "base/json.h"
#include "base/text.h"

namespace ponte::lab {
namespace {

template <typename T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}

Json text_or_null(std::string_view text) { return text.empty() ? Json() : Json(text); }

Json rounded_ns(double value) { return number(value); }

Json note_json(const TrialNotes& notes) {
  Json json = {{"in_force", notes.in_force}};
  if (const auto& calibration = notes.calibration) {
    json["empty_call_ns"] = number(calibration->empty_call_ns);
    json["clock_step_ns"] = number(calibration->clock_step_ns);
    json["clock_cost_ns"] = number(calibration->clock_cost_ns);
  }
  return json;
}

Json warnings_json(const std::vector<Warning>& warnings) {
  Json list = Json::array();
  for (const Warning& warning : warnings)
    list.push_back({{"code", warning.code}, {"message", warning.message}});
  return list;
}

// A percentile that so few independent samples can't show is null.
Json percentile_json(const std::optional<statistics::TailBound>& tail) {
  if (!tail) return nullptr;
  const double beyond = (1 - tail->share) * static_cast<double>(tail->effective_samples);
  return beyond >= 1 ? number(tail->estimate_ns) : Json();
}

void add_tail(const std::optional<statistics::TailBound>& tail, const std::string& name,
              Json& json) {
  json[name + "_ns"] = percentile_json(tail);
  json[name + "_bound_ns"] = tail ? or_null(tail->bound_ns) : Json();
  json[name + "_n_needed"] = tail && !tail->bound_ns ? Json(tail->samples_needed) : Json();
}

void add_spread(const TrialResult& result, Json& json) {
  const auto& interval = result.median ? result.median->interval : std::nullopt;
  json["median_ns"] = result.median ? rounded_ns(result.median->median_ns) : Json();
  json["ci_low_ns"] = interval ? rounded_ns(interval->low) : Json();
  json["ci_high_ns"] = interval ? rounded_ns(interval->high) : Json();
  json["ci_of"] = "this session";
  const auto& range = result.process_range_ns;
  json["process_low_ns"] = range ? rounded_ns(range->low) : Json();
  json["process_high_ns"] = range ? rounded_ns(range->high) : Json();
  add_tail(result.p90, "p90", json);
  add_tail(result.p99, "p99", json);
  json["levels"] = nullptr;
  if (const auto& levels = result.two_levels) {
    json["levels"] = {{"low_ns", levels->low_ns},
                      {"high_ns", levels->high_ns},
                      {"share_high", levels->share_high},
                      {"switches", levels->switches}};
  }
  json["outliers"] = nullptr;
  if (const auto& counts = result.outliers) {
    json["outliers"] = {{"low_severe", counts->low_severe},
                        {"low_mild", counts->low_mild},
                        {"high_mild", counts->high_mild},
                        {"high_severe", counts->high_severe}};
  }
}

// Only the words that the contract has.
Json stopped_by_json(const std::optional<StoppedBy>& reason) {
  return reason && *reason != StoppedBy::Failure ? Json(to_string(*reason)) : Json();
}

Json trial_json(const TrialResult& result, const Trial& trial) {
  Json json = {{"id", trial.id},
               {"model", trial.model.name},
               {"model_hash", text_or_null(trial.model_hash)},
               {"runtime", trial.runtime.name},
               {"version", text_or_null(trial.runtime.version)},
               {"library", text_or_null(trial.runtime.library.string())},
               {"library_hash", text_or_null(trial.library_hash)},
               {"device", trial.device},
               {"settings", trial.settings},
               {"scenario", scenario},
               {"batch", trial.model.batch},
               {"status", store::to_string(result.status)},
               {"why", text_or_null(result.why)},
               {"processes", result.processes},
               {"samples", result.samples},
               {"stopped_by", stopped_by_json(result.stopped_by)},
               {"cpu_ns", result.cpu_ns ? number(*result.cpu_ns) : Json()},
               {"items_per_s", nullptr},
               {"load_ns", or_null(result.load_ns)},
               {"first_ns", or_null(result.first_ns)},
               {"peak_rss_bytes", or_null(result.peak_rss_bytes)},
               {"private_bytes", or_null(result.private_bytes)},
               {"steady", or_null(result.steady)},
               {"warnings", warnings_json(result.warnings)}};
  if (result.median)
    json["items_per_s"] =
        number(static_cast<double>(trial.model.batch) * 1e9 / result.median->median_ns);
  add_spread(result, json);
  return json;
}

Json canary_json(const std::optional<statistics::CanaryReport>& canary) {
  if (!canary) return nullptr;
  return {{"median_ns", number(canary->median_ns)},
          {"spread", number(canary->spread)},
          {"correlation_with_difference", number(canary->correlation_with_difference)},
          {"correlation_with_duration", number(canary->correlation_with_duration)},
          {"block_pairs", canary->canaries},
          {"slow", canary->slow},
          {"conclusion_changes", canary->conclusion_changes}};
}

Json comparison_json(const ComparisonResult& result, const Plan& plan) {
  Json json = {{"a", plan.trials[result.a].id},
               {"b", plan.trials[result.b].id},
               {"metric", "latency"},
               {"process_pairs", result.process_pairs},
               {"confidence", 0.95},
               {"reason", text_or_null(result.reason)},
               {"verdict", statistics::to_string(result.verdict)},
               {"canary", canary_json(result.canary)}};
  for (const char* key : {"ratio", "ci_low", "ci_high", "claim_low", "claim_high", "min_detectable",
                          "block_pairs", "adjusted_for"}) {
    json[key] = nullptr;
  }
  if (!result.estimate) return json;
  const statistics::RatioEstimate& estimate = *result.estimate;
  json["ratio"] = number(estimate.ratio);
  json["ci_low"] = number(estimate.interval_95.low);
  json["ci_high"] = number(estimate.interval_95.high);
  json["claim_low"] = number(estimate.interval_99.low);
  json["claim_high"] = number(estimate.interval_99.high);
  json["min_detectable"] = number(std::max(estimate.min_detectable, plan.rules.least_claim));
  json["block_pairs"] = estimate.block_pairs;
  json["adjusted_for"] = estimate.comparisons;
  return json;
}

}  // namespace

void add_notes(const Plan& plan, const std::vector<TrialNotes>& notes,
               const std::map<store::DocumentKind, std::string>& earlier, Json& environment) {
  Json trials = Json::object();
  if (const auto it = earlier.find(store::DocumentKind::Environment); it != earlier.end()) {
    const Json before = parse_json(it->second);
    if (before.is_object() && before.contains("workers") && before["workers"].is_object())
      trials = before["workers"];
  }
  for (std::size_t i = 0; i < notes.size(); ++i) {
    if (!notes[i].is_empty()) trials[plan.trials[i].id] = note_json(notes[i]);
  }
  environment["workers"] = std::move(trials);
  environment["ponte"] = plan.program_version;
}

Json bench_document(const Results& results, const Plan& plan, Json environment) {
  Json trials = Json::array();
  for (const TrialResult& result : results.trials)
    trials.push_back(trial_json(result, plan.trials[result.trial]));
  Json comparisons = Json::array();
  for (const ComparisonResult& result : results.comparisons)
    comparisons.push_back(comparison_json(result, plan));
  return {{"schema", "ponte/bench/1"},
          {"run", static_cast<std::int64_t>(results.run)},
          {"environment", std::move(environment)},
          {"plan", to_json(plan)},
          {"trials", std::move(trials)},
          {"comparisons", std::move(comparisons)}};
}

}  // namespace ponte::lab
