// The ops of a model that the judge can't evaluate.
#pragma once

#include "base/diagnostics.h"
#include "ir/graph.h"

namespace ponte::jobs {

// One problem for each such op, with the number of its nodes, in the order of the file.
Diagnostics unevaluable_ops(const ir::Graph& graph, const std::string& file, Severity severity);

}  // namespace ponte::jobs
