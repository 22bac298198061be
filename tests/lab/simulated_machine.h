// Trials on a simulated machine and clock, without processes, and a recorder that keeps what it is
// told.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <vector>

#include "harness/noise_model.h"
#include "lab/executor.h"
#include "lab/recorder.h"

namespace ponte::lab {

class SimulatedExecutor final : public Executor {
 public:
  // `medians_ns` by trial; ids of trials are "t1", "t2", ...
  SimulatedExecutor(const harness::NoiseModel& model, std::vector<double> medians_ns,
                    std::uint64_t seed, std::uint64_t stream)
      : medians_ns_(std::move(medians_ns)), machine_(model, seed, stream) {}

  Outcome<std::unique_ptr<TrialProcess>> start(const Trial& trial) override {
    const auto index = static_cast<std::size_t>(std::stoul(trial.id.substr(1))) - 1;
    now_ += start_time;
    ++started;
    return std::unique_ptr<TrialProcess>(
        std::make_unique<Simulated>(*this, machine_.start_process(medians_ns_[index])));
  }
  std::uint64_t canary_ns() override { return 1'000'000; }
  Nanoseconds now() override { return now_; }

  Nanoseconds start_time{1'000'000};
  int started = 0;
  int running = 0;       // not stopped
  int most_running = 0;  // at the same time

 private:
  class Simulated final : public TrialProcess {
   public:
    Simulated(SimulatedExecutor& executor, harness::NoisyMachine::Process process)
        : executor_(executor), process_(process) {
      run(+1);
      executor_.machine_.start_block(process_);
    }
    ~Simulated() override {
      if (is_running_) run(-1);
    }
    int pid() const override { return 1; }
    Outcome<protocol::Loaded> load() override { return protocol::Loaded{.load_ns = 1'000'000}; }
    Outcome<protocol::Calibration> calibrate() override {
      return protocol::Calibration{.empty_call_ns = 30, .clock_step_ns = 1, .clock_cost_ns = 20};
    }
    Outcome<protocol::Measured> measure(const protocol::MeasureRequest& request) override {
      protocol::Measured measured;
      if (!has_run_) measured.first_ns = execute();
      has_run_ = true;
      std::uint64_t elapsed = 0;
      while (measured.duration_ns.size() < request.max_count &&
             (measured.duration_ns.size() < request.count || elapsed < request.min_ns)) {
        measured.start_ns.push_back(static_cast<std::uint64_t>(executor_.now_.count()));
        std::uint64_t duration = 0;
        for (std::uint64_t i = 0; i < request.batch; ++i) duration += execute();
        measured.duration_ns.push_back(duration);
        elapsed += duration;
      }
      measured.cpu_ns = elapsed;
      return measured;
    }
    Outcome<protocol::MemoryUse> memory() override {
      return protocol::MemoryUse{.peak_rss_bytes = 1 << 20, .private_bytes = 1 << 19};
    }
    Outcome<Done> stop() override {
      run(-1);
      return Done{};
    }
    void resume() override {
      run(+1);
      executor_.machine_.start_block(process_);
    }

   private:
    std::uint64_t execute() {
      const auto duration = static_cast<std::uint64_t>(executor_.machine_.execute(process_));
      executor_.now_ += Nanoseconds(static_cast<std::int64_t>(duration));
      return duration;
    }
    void run(int change) {
      is_running_ = change > 0;
      executor_.running += change;
      executor_.most_running = std::max(executor_.most_running, executor_.running);
    }

    SimulatedExecutor& executor_;
    harness::NoisyMachine::Process process_;
    bool has_run_ = false;
    bool is_running_ = false;
  };

  std::vector<double> medians_ns_;
  harness::NoisyMachine machine_;
  Nanoseconds now_{0};
};

// Keeps complete pairs whole; numbers of trials are their places in the plan.
class MemoryRecorder final : public Recorder {
 public:
  store::TrialId trial_id(std::size_t trial) const override {
    return store::TrialId{static_cast<std::int64_t>(trial)};
  }
  void set_trial_status(std::size_t trial, store::TrialStatus status,
                        std::string_view why) override {
    statuses[trial] = {status, std::string(why)};
  }
  void begin_pair(std::int64_t group, std::int64_t round) override {
    open_ = {.comparison = group, .round = round};
  }
  void add_process(std::size_t trial, int pid) override {
    open_.processes.push_back({.trial = trial_id(trial), .pid = pid});
  }
  void set_facts(std::size_t trial, const store::ProcessFacts& facts) override {
    process(trial).facts = facts;
  }
  void append_blocks(std::size_t trial, std::span<const store::Block> blocks) override {
    auto& all = process(trial).blocks;
    all.insert(all.end(), blocks.begin(), blocks.end());
  }
  void complete_pair() override {
    open_.complete = true;
    pairs.push_back(std::move(open_));
  }
  void drop_pair() override { ++dropped; }

  std::vector<store::ProcessPair> pairs;
  std::map<std::size_t, std::pair<store::TrialStatus, std::string>> statuses;
  int dropped = 0;

 private:
  store::Process& process(std::size_t trial) {
    return *std::ranges::find(open_.processes, trial_id(trial), &store::Process::trial);
  }

  store::ProcessPair open_;
};

// Trials "t1", "t2", ... of no model, the first being the baseline.
inline Plan simulated_plan(std::size_t trials, const Rules& rules = {}) {
  Plan plan{.rules = rules};
  plan.groups.emplace_back();
  for (std::size_t i = 0; i < trials; ++i) {
    plan.trials.push_back({.id = "t" + std::to_string(i + 1)});
    plan.groups[0].push_back(i);
  }
  return plan;
}

// What the store would hold.
inline store::RunRecord record_of(const Plan& plan, const MemoryRecorder& recorder) {
  store::RunRecord record;
  for (std::size_t i = 0; i < plan.trials.size(); ++i) {
    store::Trial trial;
    trial.id = recorder.trial_id(i);
    trial.ordinal = static_cast<std::int64_t>(i);
    if (const auto it = recorder.statuses.find(i); it != recorder.statuses.end()) {
      trial.status = it->second.first;
      trial.why = it->second.second;
    }
    record.trials.push_back(std::move(trial));
  }
  record.pairs = recorder.pairs;
  return record;
}

}  // namespace ponte::lab
