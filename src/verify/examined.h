// One subject of a verification: what it answered, and what was found out about it.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "verify/answers.h"
#include "verify/culprit.h"

namespace ponte::verify {

struct Examined {
  Examined(const VerifySubject& subject, const Verification& verification)
      : running(subject, verification.judged) {}

  RunningSubject running;
  std::vector<Answered> answers;                     // to the deciding sets
  std::optional<runtimes::WorkerFailure> failure{};  // of the first set that it gave no answer to
  std::vector<OutputVerdict> outputs{};
  LocalFindings findings{};
  bool differs = false;
  // Why what agrees proves nothing, by output: those that are not here prove what they say.
  std::map<std::string, std::string> undecided{};

  bool has_answered() const { return !failure && !answers.empty(); }
};

// Of a subject that was stopped before it was judged.
SubjectResult interrupted_row(const SubjectSpec& spec);

bool any_is(const std::vector<OutputVerdict>& outputs, Verdict verdict);

// Fills the result's rows, verdict, blame and excuses from what was found out.
void conclude(Verification& verification, std::vector<Examined>& all, int perturbed_runs);

}  // namespace ponte::verify
