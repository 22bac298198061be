#include "lab/environment.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <functional>
#include <set>
#include <sstream>

#include "base/json.h"
#include "base/text.h"

namespace ponte::lab {
namespace {

using std::filesystem::path;

// Files of /proc and /sys say 0 about their size, so they are read to their end, within bounds.
std::optional<std::string> read_small(const path& file) {
  constexpr std::size_t most = std::size_t{4} << 20;
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return std::nullopt;
  std::string text(most, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(most));
  text.resize(static_cast<std::size_t>(stream.gcount()));
  return text;
}

std::string_view trimmed(std::string_view text) {
  const auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\0'; };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

std::optional<std::string> read_word(const path& file) {
  const auto text = read_small(file);
  if (!text) return std::nullopt;
  return escape_control(trimmed(*text));
}

template <typename Number>
std::optional<Number> parse(std::string_view text) {
  Number value{};
  text = trimmed(text);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end != text.data() ? std::optional(value) : std::nullopt;
}

template <typename Number>
std::optional<Number> read_number(const path& file) {
  const auto text = read_small(file);
  return text ? parse<Number>(*text) : std::nullopt;
}

template <typename T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}

void for_each_line(const std::optional<std::string>& text,
                   const std::function<void(std::string_view)>& use) {
  if (!text) return;
  std::istringstream lines(*text);
  for (std::string line; std::getline(lines, line);) use(line);
}

// "model name : AMD EPYC" of /proc/cpuinfo and its kind: every value of a key.
std::vector<std::string> values_of(const std::optional<std::string>& text, std::string_view key) {
  std::vector<std::string> values;
  for_each_line(text, [&](std::string_view line) {
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || trimmed(line.substr(0, colon)) != key) return;
    values.emplace_back(trimmed(line.substr(colon + 1)));
  });
  return values;
}

// "512K" in bytes.
std::optional<std::uint64_t> parse_size(std::string_view text) {
  auto size = parse<std::uint64_t>(text);
  if (!size || *size >> 40 != 0) return std::nullopt;
  if (text.ends_with('K')) *size <<= 10;
  if (text.ends_with('M')) *size <<= 20;
  return size;
}

Json flags_json(const std::optional<std::string>& cpuinfo) {
  Json flags = Json::array();
  auto lists = values_of(cpuinfo, "flags");
  if (lists.empty()) lists = values_of(cpuinfo, "Features");  // ARM
  if (lists.empty()) return flags;
  std::istringstream words(lists.front());
  for (std::string word; words >> word;) flags.push_back(escape_control(word));
  return flags;
}

// Distinct (package, core) pairs; none where the topology is hidden.
std::optional<std::size_t> physical_cores(const path& cpus, std::size_t processors) {
  std::set<std::pair<std::string, std::string>> cores;
  for (std::size_t i = 0; i < processors; ++i) {
    const path topology = cpus / fmt::format("cpu{}", i) / "topology";
    const auto core = read_word(topology / "core_id");
    if (!core) continue;
    cores.emplace(read_word(topology / "physical_package_id").value_or(""), *core);
  }
  return cores.empty() ? std::nullopt : std::optional(cores.size());
}

void add_caches(const path& cpus, Json& cpu) {
  for (const char* key : {"l1d_bytes", "l2_bytes", "l3_bytes"}) cpu[key] = nullptr;
  for (int i = 0; i < 8; ++i) {
    const path cache = cpus / "cpu0" / "cache" / fmt::format("index{}", i);
    const auto level = read_number<int>(cache / "level");
    const auto size = parse_size(read_word(cache / "size").value_or(""));
    if (!level || !size || read_word(cache / "type") == "Instruction") continue;
    const std::string key = *level == 1 ? "l1d_bytes" : fmt::format("l{}_bytes", *level);
    cpu[key] = *size;
  }
}

Json cpu_json(const path& root) {
  const auto cpuinfo = read_small(root / "proc/cpuinfo");
  const path cpus = root / "sys/devices/system/cpu";
  const auto models = values_of(cpuinfo, "model name");
  const std::size_t processors = values_of(cpuinfo, "processor").size();
  const auto cores = physical_cores(cpus, processors);
  Json cpu = {{"model", models.empty() ? Json() : Json(escape_control(models.front()))},
              {"processors", processors},
              {"cores", or_null(cores)},
              {"threads_per_core", cores ? Json(processors / *cores) : Json()},
              {"flags", flags_json(cpuinfo)}};
  add_caches(cpus, cpu);
  return cpu;
}

Json turbo_json(const path& root) {
  const path cpus = root / "sys/devices/system/cpu";
  if (const auto no_turbo = read_number<int>(cpus / "intel_pstate/no_turbo")) return *no_turbo == 0;
  if (const auto boost = read_number<int>(cpus / "cpufreq/boost")) return *boost != 0;
  return nullptr;
}

// The control group of this process for a controller of version 1, or "" for version 2.
std::optional<std::string> control_group(const path& root, std::string_view controller) {
  std::optional<std::string> found;
  for_each_line(read_small(root / "proc/self/cgroup"), [&](std::string_view line) {
    const auto first = line.find(':');
    const auto second = line.find(':', first + 1);
    if (first == std::string_view::npos || second == std::string_view::npos) return;
    const std::string names = fmt::format(",{},", line.substr(first + 1, second - first - 1));
    if (names.find(fmt::format(",{},", controller)) != std::string::npos)
      found = std::string(trimmed(line.substr(second + 1)));
  });
  return found;
}

// The folders of the group and of those that contain it. A container may see its own group as the
// root, under a path that does not exist for it.
std::vector<path> group_folders(const path& root, std::string_view controller) {
  const auto group = control_group(root, controller);
  if (!group) return {};
  const path top = root / "sys/fs/cgroup" / controller;
  std::vector<path> folders = {top};
  path folder = top;
  for (const path& part : path(*group).relative_path()) {
    if (part.empty() || part == "..") continue;
    folder /= part;
    folders.push_back(folder);
  }
  std::ranges::reverse(folders);
  return folders;
}

std::optional<std::string> nearest_value(const path& root, std::string_view controller,
                                         const char* file) {
  for (const path& folder : group_folders(root, controller)) {
    if (auto word = read_word(folder / file)) return word;
  }
  return std::nullopt;
}

Json cgroup_json(const path& root) {
  auto cpu_max = nearest_value(root, "", "cpu.max");
  if (!cpu_max) {
    const auto quota = nearest_value(root, "cpu", "cpu.cfs_quota_us");
    const auto period = nearest_value(root, "cpu", "cpu.cfs_period_us");
    if (quota && period) cpu_max = fmt::format("{} {}", *quota == "-1" ? "max" : *quota, *period);
  }
  auto memory_max = nearest_value(root, "", "memory.max");
  if (!memory_max) memory_max = nearest_value(root, "memory", "memory.limit_in_bytes");
  auto cpuset = nearest_value(root, "", "cpuset.cpus.effective");
  if (!cpuset) cpuset = nearest_value(root, "cpuset", "cpuset.effective_cpus");
  return {{"cpu.max", or_null(cpu_max)},
          {"memory.max", or_null(memory_max)},
          {"cpuset", or_null(cpuset)}};
}

std::optional<std::uint64_t> memory_bytes(const path& root) {
  const auto lines = values_of(read_small(root / "proc/meminfo"), "MemTotal");
  const auto kilobytes = lines.empty() ? std::nullopt : parse<std::uint64_t>(lines.front());
  return kilobytes ? std::optional(*kilobytes << 10) : std::nullopt;
}

std::string container_of(const path& root) {
  std::error_code ignored;
  if (std::filesystem::exists(root / ".dockerenv", ignored)) return "docker";
  if (std::filesystem::exists(root / "run/.containerenv", ignored)) return "podman";
  const std::string groups = read_small(root / "proc/1/cgroup").value_or("");
  if (groups.find("kubepods") != std::string::npos) return "kubernetes";
  return groups.find("/lxc") != std::string::npos ? "lxc" : "none";
}

std::string kernel_release() {
  utsname names{};
  return ::uname(&names) == 0 ? names.release : "";
}

std::string host_name() {
  utsname names{};
  return ::uname(&names) == 0 ? names.nodename : "";
}

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
}

