// Errors, warnings and notes as people read them.
#pragma once

#include <limits>
#include <string>

#include "base/diagnostics.h"
#include "base/terminal.h"

namespace ponte::cli {

inline constexpr std::size_t usual_problems = 50;
inline constexpr std::size_t all_problems = std::numeric_limits<std::size_t>::max();

// The problems of at least this severity, at most `limit` of them, for instance
//   error[PT2103]: tensor `w` needs 9,437,184 bytes, but the file has 1,204 left
//     --> model.onnx: graph.initializer[12], byte 88,120
//     help: it looks truncated; fetch it again
std::string problem_lines(const Diagnostics& problems, Severity least, std::size_t limit,
                          const Styles& styles);

}  // namespace ponte::cli
