#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "verify/examined.h"

namespace ponte::verify {
namespace {

bool is_source(const Verification& verification, const Examined& examined) {
  return examined.running.subject().graph == &verification.judged;
}

// A source that declares a coarser arithmetic than f32 is excused where no node of it is wrong.
bool is_excused(const Verification& verification, const Examined& examined) {
  return is_source(verification, examined) && examined.differs && !examined.findings.culprit &&
         examined.running.precision().f32 > ops::Precision{}.f32;
}

SubjectResult row_of(const Examined& examined) {
  const SubjectSpec& spec = examined.running.subject().spec;
  if (!examined.failure && examined.answers.empty()) return interrupted_row(spec);
  SubjectResult row{spec.label, spec.model_path, spec.runtime, spec.version, "ok", {}, {}};
  if (examined.failure) {
    row.status = runtimes::to_string(examined.failure->kind);
    row.why = runtimes::describe(*examined.failure);
  }
  if (examined.findings.bits < exact_bits) row.precision = precision_of(examined.findings.bits);
  return row;
}

// What a further set says against an output is said in the output's row, too.
void fold_further(const std::vector<FurtherResult>& further, std::vector<OutputVerdict>& outputs) {
  for (const FurtherResult& result : further) {
    if (!result.decides || result.verdict != Verdict::Different) continue;
    for (OutputVerdict& output : outputs) {
      const bool is_meant = result.output.empty() || result.output == output.name;
      if (output.subject != result.subject || !is_meant || output.verdict == Verdict::Different)
        continue;
      output.verdict = Verdict::Different;
      output.why = fmt::format("{}: {}", result.set, result.why);
    }
  }
}

void doubt(Examined& examined) {
  for (OutputVerdict& output : examined.outputs) {
    const auto it = examined.undecided.find(output.name);
    if (output.verdict != Verdict::Equivalent || it == examined.undecided.end()) continue;
    output.verdict = Verdict::Undecided;
    output.why = it->second;
  }
}

// Nothing is known of what the subject alone gives.
void add_further_outputs(Examined& examined) {
  if (!examined.has_answered() || examined.running.subject().has_chosen_outputs) return;
  for (const ir::Value* output : examined.running.interface().further_outputs()) {
    OutputVerdict& verdict = examined.outputs.emplace_back();
    verdict.name = output->name();
    verdict.subject = examined.running.label();
    verdict.why = "the judged model has no such output; `--outputs-at` says which ones count";
  }
}

// The user's tolerance beside the verdict: a difference within it is `within_tolerance`.
void apply_tolerance(Verification& verification, Examined& examined, int perturbed_runs) {
  const Tolerance& tolerance = verification.options.tolerance;
  for (std::size_t i = 0; i < examined.outputs.size(); ++i) {
    OutputVerdict& output = examined.outputs[i];
    const OutputPairs pairs =
        pair_output(verification, examined.running, examined.answers, i, perturbed_runs);
    if (!pairs.is_complete()) continue;
    const auto reference = pairs.reference_pointers(), given = pairs.given_pointers();
    auto flips = rank_flips(reference, given);
    if (flips) {
      flips->subject = output.subject;
      flips->output = output.name;
      verification.result.rankings.push_back(*flips);
    }
    if (tolerance.is_empty() || output.verdict == Verdict::Equivalent) continue;
    const std::string why =
        outside(tolerance, output.comparison, flips ? &*flips : nullptr, reference, given);
    if (why.empty()) {
      output.verdict = Verdict::WithinTolerance;
    } else {
      output.why += fmt::format("{}outside the tolerance: {}", output.why.empty() ? "" : "; ", why);
    }
  }
}

// Bit by bit the same answers of the same runtime.
bool answers_alike(const Verification& verification, const Examined& a, const Examined& b) {
  const SubjectSpec &left = a.running.subject().spec, &right = b.running.subject().spec;
  if (left.runtime != right.runtime || left.version != right.version ||
      a.answers.size() != b.answers.size() || a.answers.empty())
    return false;
  for (std::size_t set = 0; set < a.answers.size(); ++set) {
    for (std::size_t i = 0; i < verification.judged.outputs().size(); ++i) {
      const auto output_of = [&](const Examined& examined) {
        return examined.running.interface().output(i, examined.answers[set].values, {});
      };
      if (!equal_data(output_of(a), output_of(b))) return false;
    }
  }
  return true;
}

// A file that a runtime answers as it answers the source is no other network than that.
// The file says what its own runtime says, whatever another one makes of it.
std::string blame_of(const Verification& verification, const std::vector<Examined>& all,
                     const std::vector<const Examined*>& differing) {
  const bool has_witness = std::ranges::any_of(all, [&](const Examined& examined) {
    return is_source(verification, examined) && examined.running.subject().is_own_runtime &&
           examined.has_answered() && !examined.differs;
  });
  const auto is_as_a_source = [&](const Examined* examined) {
    return std::ranges::any_of(differing, [&](const Examined* other) {
      return is_source(verification, *other) &&
             (other == examined || answers_alike(verification, *other, *examined));
    });
  };
  const bool sources_alone = std::ranges::all_of(differing, is_as_a_source);
  if (!differing.empty() && sources_alone && !has_witness) return "reader-or-source-runtime";
  std::vector<std::string> labels;
  for (const Examined* examined : differing) labels.push_back(examined->running.label());
  return fmt::format("{}", fmt::join(labels, ", "));
}

// Of outputs without an element nothing is known.
bool has_compared(const VerifyResult& result) {
  return std::ranges::any_of(result.outputs, [](const OutputVerdict& output) {
    return output.comparison && output.comparison->count > 0;
  });
}

Verdict overall(const VerifyResult& result, bool differs, bool is_tolerated) {
  if (differs) return Verdict::Different;
  if (result.was_interrupted || !has_compared(result) || any_is(result.outputs, Verdict::Undecided))
    return Verdict::Undecided;
  return is_tolerated || any_is(result.outputs, Verdict::WithinTolerance) ? Verdict::WithinTolerance
                                                                          : Verdict::Equivalent;
}

}  // namespace

SubjectResult interrupted_row(const SubjectSpec& spec) {
  return {spec.label,
          spec.model_path,
          spec.runtime,
          spec.version,
          "interrupted",
          "it has not answered yet",
          {}};
}

bool any_is(const std::vector<OutputVerdict>& outputs, Verdict verdict) {
  return std::ranges::any_of(
      outputs, [&](const OutputVerdict& output) { return output.verdict == verdict; });
}

void conclude(Verification& verification, std::vector<Examined>& all, int perturbed_runs) {
  VerifyResult& result = verification.result;
  std::vector<const Examined*> differing;
  bool has_tolerated = false;
  for (Examined& examined : all) {
    result.subjects.push_back(row_of(examined));
    fold_further(result.further, examined.outputs);
    doubt(examined);
    apply_tolerance(verification, examined, perturbed_runs);
    add_further_outputs(examined);
    std::ranges::copy(examined.outputs, std::back_inserter(result.outputs));
    const bool is_tolerated =
        !verification.options.tolerance.is_empty() && !any_is(examined.outputs, Verdict::Different);
    if (is_excused(verification, examined)) {
      result.excused.push_back(examined.running.label());
    } else if (examined.differs && is_tolerated) {
      has_tolerated = true;
    } else if (examined.differs) {
      differing.push_back(&examined);
    }
  }
  result.blame = blame_of(verification, all, differing);
  for (const Examined* examined : differing) {
    if (result.culprit) break;
    result.culprit = examined->findings.culprit;
    result.culprit_why = examined->findings.why;
  }
  if (result.was_interrupted && !result.culprit)
    result.culprit_why = fmt::format("interrupted at: {}", result.interrupted_at);
  if (!result.outputs.empty() && !has_compared(result) && !result.was_interrupted &&
      !result.culprit)
    result.culprit_why = "there is no element to compare";
  result.verdict = overall(result, !differing.empty(), has_tolerated);
}

}  // namespace ponte::verify
