#include "base/processes.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <fstream>
#include <thread>

#include "expect_error.h"
#include "temporary_folder.h"

namespace ponte {
namespace {

using namespace std::chrono_literals;
using test::expect_error;
using test::TemporaryFolder;
namespace fs = std::filesystem;

ProcessOptions shell(std::string script) {
  ProcessOptions options;
  options.arguments = {"/bin/sh", "-c", std::move(script)};
  return options;
}

std::string output_of(const ProcessOptions& options) {
  Process process(options);
  EXPECT_EQ(process.wait(), ExitStatus(Exited{0}));
  return process.output();
}

std::size_t open_descriptors() {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator()));
}

// The state letter of proc(5), or nothing where there is no such process.
std::string state_of(int pid) {
  std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  std::getline(stat, line);
  const std::size_t end = line.rfind(')');
  return end == std::string::npos ? "" : line.substr(end + 2, 1);
}

// Whether `condition` comes true within ten seconds.
template <typename Condition>
bool becomes_true(Condition condition) {
  const Nanoseconds end = monotonic_raw_now() + 10s;
  while (!condition()) {
    if (monotonic_raw_now() > end) return false;
    std::this_thread::sleep_for(2ms);
  }
  return true;
}

TEST(Process, TheExitStatusIsReported) {
  Process process(shell("exit 3"));
  EXPECT_EQ(process.wait(), ExitStatus(Exited{3}));
  EXPECT_EQ(process.wait(0ns), ExitStatus(Exited{3}));
  EXPECT_FALSE(process.is_running());
  EXPECT_EQ(describe(process.wait()), "exited with 3");
}

TEST(Process, ASignalIsReported) {
  Process process(shell("kill -SEGV $$"));
  EXPECT_EQ(process.wait(), ExitStatus(Signalled{SIGSEGV}));
  EXPECT_EQ(describe(process.wait()), "was killed by SIGSEGV (Segmentation fault)");
}

TEST(Process, ArgumentsArriveAsTheyAre) {
  ProcessOptions options;
  options.arguments = {"printf", "%s|", "a b", "", "$HOME", "\"'"};
  EXPECT_EQ(output_of(options), "a b||$HOME|\"'|");
}

TEST(Process, WhatCannotBeStartedIsAnError) {
  const TemporaryFolder folder;
  ProcessOptions options;
  options.arguments = {"no-such-program-anywhere"};
  expect_error(Code::CannotStartProcess, [&] { Process process(options); });
  options.arguments = {folder.path().native()};
  expect_error(Code::CannotStartProcess, [&] { Process process(options); });
  const auto garbage = folder.write("garbage",
                                    "\x7f"
                                    "ELF nonsense");
  fs::permissions(garbage, fs::perms::owner_all);
  options.arguments = {garbage.native()};
  const auto error = test::error_of([&] { Process process(options); });
  ASSERT_TRUE(error);
  EXPECT_NE(std::string(error->what()).find("execve: Exec format error"), std::string::npos)
      << error->what();
  options = shell("true");
  options.working_folder = folder / "absent";
  expect_error(Code::CannotStartProcess, [&] { Process process(options); });
}

TEST(Process, EnvironmentChangesReachTheChildOnly) {
  ::setenv("PONTE_TEST_REMOVED", "old", 1);
  ::setenv("PONTE_TEST_CHANGED", "old", 1);
  ProcessOptions options =
      shell("echo ${PONTE_TEST_REMOVED-none} $PONTE_TEST_CHANGED \"$PONTE_TEST_ADDED\"");
  options.environment = {{"PONTE_TEST_REMOVED", std::nullopt},
                         {"PONTE_TEST_CHANGED", "new"},
                         {"PONTE_TEST_ADDED", "a b"}};
  EXPECT_EQ(output_of(options), "none new a b\n");
  EXPECT_STREQ(::getenv("PONTE_TEST_CHANGED"), "old");
  ::unsetenv("PONTE_TEST_REMOVED");
  ::unsetenv("PONTE_TEST_CHANGED");
}

TEST(Process, TheWorkingFolderIsTheOneAskedFor) {
  const TemporaryFolder folder;
  ProcessOptions options = shell("pwd -P");
  options.working_folder = folder.path();
  EXPECT_EQ(output_of(options), fs::canonical(folder.path()).native() + "\n");
}

