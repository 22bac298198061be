// A stored run as the result of a command: of report and of runs.
#pragma once

#include "cli/invocation.h"
#include "jobs/runs.h"

namespace ponte::cli {

// On a terminal it begins with the number of the run and the models that it is about; the problems
// that it met are part of it. Gives the exit code.
int show_stored(Invocation& invocation, const jobs::StoredReport& stored);

}  // namespace ponte::cli
