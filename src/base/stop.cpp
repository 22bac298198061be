#include "base/stop.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <thread>

#include "base/descriptor.h"
#include "base/error.h"

namespace ponte {
namespace {

// What the handler touches: lock-free, and never destroyed.
std::atomic<int> signals_seen = 0;
std::atomic<int> wake_descriptor = -1;
static_assert(std::atomic<int>::is_always_lock_free);

void on_signal(int) {
  const int saved_errno = errno;
  if (signals_seen.fetch_add(1) > 0) ::_exit(130);
  const std::uint64_t one = 1;
  // It can't fill up: this is written once.
  [[maybe_unused]] const ssize_t written = ::write(wake_descriptor.load(), &one, sizeof(one));
  errno = saved_errno;
}

// request_stop runs callbacks, which is nothing for a signal handler: a thread does it.
void wait_for_signal(const std::stop_source& source) {
  std::uint64_t count = 0;
  while (::read(wake_descriptor.load(), &count, sizeof(count)) < 0 && errno == EINTR) {
  }
  source.request_stop();
}

std::stop_source start_watching() {
  std::stop_source source;
  const int descriptor = ::eventfd(0, EFD_CLOEXEC);
  if (descriptor < 0) throw_system_error(Code::SystemCallFailed, "eventfd", errno);
  wake_descriptor = descriptor;
  std::thread(wait_for_signal, source).detach();
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction before {};
    ::sigaction(signal, nullptr, &before);
    // Under nohup a run outlives its terminal.
    if (signal == SIGHUP && before.sa_handler == SIG_IGN) continue;
    if (::sigaction(signal, &action, nullptr) != 0) {
      throw_system_error(Code::SystemCallFailed, "sigaction", errno);
    }
  }
  return source;
}

}  // namespace

void throw_if_stopped(const StopToken& token) {
  if (token.stop_requested()) throw Error(Code::Interrupted, "stopped before the work was done");
}

StopToken install_interrupt_handler() {
  // Never destroyed: the thread outlives main.
  static const auto* const source = new std::stop_source(start_watching());
  return source->get_token();
}

}  // namespace ponte
