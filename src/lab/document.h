// Results as the bench document that scripts and reports read.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/json_fwd.h"
#include "lab/results.h"

namespace ponte::lab {

inline constexpr std::string_view scenario = "single-stream";

// What each trial's processes said: empty call, clock, settings in force. A session that started no
// process of a trial keeps what an earlier one wrote.
void add_notes(const Plan& plan, const std::vector<TrialNotes>& notes,
               const std::map<store::DocumentKind, std::string>& earlier, Json& environment);

// {schema: "ponte/bench/1", run, environment, trials, comparisons}
Json bench_document(const Results& results, const Plan& plan, Json environment);

}  // namespace ponte::lab