TEST(Process, StandardInputIsEmpty) { EXPECT_EQ(output_of(shell("cat; echo end")), "end\n"); }

TEST(Process, OnlyMappedDescriptorsReachTheChild) {
  // On purpose without O_CLOEXEC.
  const Descriptor leaky(::open("/dev/zero", O_RDONLY));
  ASSERT_TRUE(leaky);
  // ls itself opens the folder that it lists, with the lowest free number.
  EXPECT_EQ(output_of(shell("exec ls /proc/self/fd")), "0\n1\n2\n3\n");
  ProcessOptions options = shell("exec ls /proc/self/fd");
  options.descriptors = {{leaky.get(), 9}};
  EXPECT_EQ(output_of(options), "0\n1\n2\n3\n9\n");
}

TEST(Process, DescriptorsCanBeMappedOntoEachOther) {
  const TemporaryFolder folder;
  const Descriptor a(::open(folder.write("a", "A").c_str(), O_RDONLY | O_CLOEXEC));
  const Descriptor b(::open(folder.write("b", "B").c_str(), O_RDONLY | O_CLOEXEC));
  ProcessOptions options = shell("eval \"cat <&$FIRST\"; eval \"cat <&$SECOND\"");
  options.descriptors = {{a.get(), b.get()}, {b.get(), a.get()}};
  options.environment = {{"FIRST", std::to_string(b.get())}, {"SECOND", std::to_string(a.get())}};
  ASSERT_LT(std::max(a.get(), b.get()), 10) << "the shell reads one digit";
  EXPECT_EQ(output_of(options), "AB");
}

