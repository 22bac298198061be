#include "verify/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "base/error.h"
#include "base/random.h"
#include "verify/culprit.h"

namespace ponte::verify {
namespace {

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

bool any_is(const std::vector<OutputVerdict>& outputs, Verdict verdict) {
  return std::ranges::any_of(outputs,
                             [&](const OutputVerdict& output) { return output.verdict == verdict; });
}

void add_verdicts(const ir::Graph& judged, const SubjectSpec& spec,
                  const std::vector<Judgement>& judgements, const std::vector<Values>& values,
                  int perturbed_runs, std::vector<OutputVerdict>& verdicts) {
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
      verdicts.push_back(std::move(missing));
      continue;
    }
    std::vector<const ops::Datum*> given;
    for (const ops::Datum& datum : shaped) given.push_back(&datum);
    verdicts.push_back(judge_output(spec.label, references, given, perturbed_runs, bounded));
  }
}

// What one subject gave, and what its nodes show.
struct Examined {
  const VerifySubject* subject = nullptr;
  std::vector<OutputVerdict> outputs;
  LocalFindings findings;
  bool differs = false;
};

LocalFindings findings_of(const CulpritSearch& search) {
  try {
    return find_culprit(search);
  } catch (const Error& error) {
    if (error.code() == Code::Interrupted) throw;
    LocalFindings failed;
    failed.why = fmt::format("the search failed: {}", error.what());
    return failed;
  }
}

Examined examine(const ir::Graph& judged, const VerifySubject& subject,
                 const std::vector<Inputs>& sets, const std::vector<Judgement>& judgements,
                 const std::vector<Values>& values, const std::filesystem::path& scratch,
                 const VerifyOptions& options) {
  const auto outputs_of = [&](const std::vector<Values>& given) {
    std::vector<OutputVerdict> outputs;
    add_verdicts(judged, subject.spec, judgements, given, options.perturbed_runs, outputs);
    return outputs;
  };
  Examined examined{&subject, outputs_of(values), {}, false};
  examined.differs = any_is(examined.outputs, Verdict::Different);
  examined.findings = findings_of(
      {judged, subject, sets, scratch, options,
       examined.differs ? EndToEnd::Differs : EndToEnd::Equivalent,
       [&](const std::vector<Values>& given) { return any_is(outputs_of(given), Verdict::Different); }});
  examined.differs = examined.differs || examined.findings.culprit;
  return examined;
}

bool is_source(const ir::Graph& judged, const Examined& examined) {
  return examined.subject->graph == &judged;
}

// A source that declares a coarser arithmetic than f32 is excused where no node of it is wrong.
bool is_excused(const ir::Graph& judged, const Examined& examined) {
  return is_source(judged, examined) && examined.differs && !examined.findings.culprit &&
         examined.subject->spec.precision.f32 > ops::Precision{}.f32;
}

std::string blame_of(const ir::Graph& judged, const std::vector<Examined>& differing) {
  const bool sources_alone = std::ranges::all_of(
      differing, [&](const Examined& examined) { return is_source(judged, examined); });
  if (!differing.empty() && sources_alone) return "reader-or-source-runtime";
  std::vector<std::string> labels;
  for (const Examined& examined : differing) labels.push_back(examined.subject->spec.label);
  return fmt::format("{}", fmt::join(labels, ", "));
}

void conclude(const ir::Graph& judged, std::vector<Examined> all, VerifyResult& result) {
  std::vector<Examined> differing;
  for (Examined& examined : all) {
    std::ranges::copy(examined.outputs, std::back_inserter(result.outputs));
    if (is_excused(judged, examined)) {
      result.excused.push_back(examined.subject->spec.label);
    } else if (examined.differs) {
      differing.push_back(std::move(examined));
    }
  }
  result.blame = blame_of(judged, differing);
  for (const Examined& examined : differing) {
    if (result.culprit) break;
    result.culprit = examined.findings.culprit;
    result.culprit_why = examined.findings.why;
  }
  result.verdict = Verdict::Equivalent;
  if (any_is(result.outputs, Verdict::Undecided) || all.empty()) result.verdict = Verdict::Undecided;
  if (!differing.empty()) result.verdict = Verdict::Different;
}

}  // namespace

VerifyResult verify(const ir::Graph& judged, const std::vector<VerifySubject>& subjects,
                    const std::filesystem::path& scratch, const VerifyOptions& options) {
  VerifyResult result;
  result.seed = options.seed;
  evaluate::Options evaluation;
  evaluation.threads = options.threads;
  evaluation.stop = options.stop;
  std::vector<Inputs> sets;
  std::map<double, std::vector<Judgement>> by_precision;  // of the arithmetic that subjects declare
  const auto judgements_of = [&](ops::Precision precision) -> std::vector<Judgement>& {
    const auto [it, added] = by_precision.try_emplace(precision.f32);
    if (!added) return it->second;
    Judge judge(judged, evaluation, precision);
    std::vector<Judgement>& judgements = it->second;
    for (int set = 0; set < 2 || (set < 5 && has_small_output(judgements.front())); ++set) {
      const auto at = static_cast<std::size_t>(set);
      if (at == sets.size()) {
        const InputKind kind = set % 2 == 0 ? InputKind::Normal : InputKind::Unit;
        InputSet made = make_inputs(judged, kind, {.seed = mix_seed(options.seed, at), .ranges = {}});
        if (set == 0) result.assumptions = std::move(made.assumptions);
        sets.push_back(std::move(made.values));
      }
      judgements.push_back(judge.run(sets[at], options.perturbed_runs, options.seed + at));
    }
    return judgements;
  };
  std::vector<Examined> examined;
  for (const VerifySubject& subject : subjects) {
    const std::vector<Judgement>& judgements = judgements_of(subject.spec.precision);
    result.sets = static_cast<int>(sets.size());
    result.overflows = judgements.front().overflows;
    result.judge_seconds = judgements.front().seconds_unperturbed;
    const auto values = run_subject(subject.spec, sets, {});
    SubjectResult row{subject.spec.model_path, subject.spec.runtime, subject.spec.version, "ok", {},
                      {}};
    if (values) {
      examined.push_back(
          examine(judged, subject, sets, judgements, values.value(), scratch, options));
      const double bits = examined.back().findings.bits;
      if (bits < exact_bits) row.precision = precision_of(bits);
    } else {
      row.status = runtimes::to_string(values.failure().kind);
      row.why = runtimes::describe(values.failure());
    }
    result.subjects.push_back(std::move(row));
  }
  conclude(judged, std::move(examined), result);
  return result;
}

}  // namespace ponte::verify
