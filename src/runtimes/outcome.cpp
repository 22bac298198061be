#include "runtimes/outcome.h"

#include <fmt/format.h>

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

}  // namespace

std::string_view to_string(FailureKind kind) { return row_of(kind).name; }
Code code_of(FailureKind kind) { return row_of(kind).code; }

std::string describe(const WorkerFailure& failure) {
  return fmt::format("{} in `{}`: {}", to_string(failure.kind), failure.phase, failure.message);
}

Error to_error(const WorkerFailure& failure) {
  return Error(code_of(failure.kind), describe(failure));
}

}  // namespace ponte::runtimes
