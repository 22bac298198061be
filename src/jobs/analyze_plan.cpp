#include "jobs/analyze_plan.h"

#include <sched.h>

#include <algorithm>
#include <array>
#include <thread>

#include "lab/worker_executor.h"

namespace ponte::jobs {
namespace {

struct Variation {
  std::string_view runtime;
  std::string_view key;
  std::string_view value;  // empty: as many as there are processors
};

// The most telling first. The levels of ONNX Runtime are 0, 1 and 2; its default is the highest.
constexpr auto variations = std::to_array<Variation>({
    {"onnxruntime", "intra_threads", "1"},
    {"onnxruntime", "graph_optimization_level", "disable"},
    {"opencv", "threads", "1"},
    {"onnxruntime", "graph_optimization_level", "basic"},
    {"onnxruntime", "graph_optimization_level", "extended"},
    {"onnxruntime", "intra_threads", ""},
    {"opencv", "threads", ""},
});

// Those that this process may use.
unsigned processor_count() {
  cpu_set_t usable;
  if (::sched_getaffinity(0, sizeof usable, &usable) == 0)
    return static_cast<unsigned>(CPU_COUNT(&usable));
  return std::max(1U, std::thread::hardware_concurrency());
}

lab::Settings settings_of(const Variation& variation) {
  const std::string value =
      variation.value.empty() ? std::to_string(processor_count()) : std::string(variation.value);
  return {{std::string(variation.key), value}};
}

// The plan's trials that vary something, in the order of the table.
std::vector<std::string> varied_trials(const lab::Plan& plan) {
  std::vector<std::string> ids;
  for (const Variation& variation : variations) {
    for (const lab::Trial& trial : plan.trials) {
      const bool is_varied = trial.runtime.name == variation.runtime &&
                             trial.settings == settings_of(variation) &&
                             trial.id != plan.trials[plan.baseline].id;
      if (is_varied && trial.status == store::TrialStatus::Ok) ids.push_back(trial.id);
    }
  }
  return ids;
}

// The fastest of a few; nothing where the runtime does not answer.
std::chrono::duration<double> execution_time(const lab::Trial& trial, const StopToken& stop) {
  if (trial.status != store::TrialStatus::Ok || !trial.model.inputs) return {};
  auto worker = lab::start_worker(trial, {.stop = stop});
  if (!worker || !worker.value()->set_inputs(0, *trial.model.inputs)) return {};
  const auto measured = worker.value()->measure({.count = 3});
  if (!measured || measured->duration_ns.empty()) return {};
  return Nanoseconds(static_cast<std::int64_t>(std::ranges::min(measured->duration_ns)));
}

// Of one comparison, at least about: six processes that start, warm up, and run forty blocks.
double comparison_seconds(std::chrono::duration<double> execution) {
  double seconds = 0.008;
  while (seconds < execution.count()) seconds *= 4;
  constexpr double start = 0.5;
  constexpr double warm_up = 30;
  constexpr double blocks = 40;
  constexpr double of_a_block = 3;
  return 6 * (start + (warm_up + blocks * of_a_block) * seconds);
}

}  // namespace

std::map<std::string, std::vector<lab::Settings>> usual_variations() {
  std::map<std::string, std::vector<lab::Settings>> by_runtime;
  for (const Variation& variation : variations) {
    const bool is_repeated = variation.value.empty() && processor_count() == 1;
    if (!is_repeated) by_runtime[std::string(variation.runtime)].push_back(settings_of(variation));
  }
  return by_runtime;
}

std::size_t fit_into_budget(lab::Plan& plan, const StopToken& stop) {
  const std::vector<std::string> varied = varied_trials(plan);
  if (!plan.rules.budget || varied.empty()) return 0;
  const double of_one = comparison_seconds(execution_time(plan.trials[plan.baseline], stop));
  const double budget = std::chrono::duration<double>(*plan.rules.budget).count();
  const auto others = static_cast<double>(lab::comparison_count(plan) - varied.size());
  const double room = std::max(0.0, budget / of_one - others);
  const auto kept = std::min(varied.size(), static_cast<std::size_t>(room));
  if (kept < varied.size()) lab::keep_first(plan, varied, kept);
  return varied.size() - kept;
}

}  // namespace ponte::jobs