TEST(Process, StandardOutputCanBeMappedAway) {
  const TemporaryFolder folder;
  const Descriptor file(::open((folder / "out").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  ProcessOptions options = shell("echo to the file; echo to the tail >&2");
  options.descriptors = {{file.get(), STDOUT_FILENO}};
  EXPECT_EQ(output_of(options), "to the tail\n");
  EXPECT_EQ(test::text_of(folder / "out"), "to the file\n");
}

TEST(Process, MuchOutputNeverBlocksTheChildAndItsEndIsKept) {
  Process process(
      shell("i=0; while [ $i -lt 40 ]; do printf '%010000d' $i; i=$((i+1)); done; echo; echo the "
            "end >&2"));
  EXPECT_EQ(process.wait(30s), ExitStatus(Exited{0}));
  const std::string tail = process.output();
  EXPECT_EQ(tail.size(), OutputTail::limit);
  EXPECT_TRUE(tail.ends_with("39\nthe end\n"));
  EXPECT_EQ(process.output_bytes(), 400'000u + 9);
}

TEST(Process, WaitingEndsAfterTheTimeout) {
  Process process(shell("exec sleep 1000"));
  EXPECT_EQ(process.wait(10ms), std::nullopt);
  EXPECT_TRUE(process.is_running());
  EXPECT_EQ(process.kill_group(), ExitStatus(Signalled{SIGKILL}));
}

TEST(Process, TheDescriptorIsReadableAfterTheEnd) {
  Process process(shell("exit 0"));
  pollfd waited{process.pid_descriptor(), POLLIN, 0};
  EXPECT_EQ(::poll(&waited, 1, 10'000), 1);
}

TEST(Process, AStoppedProcessDoesNothingUntilItIsResumed) {
  Process process(shell("while :; do :; done"));
  for (int round = 0; round < 3; ++round) {
    ASSERT_TRUE(process.stop());
    EXPECT_EQ(state_of(process.pid()), "T");
    ASSERT_TRUE(process.stop());  // it is stopped already
    const Nanoseconds before = process.cpu_time();
    EXPECT_EQ(process.wait(20ms), std::nullopt);
    EXPECT_EQ(process.cpu_time(), before);
    process.resume();
    EXPECT_TRUE(becomes_true([&] { return process.cpu_time() > before; }));
  }
  ASSERT_TRUE(process.stop());
  EXPECT_EQ(process.kill_group(), ExitStatus(Signalled{SIGKILL}));
  EXPECT_FALSE(process.stop());
}

TEST(Process, StoppingAProcessThatHasEndedSaysSo) {
  Process process(shell("exit 4"));
  pollfd waited{process.pid_descriptor(), POLLIN, 0};
  ASSERT_EQ(::poll(&waited, 1, 10'000), 1);
  EXPECT_FALSE(process.stop());
  EXPECT_EQ(process.wait(), ExitStatus(Exited{4}));
}

// The number that the shell prints for a process in its background.
int printed_pid(Process& process) {
  EXPECT_TRUE(becomes_true([&] { return process.output().ends_with('\n'); }));
  return std::stoi(process.output());
}

TEST(Process, KillingTakesTheWholeGroup) {
  Process process(shell("sleep 1000 & echo $!; wait"));
  const int grandchild = printed_pid(process);
  ASSERT_FALSE(state_of(grandchild).empty());
  process.kill_group();
  EXPECT_TRUE(
      becomes_true([&] { return state_of(grandchild).empty() || state_of(grandchild) == "Z"; }));
}

TEST(Process, TheGroupEndsWithItsFirstProcess) {
  Process process(shell("sleep 1000 & echo $!"));
  EXPECT_EQ(process.wait(), ExitStatus(Exited{0}));
  const int grandchild = printed_pid(process);
  EXPECT_TRUE(
      becomes_true([&] { return state_of(grandchild).empty() || state_of(grandchild) == "Z"; }));
}

TEST(Process, TheDestructorLeavesNoZombieAndNoDescriptor) {
  const std::size_t before = open_descriptors();
  int pid = 0;
  {
    Process process(shell("exec sleep 1000"));
    pid = process.pid();
    EXPECT_GT(open_descriptors(), before);
  }
  EXPECT_EQ(state_of(pid), "");
  EXPECT_EQ(::waitpid(pid, nullptr, WNOHANG), -1);
  EXPECT_EQ(open_descriptors(), before);
  ProcessOptions absent;
  absent.arguments = {"no-such-program-anywhere"};
  expect_error(Code::CannotStartProcess, [&] { Process process(absent); });
  ProcessOptions unstartable = shell("true");
  unstartable.working_folder = "/nonexistent";
  expect_error(Code::CannotStartProcess, [&] { Process process(unstartable); });
  EXPECT_EQ(open_descriptors(), before);
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
}

TEST(Process, TheGroupIsItsOwn) {
  Process process(shell("exec sleep 1000"));
  EXPECT_EQ(::getpgid(process.pid()), process.pid());
}

TEST(Process, TheChildDiesWithTheThreadThatStartedIt) {
  std::optional<Process> process;
  std::thread([&] { process.emplace(shell("exec sleep 1000")); }).join();
  EXPECT_EQ(process->wait(10s), ExitStatus(Signalled{SIGKILL}));
}

TEST(Process, ItDumpsNoCoreAndItsAddressSpaceIsLimited) {
  ProcessOptions options = shell("ulimit -c; ulimit -v");
  options.address_space_bytes = std::uint64_t{1} << 30;
  EXPECT_EQ(output_of(options), "0\n1048576\n");
}

TEST(Process, SignalsArriveWithTheirDefaultMeaning) {
  sigset_t blocked;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGUSR1);
  ::sigprocmask(SIG_BLOCK, &blocked, nullptr);
  const auto before = std::signal(SIGUSR1, SIG_IGN);
  Process process(shell("kill -USR1 $$; exit 0"));
  EXPECT_EQ(process.wait(), ExitStatus(Signalled{SIGUSR1}));
  std::signal(SIGUSR1, before);
  ::sigprocmask(SIG_UNBLOCK, &blocked, nullptr);
}

TEST(Process, MemoryAndTimeAreMeasured) {
  Process process(
      shell("i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; echo; sleep 1000 & wait"));
  ASSERT_TRUE(becomes_true([&] { return process.output_bytes() > 0; }));
  const auto memory = process.peak_memory_bytes();
  ASSERT_TRUE(memory);
  EXPECT_GT(*memory, 100'000u);
  EXPECT_LT(*memory, 1'000'000'000u);
  EXPECT_GT(process.cpu_time(), 0ns);
  process.kill_group();
  EXPECT_GT(process.cpu_time(), 0ns);
  EXPECT_EQ(process.peak_memory_bytes(), std::nullopt);
}

TEST(Process, AMovedProcessIsStillTheSame) {
  Process first(shell("echo hello; exit 5"));
  const int pid = first.pid();
  Process second(std::move(first));
  EXPECT_EQ(second.pid(), pid);
  EXPECT_EQ(second.wait(), ExitStatus(Exited{5}));
  EXPECT_EQ(second.output(), "hello\n");
}

}  // namespace
}  // namespace ponte
