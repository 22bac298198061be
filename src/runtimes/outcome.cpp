#include "runtimes/outcome.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace ponte::runtimes {
namespace {

struct Row {
  FailureKind kind;
  std::string_view name;
  Code code;
};

constexpr auto rows = std::to_array<Row>({
    {FailureKind::Crashed, "crashed", Code::WorkerCrashed},
    {FailureKind::Exited, "exited", Code::WorkerExited},
    {FailureKind::TimedOut, "timed_out", Code::WorkerTimedOut},
    {FailureKind::Protocol, "protocol", Code::WorkerProtocol},
    {FailureKind::Refused, "refused", Code::WorkerRefused},
    {FailureKind::OutOfMemory, "out_of_memory", Code::WorkerOutOfMemory},
});

const Row& row_of(FailureKind kind) { return rows[static_cast<std::size_t>(kind)]; }

// Runtimes break their messages, and end them, with line feeds.
std::string in_one_line(std::string_view message) {
  std::string line;
  while (!message.empty()) {
    const auto end = std::min(message.find_first_of("\r\n"), message.size());
    const std::string_view part = message.substr(0, end);
    const auto first = part.find_first_not_of(" \t");
    if (first != std::string_view::npos) {
      if (!line.empty()) line += ' ';
      line += part.substr(first, part.find_last_not_of(" \t") + 1 - first);
    }
    message.remove_prefix(std::min(end + 1, message.size()));
  }
  return line;
}

}  // namespace

std::string_view to_string(FailureKind kind) { return row_of(kind).name; }
Code code_of(FailureKind kind) { return row_of(kind).code; }

std::string describe(const WorkerFailure& failure) {
  return fmt::format("{} in `{}`: {}", to_string(failure.kind), failure.phase,
                     in_one_line(failure.message));
}

Error to_error(const WorkerFailure& failure) {
  return Error(code_of(failure.kind), describe(failure));
}

}  // namespace ponte::runtimes
