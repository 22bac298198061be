// proc(5): /proc/PID/stat has the state as field 3 and the start time as field 22; the name in
// field 2 may contain anything.
#include "store/owner.h"

#include <unistd.h>

#include <fstream>
#include <optional>
#include <sstream>
#include <string_view>

#include "base/error.h"

namespace ponte::store {
namespace {

std::string boot_id() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string id;
  if (!std::getline(file, id) || id.empty()) {
    throw Error(Code::SystemCallFailed, "cannot read `/proc/sys/kernel/random/boot_id`");
  }
  return id;
}

// The start time of a process that lives; none for one that is gone or waits to be reaped.
std::optional<std::int64_t> start_ticks(std::int64_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  std::getline(file, text, '\0');  // fails quietly where the process ends meanwhile
  const std::size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream fields(text.substr(name_end + 1));
  std::string state;
  fields >> state;
  if (state == "Z" || state == "X") return std::nullopt;
  constexpr int fields_between = 18;
  std::string skipped;
  for (int i = 0; i < fields_between; ++i) fields >> skipped;
  std::int64_t ticks = 0;
  if (!(fields >> ticks)) return std::nullopt;
  return ticks;
}

}  // namespace

Owner this_process() {
  const std::int64_t pid = ::getpid();
  const auto ticks = start_ticks(pid);
  if (!ticks) throw Error(Code::SystemCallFailed, "cannot read `/proc/self/stat`");
  return {.pid = pid, .boot_id = boot_id(), .start_ticks = *ticks};
}

bool is_alive(const Owner& owner) {
  return owner.pid > 0 && owner.boot_id == boot_id() && start_ticks(owner.pid) == owner.start_ticks;
}

}  // namespace ponte::store
