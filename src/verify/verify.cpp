#include "verify/verify.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "verify/culprit.h"

namespace ponte::verify {
namespace {

constexpr std::int64_t small_output = 64;

bool has_small_output(const Judgement& judgement) {
  return std::ranges::any_of(judgement.outputs, [](const JudgedOutput& output) {
    return output.is_number && output.reference.array().count() < small_output;
  });
}

// Whether every node that rounds says how much.
bool is_bounded(const ir::Graph& graph) {
  bool bounded = true;
  ir::for_each_node(graph, [&](const ir::Node& node) {
    const bool known =
        node.op() && (node.op()->exactness != ir::Exactness::Rounds || node.op()->scale);
    bounded = bounded && known;
  });
  return bounded;
}

// What the subject gave for an output of the judged graph: by its name, by the source's name for
// it, or by position when both have as many.
const ops::Datum* find_output(const ir::Graph& judged, std::size_t index, const Values& values) {
  const ir::Value& value = *judged.outputs()[index];
  if (const auto it = values.find(value.name()); it != values.end()) return &it->second;
  if (value.origin) {
    if (const auto it = values.find(value.origin->name); it != values.end()) return &it->second;
  }
  return nullptr;
}

Verdict overall(const VerifyResult& result) {
  const auto any = [&](Verdict verdict) {
    return std::ranges::any_of(result.outputs,
                               [&](const OutputVerdict& o) { return o.verdict == verdict; });
  };
  if (any(Verdict::Different)) return Verdict::Different;
  if (any(Verdict::Undecided) || result.outputs.empty()) return Verdict::Undecided;
  return Verdict::Equivalent;
}

std::string differing(const VerifyResult& result) {
  std::vector<std::string> labels;
  for (const OutputVerdict& output : result.outputs) {
    if (output.verdict == Verdict::Different &&
        std::ranges::find(labels, output.subject) == labels.end()) {
      labels.push_back(output.subject);
    }
  }
  return fmt::format("{}", fmt::join(labels, ", "));
}

// OpenCV shows no rank below 2: shapes that differ by trailing ones alone are the same values.
ops::Datum in_shape_of(const ops::Datum& given, const ops::Datum& reference) {
  const auto* array = std::get_if<ops::Array>(&given.held);
  const auto* wanted = std::get_if<ops::Array>(&reference.held);
  if (!array || !wanted || array->count() != wanted->count()) return given;
  const auto trimmed = [](ops::Dims dims) {
    while (!dims.empty() && dims.back() == 1) dims.pop_back();
    return dims;
  };
  return trimmed(array->shape()) == trimmed(wanted->shape())
             ? ops::Datum{array->reshaped(wanted->shape())}
             : given;
}

void add_verdicts(const ir::Graph& judged, const SubjectSpec& spec,
                  const std::vector<Judgement>& judgements, const std::vector<Values>& values,
                  int perturbed_runs, VerifyResult& result) {
  const bool bounded = is_bounded(judged);
  for (std::size_t i = 0; i < judged.outputs().size(); ++i) {
    std::vector<const JudgedOutput*> references;
    std::vector<ops::Datum> shaped;
    for (std::size_t set = 0; set < judgements.size(); ++set) {
      const ops::Datum* given = find_output(judged, i, values[set]);
      if (!given) break;
      references.push_back(&judgements[set].outputs[i]);
      shaped.push_back(in_shape_of(*given, references.back()->reference));
    }
    if (shaped.size() != judgements.size()) {
      OutputVerdict missing;
      missing.name = judged.outputs()[i]->name();
      missing.subject = spec.label;
      missing.verdict = Verdict::Undecided;
      missing.why = "the subject has no output of this name";
      result.outputs.push_back(std::move(missing));
      continue;
    }
    std::vector<const ops::Datum*> given;
    for (const ops::Datum& datum : shaped) given.push_back(&datum);
    result.outputs.push_back(judge_output(spec.label, references, given, perturbed_runs, bounded));
  }
}

}  // namespace

VerifyResult verify(const ir::Graph& judged, const std::vector<VerifySubject>& subjects,
                    const std::filesystem::path& scratch, const VerifyOptions& options) {
  VerifyResult result;
  result.seed = options.seed;
  evaluate::Options evaluation;
  evaluation.threads = options.threads;
  evaluation.stop = options.stop;
  ops::Precision precision;
  for (const VerifySubject& subject : subjects)
    precision.f32 = std::max(precision.f32, subject.spec.precision.f32);
  Judge judge(judged, evaluation, precision);
  std::vector<Inputs> sets;
  std::vector<Judgement> judgements;
  for (int set = 0; set < 2 || (set < 5 && has_small_output(judgements.front())); ++set) {
    const InputKind kind = set % 2 == 0 ? InputKind::Normal : InputKind::Unit;
    InputSet made = make_inputs(
        judged, kind,
        {.seed = mix_seed(options.seed, static_cast<std::uint64_t>(set)), .ranges = {}});
    if (set == 0) result.assumptions = std::move(made.assumptions);
    judgements.push_back(judge.run(made.values, options.perturbed_runs,
                                   options.seed + static_cast<std::uint64_t>(set)));
    sets.push_back(std::move(made.values));
  }
  result.sets = static_cast<int>(sets.size());
  result.overflows = judgements.front().overflows;
  result.judge_seconds = judgements.front().seconds_unperturbed;
  for (const VerifySubject& subject : subjects) {
    const auto values = run_subject(subject.spec, sets, {});
    SubjectResult row{
        subject.spec.model_path, subject.spec.runtime, subject.spec.version, "ok", {}};
    if (values) {
      add_verdicts(judged, subject.spec, judgements, values.value(), options.perturbed_runs,
                   result);
    } else {
      row.status = runtimes::to_string(values.failure().kind);
      row.why = runtimes::describe(values.failure());
    }
    result.subjects.push_back(std::move(row));
  }
  result.verdict = overall(result);
  result.blame = differing(result);
  for (const VerifySubject& subject : subjects) {
    const bool differs = std::ranges::any_of(result.outputs, [&](const OutputVerdict& output) {
      return output.subject == subject.spec.label && output.verdict == Verdict::Different;
    });
    if (!differs || result.culprit) continue;
    try {
      result.culprit = find_culprit(subject, sets.front(), scratch, options, result.culprit_why);
    } catch (const Error& error) {
      result.culprit_why = fmt::format("the search failed: {}", error.what());
    }
  }
  return result;
}

}  // namespace ponte::verify
