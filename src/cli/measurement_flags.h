// The flags that say what is measured and until when: of bench and of analyze.
#pragma once

#include "cli/arguments.h"
#include "cli/progress_line.h"
#include "jobs/bench.h"

namespace ponte::cli {

// --runtime, --device, --threads, --set, --precision, --max-time, --budget, --quick, --seed,
// --strict.
extern const FlagGroup measurement_flags;

// What these flags and limit_flags say about the models, with the store and the command line to
// repeat it. `budget` is that of the command where no flag sets one.
jobs::BenchOptions measurement_options(const Arguments& arguments,
                                       const std::vector<std::string>& models,
                                       std::optional<Nanoseconds> budget);

// "9 trials, 8 comparisons, about 2 min; at least 3 process pairs each"
std::string plan_text(const lab::Plan& plan);
std::string progress_text(const lab::Progress& progress);

}  // namespace ponte::cli
