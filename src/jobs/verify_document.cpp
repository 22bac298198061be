// The JSON document of `ponte verify`.
#include "base/json.h"
#include "jobs/problems.h"
#include "jobs/verify.h"

namespace ponte::jobs {
namespace {

Json figures_json(const verify::TensorComparison& comparison) {
  return {{"bits", number(comparison.bits)},
          {"snr_db", number(comparison.snr_db)},
          {"exact", comparison.exact},
          {"max_abs", number(comparison.max_abs)},
          {"mean_abs", number(comparison.mean_abs)},
          {"rms_error", number(comparison.rms_error)},
          {"rms_relative", number(comparison.rms_relative)},
          {"cosine", number(comparison.cosine)},
          {"elements", comparison.count},
          {"pattern_mismatches", comparison.pattern_mismatches},
          {"ulp_histogram", comparison.ulp_histogram},
          {"worst_index", comparison.worst_index},
          {"worst_channel", comparison.worst_channel}};
}

// Every figure is null where there is none.
Json tensor_json(const std::optional<verify::TensorComparison>& comparison) {
  Json json = figures_json(comparison.value_or(verify::TensorComparison{}));
  if (comparison) return json;
  for (Json& figure : json) figure = nullptr;
  return json;
}

// `bound` is of the same kind as `rms_relative`, so that the two can be compared.
Json output_json(const verify::OutputVerdict& output, const verify::VerifyResult& result) {
  Json json = tensor_json(output.comparison);
  json["name"] = output.name;
  json["subject"] = output.subject;
  const auto figure = [&](double value) { return output.comparison ? number(value) : Json(); };
  const double size = output.rms_reference();
  json["bound"] = figure(size > 0 ? output.bound / size : output.bound);
  json["rms_bound"] = figure(output.bound);
  json["expected_bits"] = figure(output.expected_bits);
  json["k"] = figure(output.k);
  json["unstable"] = output.unstable;
  json["unstable_of"] = output.elements;
  json["verdict"] = verify::to_string(output.verdict);
  if (!output.why.empty()) json["why"] = output.why;
  for (const verify::RankFlips& flips : result.rankings) {
    if (flips.subject != output.subject || flips.output != output.name) continue;
    json["ranking"] = {{"rows", flips.rows},
                       {"top1_flips", flips.top1},
                       {"top5_flips", flips.top5},
                       {"largest_margin", number(flips.largest_margin)}};
  }
  return json;
}

Json subject_json(const verify::SubjectResult& subject) {
  Json json = {{"label", subject.label},
               {"model", subject.model},
               {"runtime", subject.runtime},
               {"version", subject.version},
               {"status", subject.status}};
  if (!subject.why.empty()) json["why"] = subject.why;
  if (!subject.precision.empty()) json["precision"] = subject.precision;
  return json;
}

Json further_json(const verify::FurtherResult& further) {
  Json json = {{"set", further.set},
               {"subject", further.subject},
               {"output", further.output},
               {"rule", verify::to_string(further.rule)},
               {"rms_error", number(further.error)},
               {"rms_bound", number(further.bound)},
               {"verdict", verify::to_string(further.verdict)},
               {"decides", further.decides}};
  if (!further.why.empty()) json["why"] = further.why;
  return json;
}

Json variation_json(const verify::Variation& variation) {
  return {{"subject", variation.subject},
          {"output", variation.output},
          {"how", variation.how},
          {"max_abs", number(variation.max_abs)}};
}

Json constant_json(const verify::ConstantDifference& constant) {
  return {{"subject", constant.subject},
          {"constant", constant.constant},
          {"node", constant.node},
          {"what", constant.what}};
}

Json overflow_json(const evaluate::Overflow& overflow) {
  return {{"node", overflow.node}, {"value", overflow.output}, {"elements", overflow.elements}};
}

Json culprit_json(const verify::Culprit& culprit) {
  return {{"kind", culprit.kind},
          {"subject", culprit.subject},
          {"node", culprit.node},
          {"op", culprit.op},
          {"region", culprit.region},
          {"origin", culprit.origin},
          {"local_error", number(culprit.local_error)},
          {"bound", number(culprit.bound)}};
}

template <typename T, typename F>
Json list(const std::vector<T>& items, F&& item_json) {
  Json json = Json::array();
  for (const T& item : items) json.push_back(item_json(item));
  return json;
}

}  // namespace

Json to_json(const VerifyJobResult& job) {
  const verify::VerifyResult& result = job.result;
  Json json;
  json["schema"] = "ponte/verify/1";
  json["verdict"] = verify::to_string(result.verdict);
  json["inputs"] = {{"seed", result.seed},
                    {"sets", result.sets},
                    {"names", result.set_names},
                    {"perturbed_runs", result.perturbed_runs},
                    {"assumptions", result.assumptions}};
  json["subjects"] = list(result.subjects, subject_json);
  json["outputs"] = list(result.outputs, [&](const verify::OutputVerdict& output) {
    return output_json(output, result);
  });
  json["further"] = list(result.further, further_json);
  json["variations"] = list(result.variations, variation_json);
  json["constants"] = list(result.constants, constant_json);
  json["overflows"] = list(result.overflows, overflow_json);
  json["fixed_sizes"] = result.fixed_sizes;
  json["blame"] = result.blame;
  json["excused"] = result.excused;
  json["culprit"] = result.culprit ? culprit_json(*result.culprit) : Json(nullptr);
  json["culprit_why"] = result.culprit_why;
  json["interrupted"] = result.was_interrupted;
  json["interrupted_at"] = result.was_interrupted ? Json(result.interrupted_at) : Json();
  json["judge_seconds"] = number(result.judge_seconds);
  json["problems"] = problems_json(job.problems);
  return json;
}

}  // namespace ponte::jobs
