// The seam between the procedure of a measurement and the processes that are measured: real
// workers, or a simulated machine in tests.
#pragma once

#include <memory>

#include "base/clock.h"
#include "lab/plan.h"
#include "runtimes/worker.h"

namespace ponte::lab {

using runtimes::Done;
using runtimes::Outcome;
using runtimes::WorkerFailure;

// One process of a trial. It is gone with the object.
class TrialProcess {
 public:
  virtual ~TrialProcess() = default;
  virtual int pid() const = 0;

  // The model and its inputs.
  virtual Outcome<protocol::Loaded> load() = 0;
  virtual Outcome<protocol::Calibration> calibrate() = 0;
  // The first call also reports the first execution, which is no sample.
  virtual Outcome<protocol::Measured> measure(const protocol::MeasureRequest& request) = 0;
  virtual Outcome<protocol::MemoryUse> memory() = 0;

  // Between the two it takes no processor time, and nothing else may be called.
  virtual Outcome<Done> stop() = 0;
  virtual void resume() = 0;
};

class Executor {
 public:
  virtual ~Executor() = default;
  virtual Outcome<std::unique_ptr<TrialProcess>> start(const Trial& trial) = 0;
  // The time of a fixed piece of work, done while every process stands still.
  virtual std::uint64_t canary_ns() = 0;
  virtual Nanoseconds now() = 0;
};

}  // namespace ponte::lab
