// Trials in worker processes.
#pragma once

#include "lab/executor.h"

namespace ponte::lab {

// A process of the trial's runtime with its model loaded, for other things than measuring.
Outcome<std::unique_ptr<runtimes::Worker>> start_worker(
    const Trial& trial, const runtimes::WorkerOptions& options = {});

class WorkerExecutor final : public Executor {
 public:
  explicit WorkerExecutor(runtimes::WorkerOptions options = {}) : options_(std::move(options)) {}

  Outcome<std::unique_ptr<TrialProcess>> start(const Trial& trial) override;
  std::uint64_t canary_ns() override;
  Nanoseconds now() override { return monotonic_raw_now(); }

 private:
  runtimes::WorkerOptions options_;
};

}  // namespace ponte::lab
