#include "base/process_start.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>

#include "base/check.h"
#include "base/environment.h"
#include "base/error.h"

namespace ponte {
namespace {

// Everything that the child needs, allocated before fork: after it only async-signal-safe functions
// may run.
struct Prepared {
  std::string program;
  std::vector<char*> arguments;
  std::vector<char*> environment;
  std::vector<InheritedDescriptor>
      descriptors;  // `from` becomes a copy above every `to` in the child
  std::string working_folder;
  std::optional<rlim_t> address_space;
  int failure;
  int first_free_number;
  pid_t parent;
};

// What the child sends when a step fails.
struct Failure {
  std::array<char, 24> step;
  int error;
};

[[noreturn]] void report(int descriptor, const char* step) {
  Failure failure{{}, errno};
  for (std::size_t i = 0; step[i] != '\0' && i + 1 < failure.step.size(); ++i)
    failure.step[i] = step[i];
  [[maybe_unused]] const ssize_t written = ::write(descriptor, &failure, sizeof(failure));
  ::_exit(127);
}

void reset_signals() {
  struct sigaction action {};
  action.sa_handler = SIG_DFL;
  sigemptyset(&action.sa_mask);
  for (int signal = 1; signal < NSIG; ++signal) ::sigaction(signal, &action, nullptr);
  ::sigprocmask(SIG_SETMASK, &action.sa_mask, nullptr);
}

// First everything moves out of the way, then into place: targets and sources may be the same
// numbers.
void map_descriptors(Prepared& child) {
  const auto move_up = [&](int& number) {
    const int moved = ::fcntl(number, F_DUPFD_CLOEXEC, child.first_free_number);
    if (moved < 0) report(child.failure, "fcntl");
    number = moved;
  };
  move_up(child.failure);
  for (InheritedDescriptor& descriptor : child.descriptors) move_up(descriptor.from);
  if (::syscall(SYS_close_range, 3u, ~0u, CLOSE_RANGE_CLOEXEC) != 0)
    report(child.failure, "close_range");
  for (const InheritedDescriptor& descriptor : child.descriptors) {
    if (::dup2(descriptor.from, descriptor.to) < 0) report(child.failure, "dup2");
  }
}

void set_limit(const Prepared& child, __rlimit_resource resource, rlim_t value) {
  struct rlimit limit {};
  if (::getrlimit(resource, &limit) != 0) report(child.failure, "getrlimit");
  limit.rlim_max = std::min(limit.rlim_max, value);
  limit.rlim_cur = limit.rlim_max;
  if (::setrlimit(resource, &limit) != 0) report(child.failure, "setrlimit");
}

[[noreturn]] void run_child(Prepared& child) {
  if (::setpgid(0, 0) != 0) report(child.failure, "setpgid");
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) report(child.failure, "prctl");
  if (::getppid() != child.parent) ::_exit(127);  // the parent ended before prctl could see it
  map_descriptors(child);
  if (!child.working_folder.empty() && ::chdir(child.working_folder.c_str()) != 0)
    report(child.failure, "chdir");
  set_limit(child, RLIMIT_CORE, 0);
  if (child.address_space) set_limit(child, RLIMIT_AS, *child.address_space);
  reset_signals();
  ::execve(child.program.c_str(), child.arguments.data(), child.environment.data());
  report(child.failure, "execve");
}

std::vector<std::string> changed_environment(const ProcessOptions& options) {
  const auto is_changed = [&](std::string_view entry) {
    const std::string_view name = entry.substr(0, entry.find('='));
    return std::ranges::any_of(options.environment,
                               [&](const auto& change) { return change.first == name; });
  };
  std::vector<std::string> entries;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    if (!is_changed(*entry)) entries.emplace_back(*entry);
  }
  for (const auto& [name, value] : options.environment) {
    if (value) entries.push_back(name + "=" + *value);
  }
  return entries;
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (std::string& string : strings) pointers.push_back(string.data());
  pointers.push_back(nullptr);
  return pointers;
}

