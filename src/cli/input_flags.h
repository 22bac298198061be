// The flags about input values, for every command that runs a model.
#pragma once

#include "cli/arguments.h"
#include "jobs/input_options.h"

namespace ponte::cli {

extern const FlagGroup input_flags;

// Throws UsageError.
jobs::InputFiles input_files(const Arguments& arguments);

}  // namespace ponte::cli
