#include "verify/answers.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/error.h"
#include "verify/differences.h"

namespace ponte::verify {

RunningSubject::RunningSubject(const VerifySubject& subject, const ir::Graph& judged)
    : subject_(&subject), interface_(judged, *subject.graph, subject.names, subject.shapes) {
  auto session = SubjectSession::start(subject.spec);
  if (session) {
    session_.emplace(std::move(session.value()));
  } else {
    failure_ = session.failure();
  }
}

// Values of f32 travel as f32, however much more precisely they were computed.
ops::Precision RunningSubject::precision() const {
  return {std::max(subject_->spec.precision.f32, runtimes::single_precision.unit_roundoff)};
}

runtimes::Outcome<Values> RunningSubject::answer(const Inputs& inputs) {
  if (failure_) return *failure_;
  auto values = session_->run(interface_.for_subject(inputs));
  if (!values && values.failure().kind != runtimes::FailureKind::Refused)
    failure_ = values.failure();
  return values;
}

Verification::Verification(const ir::Graph& graph, const VerifyOptions& verify_options)
    : judged(graph), options(verify_options), judges(graph, verify_options.evaluation()) {
  for (const ir::Value* output : graph.outputs()) unbounded.push_back(why_unbounded(*output));
}

Judges* Verification::judges_of_own(const VerifySubject& subject) {
  if (!subject.is_of_another_program() || subject.graph == &judged) return nullptr;
  const auto it = own_judges_.find(subject.graph);
  if (it != own_judges_.end()) return &it->second;
  return &own_judges_
              .try_emplace(subject.graph, *subject.graph, options.evaluation(),
                           own_constants(judged, *subject.graph))
              .first->second;
}

void Verification::progress(const std::string& what) {
  throw_if_stopped(options.stop);
  step_ = what;
  if (options.on_progress) options.on_progress(what);
}

void Verification::assume(const std::vector<std::string>& lines) {
  for (const std::string& line : lines) {
    if (std::ranges::find(result.assumptions, line) == result.assumptions.end())
      result.assumptions.push_back(line);
  }
}

bool OutputPairs::is_complete() const {
  return std::ranges::none_of(given, [](const ops::Datum& datum) { return datum.is_absent(); });
}

std::vector<const ops::Datum*> OutputPairs::given_pointers() const {
  std::vector<const ops::Datum*> pointers;
  for (const ops::Datum& datum : given) pointers.push_back(&datum);
  return pointers;
}

std::vector<const ops::Datum*> OutputPairs::reference_pointers() const {
  std::vector<const ops::Datum*> pointers;
  for (const JudgedOutput* output : judged) pointers.push_back(&output->reference);
  return pointers;
}

OutputPairs pair_output(Verification& verification, const RunningSubject& subject,
                        std::span<const Answered> answers, std::size_t output, int perturbed_runs) {
  OutputPairs pairs;
  for (const Answered& answer : answers) {
    const Judgement& judgement =
        answer.set->judgement(verification.judges, subject.precision(), perturbed_runs);
    pairs.judged.push_back(&judgement.outputs[output]);
    const JudgedOutput& judged = *pairs.judged.back();
    pairs.given.push_back(judged.in_reference_form(
        subject.interface().output(output, answer.values, judged.reference)));
  }
  return pairs;
}

namespace {

// The sum of squares over the perturbed runs of the subject's own graph, in the reference's shape;
// absent where there is none.
ops::Datum own_squares(const RunningSubject& subject, const Judgement& own, std::size_t output,
                       const ops::Datum& reference) {
  Values squares;
  for (const JudgedOutput& judged : own.outputs) {
    if (!judged.is_number) continue;
    squares[judged.name] = {
        ops::Array(ir::DType::Float64, judged.reference.array().shape(), judged.squares)};
  }
  return subject.interface().output(output, squares, reference);
}

// Two bits: how much more than the judged graph another program's may round. What costs more is
// another network in practice, whoever wrote it down: a detour over float16, or over 1e6.
constexpr double most_widening = 4;

double mean_square(std::span<const double> values) {
  double sum = 0;
  std::size_t count = 0;
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    sum += value * value;
    ++count;
  }
  return count == 0 ? 0 : sum / static_cast<double>(count);
}

// The judged output, with the spread of the subject's own graph where that is the larger one, up to
// most_widening. `u` is the unit roundoff: an output that the judged graph gives exactly may be one
// that the other computes.
JudgedOutput widened(JudgedOutput judged, const ops::Datum& own, int runs, double u) {
  const auto* squares = std::get_if<ops::Array>(&own.held);
  if (!squares || !judged.is_number || squares->shape() != judged.reference.array().shape())
    return judged;
  const auto values = squares->as<double>();
  double sum = 0;
  for (const double square : judged.squares) sum += square;
  const double mean = sum / static_cast<double>(std::max<std::size_t>(values.size(), 1));
  const double of_rounding = runs * u * u * mean_square(judged.reference.array().to_f64());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double most =
        most_widening * most_widening * std::max({judged.squares[i], mean, of_rounding});
    judged.squares[i] = std::max(judged.squares[i], std::min(values[i], most));
  }
  return judged;
}