struct PipeEnds {
  Descriptor read;
  Descriptor write;
};

PipeEnds make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    throw_system_error(Code::CannotStartProcess, "pipe", errno);
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

// No signal may run one of the parent's handlers in the child.
class BlockedSignals {
 public:
  BlockedSignals() {
    sigset_t all;
    sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &previous_);
  }
  ~BlockedSignals() { ::pthread_sigmask(SIG_SETMASK, &previous_, nullptr); }
  BlockedSignals(const BlockedSignals&) = delete;
  BlockedSignals& operator=(const BlockedSignals&) = delete;

 private:
  sigset_t previous_{};
};

pid_t fork_child(Prepared& child) {
  const BlockedSignals blocked;
  const pid_t pid = ::fork();
  if (pid == 0) run_child(child);
  return pid;
}

void kill_and_reap(pid_t pid) {
  ::kill(pid, SIGKILL);
  while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
}

// Blocks until exec has closed the pipe, or a step has failed.
std::optional<Failure> read_failure(int descriptor) {
  Failure failure{};
  ssize_t count = 0;
  do {
    count = ::read(descriptor, &failure, sizeof(failure));
  } while (count < 0 && errno == EINTR);
  if (count != static_cast<ssize_t>(sizeof(failure))) return std::nullopt;
  failure.step.back() = '\0';
  return failure;
}

// The changes behind the defaults, so that a mapping onto 0, 1 or 2 wins.
std::vector<InheritedDescriptor> all_descriptors(const ProcessOptions& options, int null_device,
                                                 int output) {
  std::vector<InheritedDescriptor> all = {
      {null_device, STDIN_FILENO}, {output, STDOUT_FILENO}, {output, STDERR_FILENO}};
  all.insert(all.end(), options.descriptors.begin(), options.descriptors.end());
  return all;
}

}  // namespace

StartedProcess start_process(const ProcessOptions& options) {
  PONTE_CHECK(!options.arguments.empty());
  const std::string& name = options.arguments.front();
  const auto program = find_program(name);
  if (!program)
    throw Error(Code::CannotStartProcess, fmt::format("there is no program `{}`", name));

  std::vector<std::string> arguments = options.arguments;
  std::vector<std::string> environment = changed_environment(options);
  PipeEnds output = make_pipe();
  PipeEnds failure = make_pipe();
  const Descriptor null_device(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (!null_device) throw_system_error(Code::CannotStartProcess, "open `/dev/null`", errno);

  Prepared child{.program = program->native(),
                 .arguments = pointers(arguments),
                 .environment = pointers(environment),
                 .descriptors = all_descriptors(options, null_device.get(), output.write.get()),
                 .working_folder = options.working_folder ? options.working_folder->native() : "",
                 .address_space = options.address_space_bytes,
                 .failure = failure.write.get(),
                 .first_free_number = 3,
                 .parent = ::getpid()};
  for (const auto& descriptor : child.descriptors) {
    child.first_free_number = std::max(child.first_free_number, descriptor.to + 1);
  }

  const pid_t pid = fork_child(child);
  if (pid < 0)
    throw_system_error(Code::CannotStartProcess, fmt::format("fork for `{}`", name), errno);
  failure.write.reset();
  if (const auto failed = read_failure(failure.read.get())) {
    kill_and_reap(pid);
    throw_system_error(Code::CannotStartProcess,
                       fmt::format("cannot start `{}`: {}", name, failed->step.data()),
                       failed->error);
  }
  Descriptor pid_descriptor(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0u)));
  if (!pid_descriptor) {
    const int error = errno;
    kill_and_reap(pid);
    throw_system_error(Code::CannotStartProcess, "pidfd_open", error);
  }
  return {pid, std::move(pid_descriptor), std::move(output.read)};
}

}  // namespace ponte
