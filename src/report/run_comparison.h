// Two stored runs side by side. They were measured at different times, so nothing is claimed about
// a difference that their own intervals explain.
#pragma once

#include <string>

#include "base/json_fwd.h"

namespace ponte::report {

// {schema: "ponte/comparison/1", runs: [a's, b's], facts: [{what, a, b}] that differ, trials:
// [{runtime, device, settings, a: {version, median_ns, ci_low_ns, ci_high_ns, steady,
// process_low_ns, process_high_ns}, b, ratio (time_b / time_a), verdict: "faster"|"slower"|"no
// difference seen"}], only_a: [names], only_b: [names]}.
// Trials are matched by runtime, device, settings, batch and scenario.
Json compare_runs(const Json& a, const Json& b);

// The same for a pull request.
std::string comparison_markdown(const Json& comparison);

}  // namespace ponte::report
