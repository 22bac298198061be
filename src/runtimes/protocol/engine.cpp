#include "runtimes/protocol/engine.h"

#include <algorithm>
#include <charconv>
#include <ctime>
#include <fstream>

#include "base/clock.h"
#include "runtimes/protocol/canary.h"

namespace ponte::protocol {
namespace {

std::uint64_t raw_ns() { return static_cast<std::uint64_t>(monotonic_raw_now().count()); }

std::uint64_t process_cpu_ns() {
  timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000U +
         static_cast<std::uint64_t>(time.tv_nsec);
}

class EmptyEngine final : public Engine {
 public:
  Identity identity() override { return {}; }
  Description describe() override { return {}; }
  Loaded load(const LoadRequest&) override { return {}; }
  void set_inputs(std::uint64_t, std::vector<HostTensor>) override {}
  void select(std::uint64_t) override {}
  void execute() override {}
  void after_execution() override {}
  std::vector<HostTensor> outputs() override { return {}; }
};

double median(std::vector<std::uint64_t> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return static_cast<double>(*middle);
}

// "VmHWM:     1234 kB" in bytes; 0 when the file has no such line.
std::uint64_t kilobytes_of(const char* path, std::initializer_list<std::string_view> keys) {
  std::ifstream file(path);
  std::uint64_t sum = 0;
  for (std::string line; std::getline(file, line);) {
    for (const std::string_view key : keys) {
      if (!line.starts_with(key)) continue;
      const auto digits = line.find_first_of("0123456789", key.size());
      std::uint64_t value = 0;
      if (digits != std::string::npos) {
        std::from_chars(line.data() + digits, line.data() + line.size(), value);
      }
      sum += value * 1024;
    }
  }
  return sum;
}

}  // namespace

std::uint64_t timed_execution(Engine& engine) {
  const std::uint64_t start = raw_ns();
  engine.execute();
  return raw_ns() - start;
}

Measured measure_executions(Engine& engine, const MeasureRequest& request) {
  Measured measured;
  if (!engine.first_ns) {
    engine.first_ns = timed_execution(engine);
    engine.after_execution();
    measured.first_ns = engine.first_ns;
  }
  constexpr std::uint64_t reserved_at_once = 100'000;
  measured.start_ns.reserve(std::min(request.max_count, reserved_at_once));
  measured.duration_ns.reserve(std::min(request.max_count, reserved_at_once));
  const std::uint64_t cpu_start = process_cpu_ns();
  const std::uint64_t begin = raw_ns();
  std::uint64_t end = begin;
  for (std::uint64_t i = 0;
       i < request.max_count && (i < request.count || end - begin < request.min_ns); ++i) {
    std::uint64_t start = 0;
    if (request.batch == 1) {
      start = raw_ns();
      engine.execute();
      end = raw_ns();
      engine.after_execution();
    } else {
      start = raw_ns();
      for (std::uint64_t k = 0; k < request.batch; ++k) {
        engine.execute();
        engine.after_execution();
      }
      end = raw_ns();
    }
    measured.start_ns.push_back(start);
    measured.duration_ns.push_back(end - start);
  }
  measured.cpu_ns = process_cpu_ns() - cpu_start;
  return measured;
}

Calibration calibrate_empty_call() {
  EmptyEngine engine;
  engine.first_ns = 0;
  const Measured empty = measure_executions(engine, {.count = 20'000});
  RealClock clock;
  const ClockResolution resolution = clock_resolution(clock);
  return {.empty_call_ns = median(empty.duration_ns),
          .clock_step_ns = static_cast<double>(resolution.step.count()),
          .clock_cost_ns = resolution.cost.count()};
}

MemoryUse own_memory() {
  return {.peak_rss_bytes = kilobytes_of("/proc/self/status", {"VmHWM:"}),
          .rss_bytes = kilobytes_of("/proc/self/status", {"VmRSS:"}),
          .private_bytes =
              kilobytes_of("/proc/self/smaps_rollup", {"Private_Clean:", "Private_Dirty:"}),
          .cpu_ns = process_cpu_ns()};
}

Measured Engine::measure(const MeasureRequest& request) {
  return measure_executions(*this, request);
}
Calibration Engine::calibrate() { return calibrate_empty_call(); }
std::uint64_t Engine::canary_ns() { return run_canary(); }
Profile Engine::profile(std::uint64_t, std::uint64_t) {
  throw Refusal("unsupported", "this runtime can't tell the time of single nodes");
}
MemoryUse Engine::memory() { return own_memory(); }

}  // namespace ponte::protocol
