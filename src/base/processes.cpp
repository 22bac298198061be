#include "base/processes.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <ctime>
#include <fstream>

#include "base/check.h"
#include "base/error.h"
#include "base/process_start.h"

namespace ponte {
namespace {

Nanoseconds duration_of(const struct timeval& time) {
  return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
}

// The number of kilobytes behind `field` in /proc/PID/status (proc(5)).
std::optional<std::uint64_t> read_status_bytes(int pid, std::string_view field) {
  std::ifstream status(fmt::format("/proc/{}/status", pid));
  for (std::string line; std::getline(status, line);) {
    if (!line.starts_with(field)) continue;
    const std::size_t start = std::min(line.find_first_of("0123456789"), line.size());
    std::uint64_t kilobytes = 0;
    const auto [end, error] =
        std::from_chars(line.data() + start, line.data() + line.size(), kilobytes);
    return error == std::errc() ? std::optional(kilobytes * 1024) : std::nullopt;
  }
  return std::nullopt;
}

ExitStatus to_status(int wait_status) {
  if (WIFSIGNALED(wait_status)) return Signalled{WTERMSIG(wait_status)};
  return Exited{WEXITSTATUS(wait_status)};
}

}  // namespace

std::string describe(const ExitStatus& status) {
  if (const auto* exited = std::get_if<Exited>(&status))
    return fmt::format("exited with {}", exited->code);
  const int signal = std::get<Signalled>(status).signal;
  const char* name = ::sigabbrev_np(signal);
  if (name == nullptr) return fmt::format("was killed by signal {}", signal);
  return fmt::format("was killed by SIG{} ({})", name, ::sigdescr_np(signal));
}

Process::Process(const ProcessOptions& options) {
  StartedProcess started = start_process(options);
  pid_ = started.pid;
  pid_descriptor_ = std::move(started.pid_descriptor);
  try {
    output_ = std::make_unique<OutputTail>(std::move(started.output));
  } catch (...) {
    kill_group();
    throw;
  }
}

Process::Process(Process&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      pid_descriptor_(std::move(other.pid_descriptor_)),
      output_(std::move(other.output_)),
      status_(std::exchange(other.status_, std::nullopt)),
      final_cpu_time_(other.final_cpu_time_) {}

Process::~Process() {
  if (pid_ > 0) kill_group();
}

void Process::send_to_group(int signal) const {
  // After the reaping the number may belong to somebody else.
  if (!status_) ::kill(-pid_, signal);
}

// The first process has ended and still holds the group's number: whoever is left in the group goes
// with it.
ExitStatus Process::reap() {
  send_to_group(SIGKILL);
  int wait_status = 0;
  struct rusage usage {};
  pid_t reaped = -1;
  do {
    reaped = ::wait4(pid_, &wait_status, 0, &usage);
  } while (reaped < 0 && errno == EINTR);
  if (reaped != pid_) throw_system_error(Code::SystemCallFailed, "wait4", errno);
  final_cpu_time_ = duration_of(usage.ru_utime) + duration_of(usage.ru_stime);
  status_ = to_status(wait_status);
  return *status_;
}

std::optional<ExitStatus> Process::wait(Nanoseconds timeout) {
  PONTE_CHECK(pid_ > 0);
  if (status_) return status_;
  const Nanoseconds end =
      monotonic_raw_now() + std::clamp<Nanoseconds>(timeout, Nanoseconds(0), std::chrono::years(1));
  while (true) {
    const Nanoseconds left = std::max(end - monotonic_raw_now(), Nanoseconds(0));
    const auto seconds = std::chrono::floor<std::chrono::seconds>(left);
    struct timespec duration {};
    duration.tv_sec = static_cast<time_t>(seconds.count());
    duration.tv_nsec = static_cast<long>((left - seconds).count());
    pollfd waited{pid_descriptor_.get(), POLLIN, 0};
    const int ready = ::ppoll(&waited, 1, &duration, nullptr);
    if (ready > 0) return reap();
    if (ready < 0 && errno != EINTR) throw_system_error(Code::SystemCallFailed, "ppoll", errno);
    if (ready == 0 && monotonic_raw_now() >= end) return std::nullopt;
  }
}

ExitStatus Process::wait() {
  while (true) {
    if (const auto status = wait(std::chrono::hours(1))) return *status;
  }
}

bool Process::stop() {
  PONTE_CHECK(pid_ > 0);
  if (status_) return false;
  send_to_group(SIGSTOP);
  siginfo_t info{};
  int result = 0;
  do {
    result = ::waitid(P_PID, static_cast<id_t>(pid_), &info, WSTOPPED | WEXITED | WNOWAIT);
  } while (result != 0 && errno == EINTR);
  if (result != 0) throw_system_error(Code::SystemCallFailed, "waitid", errno);
  return info.si_code == CLD_STOPPED;
}

void Process::resume() {
  PONTE_CHECK(pid_ > 0);
  send_to_group(SIGCONT);
}

ExitStatus Process::kill_group() {
  PONTE_CHECK(pid_ > 0);
  if (status_) return *status_;
  send_to_group(SIGKILL);
  return reap();
}

std::optional<std::uint64_t> Process::peak_memory_bytes() const {
  if (pid_ <= 0 || status_) return std::nullopt;
  return read_status_bytes(pid_, "VmHWM:");
}

Nanoseconds Process::cpu_time() const {
  if (pid_ <= 0 || status_) return final_cpu_time_;
  clockid_t clock{};
  struct timespec time {};
  if (::clock_getcpuclockid(pid_, &clock) != 0 || ::clock_gettime(clock, &time) != 0)
    return final_cpu_time_;
  return std::chrono::seconds(time.tv_sec) + Nanoseconds(time.tv_nsec);
}

}  // namespace ponte
