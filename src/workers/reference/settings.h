// From the settings of a load request to the options of the evaluator.
#pragma once

#include <map>
#include <string>

#include "evaluate/evaluator.h"

namespace ponte::worker {

// Throws Refusal for a setting that is unknown or has no such value.
evaluate::Options evaluation_options(const std::map<std::string, std::string>& settings);

// All settings as they are, defaults included.
std::map<std::string, std::string> settings_in_force(
    const std::map<std::string, std::string>& settings);

}  // namespace ponte::worker
