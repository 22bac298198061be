// What `ponte bench` measures: each model in a form that each runtime takes, with inputs.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "jobs/bench.h"
#include "lab/plan.h"

namespace ponte::jobs {

struct BenchSubjects {
  std::vector<lab::Subject> subjects;
  std::string own_runtime;               // of the first model's format
  std::vector<std::string> assumptions;  // about inputs, one line each
  bool has_unreadable_model = false;     // `problems` has why
};

// Starts the worker of each runtime once, to ask it. Files that are made lie in `folder`. What is
// missing or refused becomes a subject with its reason, and a problem where it was named.
BenchSubjects make_subjects(const BenchOptions& options, const std::filesystem::path& folder,
                            Diagnostics& problems);

}  // namespace ponte::jobs
