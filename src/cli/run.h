// One whole run of the program: command line in, exit code out.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/console.h"

namespace ponte::cli {

// `words` is the command line without the program's name.
int run(const std::vector<std::string>& words);

// Runs `work` and gives its exit code. What it throws becomes a message, with --json a document of
// `schema` that has the problem inside, and the exit code that belongs to it. A defect of ponte
// leaves a log that names `words`.
int guarded(Console& console, const std::string& schema, const std::vector<std::string>& words,
            const std::function<int()>& work);

}  // namespace ponte::cli
