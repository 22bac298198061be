// How rows of the tables become records.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "store/database.h"
#include "store/records.h"

namespace ponte::store {

// The latest first.
std::vector<Run> read_runs(Database& database);

// Throws UnknownRun.
Run read_run(Database& database, RunId id);

// The latest run of the plan that no living process owns and that is not finished.
std::optional<Run> read_resumable_run(Database& database, std::string_view plan_key);

// Everything about a run. Throws UnknownRun.
RunRecord read_record(Database& database, RunId id);

}  // namespace ponte::store
