// `ponte bench`: models measured on runtimes, devices and settings.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "base/json.h"
#include "base/scratch_folder.h"
#include "base/stop.h"
#include "jobs/input_options.h"
#include "jobs/model_files.h"
#include "jobs/model_options.h"
#include "lab/measure.h"
#include "runtimes/discover.h"
#include "verify/inputs.h"

namespace ponte::jobs {

struct BenchOptions {
  std::vector<ModelOptions> models;
  std::vector<std::string> runtimes;  // as --runtime takes them; none: all that take the model
  std::vector<std::string> devices;   // none: cpu
  std::vector<std::uint64_t> threads;
  std::vector<std::string> settings;  // "onnxruntime.intra_threads=1,2"
  // By runtime: settings that are measured beside what the flags say, each in a trial of its own.
  std::map<std::string, std::vector<lab::Settings>> variations = {};
  lab::Rules rules;
  verify::InputOptions inputs;
  InputFiles input_files = {};  // of several samples the first is measured
  // A trial ("t2"), a runtime, a runtime and version, or a model: the others are compared with the
  // first trial that it names. Empty: the first model on its own runtime.
  std::string baseline;
  bool is_strict = false;        // a trial that fails is an error although others answer
  bool with_node_times = false;  // where a runtime tells them
  std::filesystem::path store;
  std::string command_line;
  StopToken stop = {};
  std::function<void(const lab::Plan&)> on_plan = {};
  std::function<void(const lab::Progress&)> on_progress = {};
  // As in lab::MeasureOptions.
  std::function<void(store::RunWriter&, const Json& document)> before_end = {};
  // The default one, unless a test has its own runtimes.
  std::optional<runtimes::SearchPath> search = {};
  runtimes::WorkerOptions worker = {};  // its stop is the one above
};

runtimes::WorkerOptions worker_options(const BenchOptions& options);

struct BenchResult {
  lab::Plan plan;
  std::optional<lab::MeasureResult> measured;  // none where it never began
  bool has_regression = false;                 // slower than a baseline that was named
  Diagnostics problems;
};

// Reads and converts, measures, stores. Throws nothing that a file, a runtime or the store can
// cause: it is in `problems`.
BenchResult bench(const BenchOptions& options);

// The same in two steps, for who has something to do in between: what will be measured, and
// measuring it. The files that conversion made live as long as this.
class PreparedBench {
 public:
  // Ends with errors among the problems where there is nothing to measure.
  explicit PreparedBench(BenchOptions options);

  // Without a trial that can run where there is nothing to measure. It may be changed before
  // measure().
  lab::Plan& plan() { return result_.plan; }
  bool can_measure() const { return is_ready_; }
  // What was asked for makes no sense, so that nothing else is to be done either.
  void require_sense() const;

  // Once.
  BenchResult measure();

 private:
  void prepare();
  void run();
  void add_node_times(Json& document) const;

  BenchOptions options_;
  std::optional<ScratchFolder> scratch_;
  std::vector<std::string> assumptions_;
  std::string own_runtime_;  // of the first model
  std::uint64_t memory_bytes_ = 0;
  bool is_ready_ = false;
  BenchResult result_;
};

// 1 for a regression, else that of the gravest problem: 130 interrupted, 5 where a runtime or
// device that was named is missing, 4 where no trial could be measured.
int exit_code(const BenchResult& result);

Json to_json(const BenchResult& result);

}  // namespace ponte::jobs
