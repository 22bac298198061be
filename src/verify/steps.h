// Recurrent models over several executions, each fed with the states of the one before. LAB.md,
// Judging 9.
#pragma once

#include "verify/answers.h"
#include "verify/states.h"

namespace ponte::verify {

// Four steps. Each is judged on the states that the subject itself handed over, so that the judge
// and the subject never drift apart: what a step adds is all that is judged.
void check_steps(Verification& verification, RunningSubject& subject, const States& states);

}  // namespace ponte::verify
