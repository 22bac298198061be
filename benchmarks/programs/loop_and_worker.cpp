// benchmark_loop_and_worker MODEL SECONDS SEED FOLDER: the same model on the same library of ONNX
// Runtime in a plain C loop and in ponte's worker, as two trials of the lab. Prints the ratio of
// their latencies, worker over loop, with its 90 % interval, as JSON. The run is stored in FOLDER,
// and the same command goes on with one that was interrupted.
#include <fmt/format.h>

#include <cmath>
#include <cstdlib>

#include "base/environment.h"
#include "base/error.h"
#include "base/json.h"
#include "base/scratch_folder.h"
#include "jobs/bench_subjects.h"
#include "jobs/model_files.h"
#include "lab/series.h"
#include "lab/worker_executor.h"
#include "statistics/descriptive.h"
#include "statistics/distributions.h"

namespace {

using namespace ponte;

struct Options {
  std::filesystem::path model;
  std::chrono::seconds time;
  std::uint64_t seed;
  std::filesystem::path folder;
};

// The loop is the first trial, which is what the other is compared with.
lab::Plan make_plan(const Options& options, const std::filesystem::path& scratch) {
  jobs::BenchOptions bench;
  bench.models.emplace_back().path = options.model;
  bench.runtimes = {"onnxruntime"};
  Diagnostics problems;
  lab::Subject worker = jobs::make_subjects(bench, scratch, problems).subjects.at(0);
  if (worker.status != store::TrialStatus::Ok) throw Error(Code::MissingRuntime, worker.why);
  lab::Subject loop = worker;
  loop.runtime.name = "plain loop";
  loop.runtime.command = {.arguments = {executable_path().parent_path() / "benchmark_plain_loop",
                                        worker.runtime.library}};
  return lab::make_plan({loop, worker},
                        {.rules = {.max_time = options.time, .seed = options.seed}});
}

Json ratio_of(const store::RunRecord& record) {
  std::vector<double> differences;
  for (const store::ProcessPair& pair : record.pairs) {
    const auto paired = lab::paired_blocks(pair, record.trials[1].id, record.trials[0].id);
    if (pair.complete && paired) differences.push_back(statistics::pair_difference(*paired));
  }
  const auto count = static_cast<double>(differences.size());
  if (count < 2) throw Error(Code::NothingToMeasure, "there are not enough process pairs");
  const double centre = statistics::mean(differences);
  const double half_width = statistics::student_t_quantile(0.95, count - 1) *
                            std::sqrt(statistics::variance(differences) / count);
  return {{"ratio", number(std::exp(centre))},
          {"low", number(std::exp(centre - half_width))},
          {"high", number(std::exp(centre + half_width))},
          {"confidence", 0.9},
          {"process_pairs", differences.size()}};
}

void run(const Options& options) {
  const ScratchFolder scratch("models");
  const lab::Plan plan = make_plan(options, scratch.path());
  store::Store store = store::Store::open(options.folder / "loop_and_worker.sqlite3");
  lab::WorkerExecutor executor;
  const lab::MeasureResult result = lab::measure(plan, executor, store);
  for (const lab::TrialResult& trial : result.results.trials) {
    if (trial.status != store::TrialStatus::Ok) throw Error(Code::WorkerCrashed, trial.why);
  }
  Json json = ratio_of(store.load_run(result.run));
  for (const lab::TrialResult& trial : result.results.trials)
    json["median_ns"].push_back(number(trial.median->median_ns));
  json["samples"] = result.results.trials[1].samples;
  fmt::print("{}\n", json_line(json));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) return 2;
  try {
    run({.model = argv[1],
         .time = std::chrono::seconds(std::atoi(argv[2])),
         .seed = std::strtoull(argv[3], nullptr, 10),
         .folder = argv[4]});
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
