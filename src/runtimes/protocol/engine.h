// What a worker written in C++ implements: one runtime with at most one loaded model. serve() does
// the rest.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "runtimes/protocol/messages.h"

namespace ponte::protocol {

// The runtime said no; the worker answers with this and goes on.
class Refusal : public std::runtime_error {
 public:
  // `code` is one of the protocol's error codes, such as "invalid_model" or "runtime_error".
  Refusal(std::string code, const std::string& message)
      : std::runtime_error(message), code_(std::move(code)) {}
  const std::string& code() const { return code_; }

 private:
  std::string code_;
};

// Every function may throw Refusal.
class Engine {
 public:
  virtual ~Engine() = default;

  // Loads the runtime's library if it is not loaded yet.
  virtual Identity identity() = 0;
  virtual Description describe() = 0;

  // Replaces the model that was loaded before. `load_ns` is filled by the engine: the runtime's own
  // loading alone.
  virtual Loaded load(const LoadRequest& request) = 0;

  // Keeps the inputs under the number of a set, in the runtime's own form.
  virtual void set_inputs(std::uint64_t set, std::vector<HostTensor> inputs) = 0;
  // The set that execute() uses from now on.
  virtual void select(std::uint64_t set) = 0;

  // One execution: the only thing that stands between two looks at the clock.
  virtual void execute() = 0;
  // After each execution, outside the clock: releases outputs, feeds states back. Also after one
  // that failed; must not throw.
  virtual void after_execution() = 0;
  // Outputs and kept intermediates of the last execution; called between execute() and
  // after_execution().
  virtual std::vector<HostTensor> outputs() = 0;

  virtual Measured measure(const MeasureRequest& request);
  virtual Calibration calibrate();
  virtual std::uint64_t canary_ns();
  // Time per node over this many executions of a set.
  virtual Profile profile(std::uint64_t set, std::uint64_t executions);
  virtual MemoryUse memory();

  // Time of the first execution since load; none before it has taken place. serve() and measure()
  // fill it.
  std::optional<std::uint64_t> first_ns;
};

// execute() with its time.
std::uint64_t timed_execution(Engine& engine);

// A loop over execute() as `request` says; the first execution since load becomes `first_ns`.
Measured measure_executions(Engine& engine, const MeasureRequest& request);

// The same loop around an execution that does nothing.
Calibration calibrate_empty_call();

// Peak, resident and private memory and CPU time of this process.
MemoryUse own_memory();

}  // namespace ponte::protocol
