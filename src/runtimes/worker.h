// The coordinator's side of a worker process: starts it, asks it, watches it. Nothing that a worker
// does ends ponte.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/json_fwd.h"
#include "base/processes.h"
#include "base/stop.h"
#include "runtimes/outcome.h"
#include "runtimes/protocol/channel.h"
#include "runtimes/protocol/messages.h"

namespace ponte::runtimes {

using protocol::Calibration;
using protocol::Description;
using protocol::HostTensor;
using protocol::Identity;
using protocol::Loaded;
using protocol::LoadRequest;
using protocol::Measured;
using protocol::MeasureRequest;
using protocol::MemoryUse;
using protocol::Profile;
using protocol::RunResult;

// How a worker is started; adapters make it for an installation.
struct WorkerCommand {
  std::vector<std::string> arguments{};  // the program first
  std::vector<std::pair<std::string, std::optional<std::string>>> environment{};
};

struct Timeouts {
  Nanoseconds hello = std::chrono::seconds(60);  // loading the runtime's library included
  Nanoseconds load = std::chrono::minutes(10);
  Nanoseconds run = std::chrono::minutes(5);  // also measure (beside its min_ns) and profile
  Nanoseconds other = std::chrono::seconds(60);
};

struct WorkerOptions {
  Timeouts timeouts{};
  // Resident memory at which the worker is killed, looked at every 100 ms while it works.
  std::optional<std::uint64_t> memory_bytes{};
  // RLIMIT_AS: exact, and not for runtimes that reserve address space, as CUDA does.
  std::optional<std::uint64_t> address_space_bytes{};
  std::optional<std::filesystem::path> working_folder{};
  protocol::Limits limits{};
  // Looked at every 100 ms while the worker works: a stop kills it, and the call throws
  // Interrupted.
  StopToken stop{};
};

// Not for use from two threads at once; different workers may be used from different threads. The
// kernel kills the process when the thread that called start() ends. The destructor kills it too.
class Worker {
 public:
  // Starts the process and says hello.
  static Outcome<std::unique_ptr<Worker>> start(const WorkerCommand& command,
                                                const WorkerOptions& options = {});
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // After any failure but a refusal the process is gone, and every later call answers with the same
  // failure.
  Outcome<Done> ping();
  Outcome<Description> describe();
  Outcome<Loaded> load(const LoadRequest& request);
  Outcome<Done> set_inputs(std::uint64_t set, std::vector<HostTensor> inputs);
  Outcome<RunResult> run(std::uint64_t set = 0);
  Outcome<Measured> measure(const MeasureRequest& request);
  Outcome<Calibration> calibrate();
  Outcome<std::uint64_t> canary_ns();
  Outcome<Profile> profile(std::uint64_t set, std::uint64_t executions);
  Outcome<MemoryUse> memory();
  // Asks it to leave, and waits until it has.
  Outcome<Done> bye();

  // Stops the whole process group; returns when it stands still. No other call is allowed before
  // resume().
  Outcome<Done> stop();
  void resume();
  void kill();

  const Identity& identity() const { return identity_; }
  Nanoseconds start_time() const { return start_time_; }  // from spawn to the answer to hello
  int pid() const { return process_.pid(); }
  bool is_stopped() const { return stopped_; }
  const std::optional<WorkerFailure>& failure() const { return failure_; }
  std::string output() { return process_.output(); }
  Process& process() { return process_; }
  void set_timeouts(const Timeouts& timeouts) { options_.timeouts = timeouts; }

 private:
  Worker(Process process, protocol::Channel channel, WorkerOptions options);

  // Sends the request and gives its reply to `read`, which may throw WorkerProtocol.
  template <typename Read>
  auto call(std::string_view type, Json fields, std::vector<HostTensor> tensors,
            Nanoseconds timeout, Read read)
      -> Outcome<decltype(read(std::declval<protocol::Message&>()))>;
  protocol::Message exchange(std::string_view type, Json fields, std::vector<HostTensor> tensors,
                             Nanoseconds timeout);
  void wait_for_reply(protocol::Deadline deadline);
  void check_memory();
  WorkerFailure fail(std::string_view phase, Nanoseconds timeout, const Error& error);
  WorkerFailure fail_by_end(std::string_view phase, const Error& error);
  WorkerFailure keep(WorkerFailure failure);

  Process process_;
  protocol::Channel channel_;
  WorkerOptions options_;
  Identity identity_;
  Nanoseconds start_time_{0};
  std::uint64_t last_id_ = 0;
  std::uint64_t machine_kills_at_start_ = 0;
  bool stopped_ = false;
  std::optional<WorkerFailure> failure_;
};

}  // namespace ponte::runtimes
