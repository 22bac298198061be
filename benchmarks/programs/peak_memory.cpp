// benchmark_peak_memory PROGRAM ARGUMENTS...: runs it and prints its largest resident set in bytes.
// ru_maxrss would be that of this process where it is larger, so VmHWM is read from the process
// itself, stopped at its very end (ptrace(2), PTRACE_EVENT_EXIT).
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <string>

namespace {

constexpr int cannot_measure = 125;

unsigned long long peak_bytes(pid_t process) {
  std::ifstream status("/proc/" + std::to_string(process) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::stoull(line.substr(6)) * 1024;
  }
  return 0;
}

[[noreturn]] void become(char** arguments) {
  if (::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) ::_exit(cannot_measure);
  ::execvp(arguments[0], arguments);
  ::_exit(cannot_measure);
}

// Goes on until the process is gone; the exit code, and the peak in `bytes`.
int watch(pid_t process, unsigned long long& bytes) {
  int status = 0;
  if (::waitpid(process, &status, 0) < 0 || !WIFSTOPPED(status)) return cannot_measure;
  ::ptrace(PTRACE_SETOPTIONS, process, nullptr, PTRACE_O_TRACEEXIT | PTRACE_O_EXITKILL);
  ::ptrace(PTRACE_CONT, process, nullptr, nullptr);
  while (::waitpid(process, &status, 0) == process) {
    if (WIFEXITED(status)) return WEXITSTATUS(status);
    if (!WIFSTOPPED(status)) return cannot_measure;
    const bool is_end = status >> 8 == (SIGTRAP | (PTRACE_EVENT_EXIT << 8));
    if (is_end) bytes = peak_bytes(process);
    const long signal = is_end || WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status);
    ::ptrace(PTRACE_CONT, process, nullptr, signal);
  }
  return cannot_measure;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  const pid_t process = ::fork();
  if (process == 0) become(argv + 1);
  unsigned long long bytes = 0;
  const int code = watch(process, bytes);
  std::printf("%llu\n", bytes);
  return code == 0 && bytes == 0 ? cannot_measure : code;
}
