// What the parts of one verification share: the judge, and the subjects with their workers.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "verify/bounds.h"
#include "verify/interfaces.h"
#include "verify/judged_sets.h"
#include "verify/verify.h"

namespace ponte::verify {

// A subject, its worker, and how its names stand to those of the judged graph.
class RunningSubject {
 public:
  // Starts the worker; throws what matching names throws.
  RunningSubject(const VerifySubject& subject, const ir::Graph& judged);

  const VerifySubject& subject() const { return *subject_; }
  const std::string& label() const { return subject_->spec.label; }
  ops::Precision precision() const;
  const Interface& interface() const { return interface_; }
  // The last failure that was no refusal; then every answer is that failure.
  const std::optional<runtimes::WorkerFailure>& failure() const { return failure_; }

  // Its answer to inputs under the judged graph's names.
  runtimes::Outcome<Values> answer(const Inputs& inputs);

 private:
  const VerifySubject* subject_;
  Interface interface_;
  std::optional<SubjectSession> session_;
  std::optional<runtimes::WorkerFailure> failure_;
};

struct Verification {
  const ir::Graph& judged;
  const VerifyOptions& options;
  Judges judges;
  std::vector<Unbounded> unbounded;  // for each output
  VerifyResult result;

  Verification(const ir::Graph& graph, const VerifyOptions& verify_options);
  // The judges of a subject's own graph, where another program wrote it; null otherwise.
  Judges* judges_of_own(const VerifySubject& subject);
  // What begins now. Throws Interrupted.
  void progress(const std::string& what);
  const std::string& step() const { return step_; }
  void assume(const std::vector<std::string>& lines);

 private:
  std::map<const ir::Graph*, Judges> own_judges_;
  std::string step_ = "preparing";
};

// A set of inputs, and what one subject gave for it.
struct Answered {
  JudgedSet* set;
  Values values;
};

// One output over some sets: the judge's answers, and the subject's in the same shapes.
struct OutputPairs {
  std::vector<const JudgedOutput*> judged;
  std::vector<ops::Datum> given;  // absent where the subject has none

  bool is_complete() const;
  std::vector<const ops::Datum*> given_pointers() const;
  std::vector<const ops::Datum*> reference_pointers() const;
};
OutputPairs pair_output(Verification& verification, const RunningSubject& subject,
                        std::span<const Answered> answers, std::size_t output, int perturbed_runs);

// The verdict on each output over some sets, judged together. What the judged graph's rounding does
// not explain of a file that another program wrote may be explained by the rounding of its own
// graph and of the constants that the program computed.
std::vector<OutputVerdict> judge_answers(Verification& verification, const RunningSubject& subject,
                                         std::span<const Answered> answers, int perturbed_runs);

}  // namespace ponte::verify