double unit_roundoff(const RunningSubject& subject, const JudgedOutput& judged) {
  const auto* array = std::get_if<ops::Array>(&judged.reference.held);
  return array ? subject.precision().unit_roundoff(array->dtype()) : 0;
}

std::vector<JudgedOutput> widened(Judges& judges, const RunningSubject& subject,
                                  std::span<const Answered> answers, const OutputPairs& pairs,
                                  std::size_t output, int perturbed_runs) {
  std::vector<JudgedOutput> result;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    JudgedSet& set = *answers[i].set;
    const Judgement& own =
        set.counterpart(judges.graph(), subject.interface().for_subject(set.inputs()))
            .judgement(judges, subject.precision(), perturbed_runs);
    const JudgedOutput& judged = *pairs.judged[i];
    const ops::Datum squares = own_squares(subject, own, output, judged.reference);
    result.push_back(widened(judged, squares, perturbed_runs, unit_roundoff(subject, judged)));
  }
  return result;
}

// By the spread of the subject's own graph, where it has one and it can be evaluated.
std::optional<OutputVerdict> judge_by_own(Verification& verification, const RunningSubject& subject,
                                          std::span<const Answered> answers,
                                          const OutputPairs& pairs, std::size_t output,
                                          int perturbed_runs) {
  Judges* judges = verification.judges_of_own(subject.subject());
  const ir::Value* own = judges ? subject.interface().output_value(output) : nullptr;
  if (!own || !why_unbounded(*own).why.empty()) return std::nullopt;
  try {
    const auto judged = widened(*judges, subject, answers, pairs, output, perturbed_runs);
    std::vector<const JudgedOutput*> pointers;
    for (const JudgedOutput& one : judged) pointers.push_back(&one);
    return judge_output(subject.label(), pointers, pairs.given_pointers(), perturbed_runs, true);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::Interrupted) throw;
    return std::nullopt;
  }
}

}  // namespace

std::vector<OutputVerdict> judge_answers(Verification& verification, const RunningSubject& subject,
                                         std::span<const Answered> answers, int perturbed_runs) {
  std::vector<OutputVerdict> verdicts;
  for (std::size_t i = 0; i < verification.judged.outputs().size(); ++i) {
    const OutputPairs pairs = pair_output(verification, subject, answers, i, perturbed_runs);
    OutputVerdict verdict;
    if (!pairs.is_complete()) {
      verdict.name = verification.judged.outputs()[i]->name();
      verdict.subject = subject.label();
      verdict.why = "the subject has no output of this name";
    } else {
      const Unbounded& unbounded = verification.unbounded[i];
      verdict = judge_output(subject.label(), pairs.judged, pairs.given_pointers(), perturbed_runs,
                             unbounded.why.empty());
      if (verdict.verdict == Verdict::Different) {
        auto by_own = judge_by_own(verification, subject, answers, pairs, i, perturbed_runs);
        if (by_own) verdict = std::move(*by_own);
      }
      if (unbounded.is_random) verdict.verdict = Verdict::Undecided;
      if (verdict.verdict == Verdict::Undecided && !unbounded.why.empty())
        verdict.why = unbounded.why;
    }
    verdicts.push_back(std::move(verdict));
  }
  return verdicts;
}

}  // namespace ponte::verify
