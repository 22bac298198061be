// Of several copies of a runtime the one that works.
#pragma once

#include "base/diagnostics.h"
#include "runtimes/discover.h"

namespace ponte::jobs {

// Where neither a version nor a path was asked for and there are several copies, the one found
// becomes the first that starts; a warning says which ones were passed over and why. Where none
// starts nothing changes.
void pass_over_broken(runtimes::Discovery& discovery, const runtimes::SearchPath& search,
                      Diagnostics& problems);

// How a copy that does not start is spoken of: "9.9.9 at `/path` does not work: ...".
std::string broken_text(const runtimes::Installation& installation,
                        const runtimes::WorkerFailure& failure);

}  // namespace ponte::jobs
