#include "jobs/node_times.h"

#include <algorithm>
#include <set>

#include "base/json.h"
#include "lab/worker_executor.h"

namespace ponte::jobs {
namespace {

constexpr double time_for_a_profile_ns = 1e9;
constexpr double most_executions = 100;

std::uint64_t executions_for(double median_ns) {
  return static_cast<std::uint64_t>(
      std::clamp(time_for_a_profile_ns / std::max(median_ns, 1.0), 3.0, most_executions));
}

void add_nodes(const lab::Trial& trial, double median_ns, const runtimes::WorkerOptions& workers,
               Json& rows) {
  auto worker = lab::start_worker(trial, workers);
  if (!worker || !worker.value()->set_inputs(0, *trial.model.inputs)) return;
  const auto profile = worker.value()->profile(0, executions_for(median_ns));
  if (!profile || profile->executions == 0) return;
  for (const protocol::NodeTime& node : profile->nodes) {
    rows.push_back(
        {{"trial", trial.id},
         {"node", node.node},
         {"op", node.op},
         {"provider", node.provider},
         {"ns", number(static_cast<double>(node.ns) / static_cast<double>(profile->executions))}});
  }
}

}  // namespace

Json node_times(const lab::Plan& plan, const Json& trials, const runtimes::WorkerOptions& workers) {
  Json rows = Json::array();
  std::set<std::string> asked;
  for (std::size_t i = 0; i < plan.trials.size(); ++i) {
    const Json& median = trials[i]["median_ns"];
    if (median.is_number() && asked.insert(plan.trials[i].runtime.name).second)
      add_nodes(plan.trials[i], median.get<double>(), workers, rows);
  }
  return rows;
}

}  // namespace ponte::jobs
