// Which local function calls which.
#pragma once

#include "base/diagnostics.h"
#include "ir/graph.h"

namespace ponte::ir {

// Adds an InvalidGraph for two functions of one name, and for functions that call themselves, also
// through others.
void check_function_calls(const Model& model, Diagnostics& problems);

}  // namespace ponte::ir
