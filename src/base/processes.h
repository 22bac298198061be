// Child processes that leave nothing behind: no zombie, no descriptor, no grandchild.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/descriptor.h"
#include "base/output_tail.h"

namespace ponte {

struct Exited {
  int code;
  bool operator==(const Exited&) const = default;
};

struct Signalled {
  int signal;
  bool operator==(const Signalled&) const = default;
};

using ExitStatus = std::variant<Exited, Signalled>;

// "exited with 3", "was killed by SIGSEGV (Segmentation fault)".
std::string describe(const ExitStatus& status);

// The child sees the parent's descriptor `from` under the number `to`.
struct InheritedDescriptor {
  int from;
  int to;
};

struct ProcessOptions {
  // The program and its arguments. A program without a slash is looked up in PATH.
  std::vector<std::string> arguments;
  // Changes to the parent's environment: a value sets a variable, none removes it.
  std::vector<std::pair<std::string, std::optional<std::string>>> environment;
  // All others are closed. Standard input is empty, standard output and error are captured unless
  // they stand here.
  std::vector<InheritedDescriptor> descriptors;
  std::optional<std::filesystem::path> working_folder;
  std::optional<std::uint64_t> address_space_bytes;  // RLIMIT_AS
};

// A running program in a process group of its own, which the kernel kills when the thread that
// started it ends: start it from a thread that outlives it. It never dumps core. The destructor
// kills the whole group. Not for use from two threads at once.
class Process {
 public:
  // Returns when the program runs. Throws CannotStartProcess.
  explicit Process(const ProcessOptions& options);
  ~Process();
  Process(Process&&) noexcept;
  Process& operator=(Process&&) = delete;

  int pid() const { return pid_; }
  // Readable once the process has ended: for poll.
  int pid_descriptor() const { return pid_descriptor_.get(); }

  // How it ended; none while it runs after `timeout`. With the first process of the group the whole
  // group ends.
  std::optional<ExitStatus> wait(Nanoseconds timeout);
  ExitStatus wait();
  bool is_running() { return !wait(Nanoseconds(0)); }

  // Stops the group and returns when its first process has stopped; false when that has ended.
  bool stop();
  void resume();

  // SIGKILL for the whole group, stopped or not; then waits for its first process.
  ExitStatus kill_group();

  // The largest resident set so far (VmHWM); none after the end.
  std::optional<std::uint64_t> peak_memory_bytes() const;
  // Of all threads so far; after the end the total, including what its own children used.
  Nanoseconds cpu_time() const;

  // The last 64 KiB of what went to standard output and error.
  std::string output() { return output_ ? output_->text() : std::string(); }
  std::uint64_t output_bytes() { return output_ ? output_->total_bytes() : 0; }

 private:
  void send_to_group(int signal) const;
  ExitStatus reap();

  int pid_ = -1;
  Descriptor pid_descriptor_;
  std::unique_ptr<OutputTail> output_;
  std::optional<ExitStatus> status_;
  Nanoseconds final_cpu_time_{0};
};

}  // namespace ponte