double cpu_seconds(int who) {
  rusage usage{};
  if (::getrusage(who, &usage) != 0) return 0;
  return seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
}

// "cpu user nice system idle iowait irq softirq steal ..."
std::optional<double> busy_seconds(const path& root) {
  std::istringstream words(read_small(root / "proc/stat").value_or(""));
  std::string name;
  words >> name;
  if (name != "cpu") return std::nullopt;
  constexpr int idle = 3;
  constexpr int waiting = 4;
  double busy = 0;
  double ticks = 0;
  for (int i = 0; i < 8 && words >> ticks; ++i) busy += i == idle || i == waiting ? 0 : ticks;
  const auto per_second = static_cast<double>(::sysconf(_SC_CLK_TCK));
  return busy > 0 ? std::optional(busy / per_second) : std::nullopt;
}

std::optional<double> mean_frequency(const path& root) {
  double sum = 0;
  std::size_t count = 0;
  for (const std::string& text : values_of(read_small(root / "proc/cpuinfo"), "cpu MHz")) {
    if (const auto value = parse<double>(text)) {
      sum += *value;
      ++count;
    }
  }
  return count == 0 ? std::nullopt : std::optional(sum / static_cast<double>(count));
}

Json rounded(const std::optional<double>& value, double step) {
  return value ? number(std::round(*value / step) * step) : Json();
}

}  // namespace

