// What `ponte analyze` varies beside the defaults, as far as the time allows.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "lab/plan.h"

namespace ponte::jobs {

// By runtime: one thread and all of them, and each level of optimisation that is no default; one
// setting at a time.
std::map<std::string, std::vector<lab::Settings>> usual_variations();

// Drops trials that vary a setting, the least telling ones first, until the rest fits into the
// plan's budget; gives how many were dropped. Runs the baseline a few times for that: what an
// execution costs is rounded coarsely, so that the same command makes the same plan again. Throws
// Interrupted.
std::size_t fit_into_budget(lab::Plan& plan, const StopToken& stop);

}  // namespace ponte::jobs
