#include "jobs/doctor.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <thread>

#include "base/counted.h"
#include "base/descriptor.h"
#include "base/environment.h"
#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "jobs/problems.h"
#include "jobs/runtimes.h"
#include "store/store.h"

namespace ponte::jobs {
namespace fs = std::filesystem;
namespace {

constexpr char store_name[] = "stored runs";

// The first line of a file of the kernel's; empty where there is none.
std::string first_line(const fs::path& path) {
  std::ifstream stream(path);
  std::string line;
  std::getline(stream, line);
  return line;
}

std::optional<std::int64_t> number_in(const fs::path& path) {
  const std::string line = first_line(path);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), number);
  return error == std::errc() && end != line.data() ? std::optional(number) : std::nullopt;
}

Checkup check_openat2() {
  struct open_how how {};
  how.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH;
  const Descriptor opened(
      static_cast<int>(::syscall(SYS_openat2, AT_FDCWD, ".", &how, sizeof(how))));
  if (opened) return {"weights beside a model", Health::Good, "openat2 is there", ""};
  return {"weights beside a model", Health::Bad, fmt::format("openat2: {}", system_message(errno)),
          "files that a model names are only opened with openat2: Linux 5.6 or later, and a "
          "container that allows it"};
}

Checkup check_memory() {
  std::optional<std::uint64_t> limit;
  struct rlimit address_space {};
  if (::getrlimit(RLIMIT_AS, &address_space) == 0 && address_space.rlim_cur != RLIM_INFINITY)
    limit = address_space.rlim_cur;
  if (const auto group = number_in("/sys/fs/cgroup/memory.max"))
    limit = std::min(limit.value_or(UINT64_MAX), static_cast<std::uint64_t>(*group));
  const auto pages = static_cast<std::uint64_t>(std::max(0L, ::sysconf(_SC_PHYS_PAGES)));
  const std::uint64_t machine =
      pages * static_cast<std::uint64_t>(std::max(0L, ::sysconf(_SC_PAGESIZE)));
  if (!limit || *limit >= machine)
    return {"memory", Health::Good, fmt::format("{}, no limit", format_size(machine)), ""};
  const bool enough = *limit >= std::uint64_t{2'000'000'000};
  return {"memory", enough ? Health::Good : Health::Limited,
          fmt::format("{} of {} allowed", format_size(*limit), format_size(machine)),
          enough ? "" : "runtimes hold whole models in memory: raise the limit for large ones"};
}

Checkup check_processors() {
  const unsigned usable = std::thread::hardware_concurrency();
  if (usable > 1) return {"processors", Health::Good, fmt::format("{} can be used", usable), ""};
  return {"processors", Health::Limited, "only one can be used",
          "ponte and what it measures share it: times are noisier"};
}

Checkup check_governor() {
  const std::string governor = first_line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");
  if (governor.empty())
    return {"clock rate", Health::Good, "the kernel does not steer it here", ""};
  if (governor == "performance") return {"clock rate", Health::Good, "performance", ""};
  return {"clock rate", Health::Limited, fmt::format("the governor is {}", governor),
          "times vary less with `cpupower frequency-set -g performance`"};
}

Checkup check_turbo() {
  const auto no_turbo = number_in("/sys/devices/system/cpu/intel_pstate/no_turbo");
  const auto boost = number_in("/sys/devices/system/cpu/cpufreq/boost");
  const bool is_on = (no_turbo && *no_turbo == 0) || (boost && *boost == 1);
  if (!is_on) return {"turbo", Health::Good, "off, or not the kernel's to switch", ""};
  return {"turbo", Health::Limited, "on",
          "times depend on temperature; switch it off for small differences"};
}

Checkup check_perf() {
  const auto level = number_in("/proc/sys/kernel/perf_event_paranoid");
  if (!level)
    return {"hardware counters", Health::Limited, "this kernel has none",
            "times are measured without them"};
  if (*level <= 2)
    return {"hardware counters", Health::Good, fmt::format("perf_event_paranoid is {}", *level),
            ""};
  return {"hardware counters", Health::Limited, fmt::format("perf_event_paranoid is {}", *level),
          "`sysctl kernel.perf_event_paranoid=2` allows them"};
}

Checkup check_load() {
  std::ifstream stream("/proc/loadavg");
  double load = 0;
  stream >> load;
  const double each = load / std::max(1U, std::thread::hardware_concurrency());
  const std::string finding = fmt::format("{:.1f} over the last minute", load);
  if (each < 0.5) return {"load", Health::Good, finding, ""};
  return {"load", Health::Limited, finding, "measure when nothing else runs"};
}

// Whether the nearest folder that exists allows writing.
Checkup check_folder(const std::string& name, fs::path (*folder)()) {
  try {
    const fs::path path = folder();
    fs::path nearest = path;
    std::error_code error;
    while (!fs::exists(nearest, error) && !error && nearest != nearest.root_path())
      nearest = nearest.parent_path();
    if (::access(nearest.c_str(), W_OK | X_OK) == 0) return {name, Health::Good, path.string(), ""};
    return {name, Health::Bad, fmt::format("{}: {}", path.string(), system_message(errno)),
            "make it writable, or name another place with the XDG variables"};
  } catch (const std::exception& error) {
    return {name, Health::Bad, error.what(), "set $HOME"};
  }
}

Checkup check_store() {
  try {
    return examine_store(store::default_path());
  } catch (const std::exception& error) {
    return {store_name, Health::Bad, error.what(), "set $HOME"};
  }
}

Checkup checkup_of(const RuntimeEntry& runtime) {
  if (!runtime.found) return {runtime.name, Health::Limited, runtime.why_not, runtime.how_to_get};
  std::string devices;
  for (const std::string& device : runtime.devices)
    devices += (devices.empty() ? " on " : ", ") + device;
  return {runtime.name, Health::Good, runtime.version + devices, ""};
}

}  // namespace

