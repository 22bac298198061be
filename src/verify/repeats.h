// The same inputs again, and with other settings: does a subject give the same bits? LAB.md,
// Judging 9.
#pragma once

#include "verify/answers.h"

namespace ponte::verify {

// Runs a subject twice more on a set that it answered, and once for each of its variations. Other
// bits are reported; how far they may go is judged as for the first answer.
void check_repeats(Verification& verification, RunningSubject& subject, const Answered& first);

}  // namespace ponte::verify
