// How many multiplications with addition one execution of a model needs.
#pragma once

#include <optional>

#include "ir/graph.h"

namespace ponte::jobs {

// Of the ops that multiply matrices: convolutions, matrix products, recurrent layers. None where
// the shapes do not decide it, where a loop or a branch does, or where an op is not known.
using OperationCount = std::optional<ir::Dim>;

OperationCount count_macs(const ir::Graph& graph);

}  // namespace ponte::jobs