DoctorResult examine() {
  DoctorResult result;
  result.checkups = {check_openat2(),
                     check_memory(),
                     check_processors(),
                     check_governor(),
                     check_turbo(),
                     check_perf(),
                     check_load(),
                     check_folder("data", data_folder),
                     check_folder("cache", cache_folder),
                     check_store()};
  for (const RuntimeEntry& runtime : list_runtimes({}).runtimes)
    result.checkups.push_back(checkup_of(runtime));
  return result;
}

Checkup examine_store(const fs::path& path) {
  const auto damaged = [](const std::string& finding) {
    return Checkup{store_name, Health::Bad, finding,
                   "move the file away: the next run begins a new one; `sqlite3 FILE .recover` may "
                   "save what is left"};
  };
  try {
    if (std::error_code error; !fs::exists(path, error) && !error)
      return {store_name, Health::Good, "none yet", ""};
    store::Store store = store::Store::open(path);
    const std::vector<std::string> problems = store.check_integrity();
    if (problems.empty()) {
      const std::size_t runs = store.list_runs().size();
      return {store_name, Health::Good,
              fmt::format("{} in {}", counted(runs, "run", "runs"), path.string()), ""};
    }
    std::string finding = path.string() + ": " + problems.front();
    if (problems.size() > 1) finding += fmt::format(", and {} more", grouped(problems.size() - 1));
    return damaged(finding);
  } catch (const Error& error) {
    if (error.help().empty()) return damaged(error.what());
    return {store_name, Health::Bad, error.what(), error.help()};
  }
}

std::string_view to_string(Health health) {
  switch (health) {
    case Health::Good:
      return "good";
    case Health::Limited:
      return "limited";
    case Health::Bad:
      break;
  }
  return "bad";
}

Json to_json(const DoctorResult& result) {
  Json list = Json::array();
  for (const Checkup& checkup : result.checkups) {
    list.push_back({{"name", checkup.name},
                    {"health", to_string(checkup.health)},
                    {"finding", checkup.finding},
                    {"remedy", text_or_null(checkup.remedy)}});
  }
  return {{"schema", "ponte/doctor/1"}, {"checks", std::move(list)}};
}

}  // namespace ponte::jobs