std::uint64_t memory_limit_bytes(const path& root) {
  std::uint64_t limit = memory_bytes(root).value_or(0);
  const auto take = [&](std::string_view controller, const char* file) {
    for (const path& folder : group_folders(root, controller)) {
      const auto bytes = read_number<std::uint64_t>(folder / file);
      if (bytes && *bytes > 0) limit = limit == 0 ? *bytes : std::min(limit, *bytes);
    }
  };
  take("", "memory.max");
  take("memory", "memory.limit_in_bytes");
  return limit;
}

MachineState look_at_machine(const path& root) {
  return {.time = monotonic_raw_now(),
          .frequency_mhz = mean_frequency(root),
          .busy_seconds = busy_seconds(root),
          .own_seconds = cpu_seconds(RUSAGE_SELF) + cpu_seconds(RUSAGE_CHILDREN),
          .load_average = parse<double>(read_small(root / "proc/loadavg").value_or(""))};
}

Json describe_machine(const path& root) {
  const auto cpu = cpu_json(root);
  const auto& flags = cpu["flags"];
  const path cpus = root / "sys/devices/system/cpu";
  const auto smt = read_number<int>(cpus / "smt/active");
  const auto memory = memory_bytes(root);
  const std::uint64_t limit = memory_limit_bytes(root);
  RealClock clock;
  const ClockResolution resolution = clock_resolution(clock);
  return {{"host", host_name()},
          {"cpu", cpu},
          {"virtual_machine", std::ranges::find(flags, Json("hypervisor")) != flags.end()},
          {"governor", or_null(read_word(cpus / "cpu0/cpufreq/scaling_governor"))},
          {"turbo", turbo_json(root)},
          {"smt", smt ? Json(*smt != 0) : Json()},
          {"cgroup", cgroup_json(root)},
          {"memory_bytes", or_null(memory)},
          {"memory_limit_bytes", limit == 0 ? Json() : Json(limit)},
          {"kernel", kernel_release()},
          {"container", container_of(root)},
          {"clock",
           {{"source", "CLOCK_MONOTONIC_RAW"},
            {"hardware",
             or_null(read_word(root /
                               "sys/devices/system/clocksource/clocksource0/current_clocksource"))},
            {"resolution_ns", resolution.step.count()},
            {"cost_ns", number(resolution.cost.count())}}}};
}

Json describe_environment(const MachineState& before, const MachineState& after, const path& root) {
  Json json = describe_machine(root);
  json["frequency_mhz"] = {{"before", rounded(before.frequency_mhz, 1)},
                           {"after", rounded(after.frequency_mhz, 1)}};
  json["load_average"] = {{"before", or_null(before.load_average)},
                          {"after", or_null(after.load_average)}};
  const double elapsed = std::chrono::duration<double>(after.time - before.time).count();
  std::optional<double> others;
  if (before.busy_seconds && after.busy_seconds && elapsed > 0) {
    const double busy = *after.busy_seconds - *before.busy_seconds;
    others = std::max(0.0, (busy - (after.own_seconds - before.own_seconds)) / elapsed);
  }
  json["load_of_others"] = rounded(others, 0.01);
  return json;
}

}  // namespace ponte::lab
