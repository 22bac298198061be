// What a document warns of: beside its trials, and on the way to its results.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"

namespace ponte::report {

// Of one trial, in words.
std::vector<std::string> trial_warnings(const Json& trial);

// Each problem only in the first part that has it: reading a model to convert it finds what reading
// it to inspect it found. The analysis' own list keeps what no part has.
Json without_repeated_problems(Json analysis);

// All of them, each one once, in the order of the parts.
Json::array_t problems_of(const Json& analysis);

}  // namespace ponte::report
