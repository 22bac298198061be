// A forked child for tests about several processes. Fork only while the test itself has no store
// open.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <concepts>
#include <cstdio>
#include <exception>

#include "base/error.h"

namespace ponte::store {

class Child {
 public:
  // Runs `body`, whose result is the exit code; 99 when it throws. `body` gets a descriptor that
  // the parent reads from.
  template <std::invocable<int> Body>
  explicit Child(Body body) {
    int ends[2];
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    pid_ = ::fork();
    EXPECT_GE(pid_, 0);
    if (pid_ == 0) {
      ::close(ends[0]);
      ::_exit(guarded(body, ends[1]));
    }
    ::close(ends[1]);
    reports_ = ends[0];
  }
  Child(Child&&) = delete;
  ~Child() {
    if (pid_ > 0) kill();
    ::close(reports_);
  }

  // The next byte that the child wrote; -1 once it has ended.
  int next_report() {
    unsigned char byte = 0;
    return ::read(reports_, &byte, 1) == 1 ? byte : -1;
  }

  void kill() {
    ::kill(pid_, SIGKILL);
    wait();
  }

  // The exit code; -1 after a signal.
  int wait() {
    int status = 0;
    EXPECT_EQ(::waitpid(pid_, &status, 0), pid_);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  int pid() const { return pid_; }

  static void report(int descriptor, int value) {
    const auto byte = static_cast<unsigned char>(value);
    if (::write(descriptor, &byte, 1) != 1) ::_exit(98);
  }

 private:
  template <typename Body>
  static int guarded(Body& body, int descriptor) {
    try {
      return body(descriptor);
    } catch (const Error& error) {
      std::fprintf(stderr, "child: %s: %s\n", to_string(error.code()).c_str(), error.what());
    } catch (const std::exception& error) {
      std::fprintf(stderr, "child: %s\n", error.what());
    }
    return 99;
  }

  int pid_ = -1;
  int reports_ = -1;
};

}  // namespace ponte::store
