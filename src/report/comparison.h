// Comparisons between trials as people read them: how many times as fast is a than b.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json_fwd.h"
#include "report/names.h"

namespace ponte::report {

enum class Outcome { Faster, Slower, Undetected };

// Speed of trial `a` over that of trial `b`, the inverse of the document's ratio of times.
struct SpeedComparison {
  std::string a;
  std::string b;
  double speed = 1;
  std::optional<double> low;
  std::optional<double> high;
  std::optional<double> claim_low;  // of the wider interval that decides the outcome
  std::optional<double> claim_high;
  std::optional<double> confidence;      // a fraction
  std::optional<double> min_detectable;  // a fraction
  Outcome outcome = Outcome::Undetected;
  std::string metric;
  std::string reason;
};

// Those with a ratio.
std::vector<SpeedComparison> speed_comparisons(const Json& bench);

SpeedComparison reversed(const SpeedComparison& comparison);

// "1.84 times as fast", "1.31 times slower", "4.2 % faster".
std::string speed_phrase(const SpeedComparison& comparison);

// The same with both sides: "1.84 times as fast on A as on B".
std::string speed_relation(const SpeedComparison& comparison, std::string_view preposition,
                           std::string_view a, std::string_view b);

// The phrase, and of no difference which one the run would have found: "no difference detected,
// would have found 2.4 %".
std::string verdict_phrase(const SpeedComparison& comparison);

// "1.79 to 1.90", in the numbers of the phrase; empty where the interval is not known.
std::string speed_interval(const SpeedComparison& comparison);

// "95 % interval".
std::string interval_name(const SpeedComparison& comparison);

// Why no difference is claimed although the interval leaves out 1: "claims need the 99 % interval,
// 0.998 to 1.021"; empty where the interval says it. A difference that is only too small for the
// run has that as its `reason`.
std::string claim_note(const SpeedComparison& comparison);

// The claim_note and the reason, those that there are.
std::vector<std::string> verdict_notes(const SpeedComparison& comparison);

// What the first lines of a report say about speed. For a model that a runtime of its own was
// measured on: ONNX Runtime against that; for an ONNX file: the fastest trial against ONNX
// Runtime's defaults.
struct MainComparison {
  SpeedComparison comparison;
  bool b_is_own_runtime = false;
  bool b_is_defaults = false;
  std::size_t others = 0;  // trials compared with the same b
};
std::optional<MainComparison> main_comparison(const Json& analysis, const TrialNames& names);

}  // namespace ponte::report
