#include "base/stop.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "base/clock.h"
#include "expect_error.h"

namespace ponte {
namespace {

using namespace std::chrono_literals;

TEST(Stop, NothingIsThrownBeforeAStopIsRequested) {
  std::stop_source source;
  throw_if_stopped(source.get_token());
  throw_if_stopped(StopToken());
  source.request_stop();
  test::expect_error(Code::Interrupted, [&] { throw_if_stopped(source.get_token()); });
}

// Runs in a process of its own, because handlers stay for good. 0: the token was stopped; 1: it was
// not.
int stopped_by(int signal) {
  const StopToken token = install_interrupt_handler();
  if (install_interrupt_handler() != token || token.stop_requested()) return 2;
  ::raise(signal);
  RealClock clock;
  for (int i = 0; i < 5000 && !token.stop_requested(); ++i) clock.sleep_until(clock.now() + 1ms);
  return token.stop_requested() ? 0 : 1;
}

TEST(StopDeathTest, TheFirstSignalRequestsAStop) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(::_exit(stopped_by(SIGINT)), ::testing::ExitedWithCode(0), "");
  EXPECT_EXIT(::_exit(stopped_by(SIGTERM)), ::testing::ExitedWithCode(0), "");
  EXPECT_EXIT(
      {
        ::signal(SIGHUP, SIG_DFL);
        ::_exit(stopped_by(SIGHUP));
      },
      ::testing::ExitedWithCode(0), "");
}

TEST(StopDeathTest, UnderNohupTheTerminalMayGo) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(
      {
        ::signal(SIGHUP, SIG_IGN);
        install_interrupt_handler();
        ::raise(SIGHUP);
        ::_exit(stopped_by(SIGINT));
      },
      ::testing::ExitedWithCode(0), "");
}

TEST(StopDeathTest, TheSecondSignalEndsTheProcess) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(
      {
        stopped_by(SIGINT);
        ::raise(SIGTERM);
        ::_exit(0);
      },
      ::testing::ExitedWithCode(130), "");
}

}  // namespace
}  // namespace ponte
