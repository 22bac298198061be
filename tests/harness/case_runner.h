// Runs cases of ops: inference with all that is known and with less, evaluation in both
// arithmetics, the error scale.
#pragma once

#include "harness/case_file.h"

namespace ponte::harness {

// Reports what is wrong by GoogleTest.
void run_case(const OpCase& op_case);

}  // namespace ponte::harness
