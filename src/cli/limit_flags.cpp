#include "cli/limit_flags.h"

#include <algorithm>
#include <array>

#include "cli/quantities.h"

namespace ponte::cli {
namespace {

constexpr auto flags = std::to_array<Flag>({
    {.name = "--timeout",
     .takes = Takes::Text,
     .value = "30s",
     .help = "the longest time in which a runtime must answer",
     .details = "Once for loading a model, 10 minutes by default, and once for each execution, 5 "
                "minutes. A runtime that is still busy is ended, and its row says so."},
    {.name = "--max-memory",
     .takes = Takes::Text,
     .value = "16GB",
     .help = "the most memory that a runtime, or the judge, may hold",
     .details =
         "Looked at ten times a second. By default a runtime that is verified has no limit, one "
         "that is measured may have nine tenths of the machine's memory, or of the container's, "
         "and the judge's values may take 8 GiB."},
});

}  // namespace

constinit const FlagGroup limit_flags{"Limits", flags};

runtimes::WorkerOptions worker_limits(const Arguments& arguments) {
  runtimes::WorkerOptions worker;
  if (const auto text = arguments.text("--timeout")) {
    const Nanoseconds limit = parse_time("--timeout", *text);
    runtimes::Timeouts& timeouts = worker.timeouts;
    timeouts.load = timeouts.run = limit;
    // What takes no time on a machine that is not busy may have more, never less.
    timeouts.hello = std::max(timeouts.hello, limit);
    timeouts.other = std::max(timeouts.other, limit);
  }
  if (const auto text = arguments.text("--max-memory"))
    worker.memory_bytes = parse_size("--max-memory", *text);
  return worker;
}

}  // namespace ponte::cli
