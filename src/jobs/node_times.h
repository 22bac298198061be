// Where the time of one execution goes, as the runtimes themselves tell it.
#pragma once

#include "base/json_fwd.h"
#include "lab/plan.h"
#include "runtimes/worker.h"

namespace ponte::jobs {

// [{trial, node, op, provider, ns}] per execution, for the first trial of each runtime that was
// measured; none of a runtime that does not tell. `trials` are those of the bench document. Throws
// Interrupted.
Json node_times(const lab::Plan& plan, const Json& trials, const runtimes::WorkerOptions& workers);

}  // namespace ponte::jobs
