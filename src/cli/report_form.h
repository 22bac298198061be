// In which form a report is asked for: of analyze and of report.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/arguments.h"
#include "jobs/runs.h"

namespace ponte::cli {

// "html", "json", "markdown", "csv": what --to takes.
std::vector<std::string> form_names();

// What --to says, else what the name of --output says; none where neither is given. Throws
// UsageError for a name that says nothing.
std::optional<jobs::ReportForm> report_form(const Arguments& arguments);

}  // namespace ponte::cli
