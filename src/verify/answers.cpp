#include "verify/answers.h"

#include <algorithm>

namespace ponte::verify {
namespace {

evaluate::Options evaluation_options(const VerifyOptions& options) {
  evaluate::Options evaluation;
  evaluation.threads = options.threads;
  evaluation.stop = options.stop;
  return evaluation;
}

}  // namespace

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
    : judged(graph), options(verify_options), judges(graph, evaluation_options(verify_options)) {
  for (const ir::Value* output : graph.outputs()) unbounded.push_back(why_unbounded(*output));
}

void Verification::progress(const std::string& what) const {
  throw_if_stopped(options.stop);
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
    pairs.given.push_back(
        subject.interface().output(output, answer.values, pairs.judged.back()->reference));
  }
  return pairs;
}

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
      if (unbounded.is_random) verdict.verdict = Verdict::Undecided;
      if (verdict.verdict == Verdict::Undecided && !unbounded.why.empty())
        verdict.why = unbounded.why;
    }
    verdicts.push_back(std::move(verdict));
  }
  return verdicts;
}

}  // namespace ponte::verify
