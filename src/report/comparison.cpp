#include "report/comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <ranges>

#include "base/text.h"
#include "report/fields.h"
#include "report/figures.h"

namespace ponte::report {
namespace {

constexpr std::string_view converted_runtime = "onnxruntime";
constexpr double smallest_ratio = 1e-9;
constexpr double percent_below = 1.1;  // smaller differences read better as per cent

std::optional<double> inverse(std::optional<double> value) {
  return value && *value > smallest_ratio && *value < 1 / smallest_ratio ? std::optional(1 / *value)
                                                                         : std::nullopt;
}

Outcome outcome_of(std::string_view verdict) {
  if (verdict == "faster") return Outcome::Faster;
  if (verdict == "slower") return Outcome::Slower;
  return Outcome::Undetected;
}

bool leaves_out_one(std::optional<double> low, std::optional<double> high) {
  return low && high && (*low > 1 || *high < 1);
}

// How the phrase counts: as a factor, or in per cent.
std::string as_factor(double factor) { return fmt::format("{:.2f}", factor); }
std::string as_percent(double factor) { return fmt::format("{:.1f}", (factor - 1) * 100); }

bool has_default_settings(const Json& trial) { return members(field(trial, "settings")).empty(); }

bool runs_on(const Json& trial, std::string_view runtime) {
  return text_field(trial, "runtime") == runtime;
}

// The comparison of ONNX Runtime with the model's own one; one between two defaults is preferred.
std::optional<MainComparison> with_own_runtime(const std::vector<SpeedComparison>& comparisons,
                                               std::string_view own, const TrialNames& names) {
  std::optional<MainComparison> best;
  bool best_is_default = false;
  for (const SpeedComparison& comparison : comparisons) {
    const bool converted_a = runs_on(names.trial(comparison.a), converted_runtime);
    const bool converted_b = runs_on(names.trial(comparison.b), converted_runtime);
    if (converted_a == converted_b) continue;
    if (!runs_on(names.trial(converted_a ? comparison.b : comparison.a), own)) continue;
    const bool is_default = has_default_settings(names.trial(comparison.a)) &&
                            has_default_settings(names.trial(comparison.b));
    if (best && (best_is_default || !is_default)) continue;
    best = MainComparison{converted_a ? comparison : reversed(comparison), true, false, 1};
    best_is_default = is_default;
  }
  return best;
}

std::optional<MainComparison> with_defaults(const std::vector<SpeedComparison>& comparisons,
                                            const TrialNames& names) {
  const auto is_baseline = [&](const std::string& id) {
    return runs_on(names.trial(id), converted_runtime) && has_default_settings(names.trial(id));
  };
  std::optional<MainComparison> best;
  std::size_t others = 0;
  for (const SpeedComparison& comparison : comparisons) {
    if (is_baseline(comparison.a) == is_baseline(comparison.b)) continue;
    const SpeedComparison oriented = is_baseline(comparison.b) ? comparison : reversed(comparison);
    ++others;
    if (!best || oriented.speed > best->comparison.speed)
      best = MainComparison{oriented, false, true, 0};
  }
  if (best) best->others = others;
  return best;
}

}  // namespace

std::vector<SpeedComparison> speed_comparisons(const Json& bench) {
  std::vector<SpeedComparison> out;
  for (const Json& comparison : items(field(bench, "comparisons"))) {
    const auto ratio = inverse(number_field(comparison, "ratio"));
    if (!ratio) continue;
    auto confidence = number_field(comparison, "confidence");
    if (confidence && *confidence > 1) confidence = *confidence / 100;
    out.push_back({.a = text_field(comparison, "a"),
                   .b = text_field(comparison, "b"),
                   .speed = *ratio,
                   .low = inverse(number_field(comparison, "ci_high")),
                   .high = inverse(number_field(comparison, "ci_low")),
                   .claim_low = inverse(number_field(comparison, "claim_high")),
                   .claim_high = inverse(number_field(comparison, "claim_low")),
                   .confidence = confidence,
                   .min_detectable = number_field(comparison, "min_detectable"),
                   .outcome = outcome_of(text_field(comparison, "verdict")),
                   .metric = text_field(comparison, "metric"),
                   .reason = text_field(comparison, "reason")});
  }
  return out;
}

SpeedComparison reversed(const SpeedComparison& comparison) {
  SpeedComparison out = comparison;
  std::swap(out.a, out.b);
  out.speed = 1 / comparison.speed;
  out.low = inverse(comparison.high);
  out.high = inverse(comparison.low);
  out.claim_low = inverse(comparison.claim_high);
  out.claim_high = inverse(comparison.claim_low);
  if (comparison.outcome == Outcome::Faster) out.outcome = Outcome::Slower;
  if (comparison.outcome == Outcome::Slower) out.outcome = Outcome::Faster;
  return out;
}

std::string speed_phrase(const SpeedComparison& comparison) {
  const double factor = comparison.speed >= 1 ? comparison.speed : 1 / comparison.speed;
  const bool percent = factor < percent_below;
  switch (comparison.outcome) {
    case Outcome::Faster:
      return percent ? as_percent(factor) + " % faster" : as_factor(factor) + " times as fast";
    case Outcome::Slower:
      return percent ? as_percent(factor) + " % slower" : as_factor(factor) + " times slower";
    case Outcome::Undetected:
      return "no difference detected";
  }
  return {};
}

std::string speed_relation(const SpeedComparison& comparison, std::string_view preposition,
                           std::string_view a, std::string_view b) {
  if (comparison.outcome == Outcome::Undetected) {
    return fmt::format("no difference in speed detected between {} and {}", a, b);
  }
  const std::string phrase = speed_phrase(comparison);
  const std::string_view word = phrase.ends_with("as fast") ? "as" : "than";
  return fmt::format("{} {} {} {} {} {}", phrase, preposition, a, word, preposition, b);
}

std::string verdict_phrase(const SpeedComparison& comparison) {
  const bool is_claim = comparison.outcome != Outcome::Undetected;
  if (is_claim || !comparison.min_detectable) return speed_phrase(comparison);
  return speed_phrase(comparison) + ", would have found " + percent_text(comparison.min_detectable);
}

std::string speed_interval(const SpeedComparison& comparison) {
  if (!comparison.low || !comparison.high) return {};
  const bool slower = comparison.outcome == Outcome::Slower;
  const double low = slower ? 1 / *comparison.high : *comparison.low;
  const double high = slower ? 1 / *comparison.low : *comparison.high;
  const double factor = comparison.speed >= 1 ? comparison.speed : 1 / comparison.speed;
  if (factor >= percent_below) return fmt::format("{} to {}", as_factor(low), as_factor(high));
  if (comparison.outcome == Outcome::Undetected) return fmt::format("{:.3f} to {:.3f}", low, high);
  return fmt::format("{} to {} %", as_percent(low), as_percent(high));
}

std::string interval_name(const SpeedComparison& comparison) {
  if (!comparison.confidence) return "interval";
  return fmt::format("{:.3g} % interval", *comparison.confidence * 100);
}

std::string claim_note(const SpeedComparison& comparison) {
  const bool is_claim = comparison.outcome != Outcome::Undetected;
  if (is_claim || !leaves_out_one(comparison.low, comparison.high)) return {};
  if (leaves_out_one(comparison.claim_low, comparison.claim_high)) return {};
  std::string note = "claims need the 99 % interval";
  if (comparison.claim_low && comparison.claim_high)
    note += fmt::format(", {:.3f} to {:.3f}", *comparison.claim_low, *comparison.claim_high);
  return note;
}

std::vector<std::string> verdict_notes(const SpeedComparison& comparison) {
  std::vector<std::string> notes = {claim_note(comparison), comparison.reason};
  std::erase(notes, "");
  return notes;
}

std::optional<MainComparison> main_comparison(const Json& analysis, const TrialNames& names) {
  const std::vector<SpeedComparison> comparisons = speed_comparisons(field(analysis, "bench"));
  if (comparisons.empty()) return std::nullopt;
  const std::string own = text_field(field(analysis, "bench"), "own_runtime");
  auto found = own == converted_runtime ? with_defaults(comparisons, names)
                                        : with_own_runtime(comparisons, own, names);
  if (found) return found;
  return MainComparison{comparisons.front(), false, false, 1};
}

}  // namespace ponte::report
