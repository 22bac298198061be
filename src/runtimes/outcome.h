// Outcome<T>: at the border to a worker process, failure is an ordinary answer.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "base/error.h"

namespace ponte::runtimes {

enum class FailureKind : std::uint8_t {
  Crashed,      // killed by a signal that ponte did not send
  Exited,       // left, or closed its connection
  TimedOut,     // still busy when its time was over; killed
  Protocol,     // what it sent is no answer; killed
  Refused,      // the runtime said no; the worker goes on
  OutOfMemory,  // it ran into its limit, or the machine's
};

// "crashed", "exited", "timed_out", "protocol", "refused", "out_of_memory": the words of JSON and
// the store.
std::string_view to_string(FailureKind kind);
Code code_of(FailureKind kind);

struct WorkerFailure {
  FailureKind kind = FailureKind::Exited;
  std::string
      phase{};  // the request it failed in: "spawn", "hello", "load", "set_inputs", "run", ...
  std::string message{};  // what happened, in one line; a refusal's is the runtime's own text
  std::string reason{};   // a refusal's code: "invalid_model", "unsupported", "runtime_error", ...
  int signal = 0;         // of a crash
  std::string output{};   // the last of what the process wrote to standard error; hostile text
};

// One line for a row of a result: "crashed in `run`: was killed by SIGSEGV (Segmentation fault)".
std::string describe(const WorkerFailure& failure);
Error to_error(const WorkerFailure& failure);

struct Done {};

template <typename T>
class [[nodiscard]] Outcome {
 public:
  Outcome(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Outcome(WorkerFailure failure) : state_(std::in_place_index<1>, std::move(failure)) {}

  explicit operator bool() const { return state_.index() == 0; }
  T& value() { return std::get<0>(state_); }
  const T& value() const { return std::get<0>(state_); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  const WorkerFailure& failure() const { return std::get<1>(state_); }

 private:
  std::variant<T, WorkerFailure> state_;
};

}  // namespace ponte::runtimes
