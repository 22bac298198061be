#include "jobs/program.h"

#include <fstream>
#include <limits>
#include <string>

namespace ponte::jobs {

std::string_view program_version() { return PONTE_VERSION; }

std::uint64_t peak_memory_bytes() {
  std::ifstream status("/proc/self/status");
  std::string key;
  while (status >> key) {
    std::uint64_t kibibytes = 0;
    if (key == "VmHWM:" && status >> kibibytes) return kibibytes * 1024;
    status.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
  }
  return 0;
}

}  // namespace ponte::jobs
