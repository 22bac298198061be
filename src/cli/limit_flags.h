// The flags that say what the workers of the runtimes may take.
#pragma once

#include "cli/arguments.h"
#include "runtimes/worker.h"

namespace ponte::cli {

extern const FlagGroup limit_flags;  // --timeout, --max-memory

runtimes::WorkerOptions worker_limits(const Arguments& arguments);

}  // namespace ponte::cli
