#include "lab/worker_executor.h"

#include "base/paths.h"
#include "runtimes/protocol/canary.h"

namespace ponte::lab {
namespace {

using runtimes::Worker;

constexpr std::int64_t patience = 100;  // executions as long as the first one

protocol::LoadRequest load_request(const Trial& trial) {
  return {.model = absolute_path(trial.model.path).string(),
          .weights = trial.model.weights.empty() ? std::string()
                                                 : absolute_path(trial.model.weights).string(),
          .format = trial.model.format,
          .device = trial.device,
          .settings = trial.settings,
          .states = trial.model.states};
}

class WorkerProcess final : public TrialProcess {
 public:
  WorkerProcess(std::unique_ptr<Worker> worker, const Trial& trial,
                const runtimes::Timeouts& timeouts)
      : worker_(std::move(worker)), trial_(trial), timeouts_(timeouts) {}

  int pid() const override { return worker_->pid(); }

  Outcome<protocol::Loaded> load() override {
    auto loaded = worker_->load(load_request(trial_));
    if (!loaded) return loaded;
    std::vector<runtimes::HostTensor> inputs;
    if (trial_.model.inputs) inputs = *trial_.model.inputs;
    const auto done = worker_->set_inputs(0, std::move(inputs));
    if (!done) return done.failure();
    return loaded;
  }

  Outcome<protocol::Calibration> calibrate() override { return worker_->calibrate(); }

  Outcome<protocol::Measured> measure(const protocol::MeasureRequest& request) override {
    auto measured = worker_->measure(request);
    if (measured && measured->first_ns) shorten_timeout(*measured->first_ns);
    return measured;
  }

  Outcome<protocol::MemoryUse> memory() override { return worker_->memory(); }
  Outcome<Done> stop() override { return worker_->stop(); }
  void resume() override { worker_->resume(); }

 private:
  // A hang is noticed early once it is known how long an execution takes.
  void shorten_timeout(std::uint64_t first_ns) {
    constexpr Nanoseconds least = std::chrono::seconds(30);
    const auto most = static_cast<std::uint64_t>(timeouts_.run.count() / patience);
    runtimes::Timeouts shorter = timeouts_;
    if (first_ns < most) {
      const Nanoseconds wanted(static_cast<std::int64_t>(first_ns) * patience);
      shorter.run = std::min(timeouts_.run, std::max(least, wanted));
    }
    worker_->set_timeouts(shorter);
  }

  std::unique_ptr<Worker> worker_;
  const Trial& trial_;
  runtimes::Timeouts timeouts_;
};

}  // namespace

Outcome<std::unique_ptr<Worker>> start_worker(const Trial& trial,
                                              const runtimes::WorkerOptions& options) {
  auto worker = Worker::start(trial.runtime.command, options);
  if (!worker) return worker;
  if (const auto loaded = worker.value()->load(load_request(trial)); !loaded)
    return loaded.failure();
  return worker;
}

Outcome<std::unique_ptr<TrialProcess>> WorkerExecutor::start(const Trial& trial) {
  auto worker = Worker::start(trial.runtime.command, options_);
  if (!worker) return worker.failure();
  return std::unique_ptr<TrialProcess>(
      std::make_unique<WorkerProcess>(std::move(worker.value()), trial, options_.timeouts));
}

std::uint64_t WorkerExecutor::canary_ns() { return protocol::run_canary(); }

}  // namespace ponte::lab
