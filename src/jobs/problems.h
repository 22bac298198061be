// Problems as scripts see them, and what they mean for the exit code.
#pragma once

#include "base/diagnostics.h"
#include "base/json_fwd.h"

namespace ponte::jobs {

// An array of {severity, code, message, where: {file, node, op, byte}, help, count}.
Json problems_json(const Diagnostics& problems);

// Null for an empty text.
Json text_or_null(const std::string& text);

// That of the gravest error: a defect of ponte before an interrupt before the environment before a
// worker before the file before the command line; 0 without errors.
int exit_code(const Diagnostics& problems);

}  // namespace ponte::jobs
