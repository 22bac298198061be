#include "jobs/analyze.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/bytes.h"
#include "base/error.h"
#include "base/file_writer.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/scratch_folder.h"
#include "jobs/analyze_plan.h"
#include "jobs/problems.h"
#include "jobs/program.h"
#include "store/store.h"
#include "verify/npy.h"

namespace ponte::jobs {
namespace {

using store::DocumentKind;

// Each step reads the model and says the same about it.
void add_new(const Diagnostics& more, Diagnostics& problems) {
  Diagnostics fresh;
  for (const Diagnostic& problem : more.entries()) {
    const bool is_known = std::ranges::any_of(problems.entries(), [&](const auto& known) {
      return known.code == problem.code && known.message == problem.message;
    });
    if (!is_known) fresh.add(problem);
  }
  problems.append(fresh);
}

Json document_of(const AnalyzeResult& result, const Json& bench) {
  Json files = Json::array();
  for (const convert::WrittenFile& file : result.files)
    files.push_back({{"path", file.path.string()}, {"bytes", file.bytes}});
  return {{"schema", "ponte/analyze/1"},
          {"run", result.run ? Json(static_cast<std::int64_t>(*result.run)) : Json()},
          {"inspect", to_json(result.inspect)},
          {"convert", result.convert ? to_json(*result.convert) : Json()},
          {"verify", result.verify ? to_json(*result.verify) : Json()},
          {"bench", bench},
          {"accuracy", to_json(result.accuracy)},
          {"findings", result.findings},
          {"files", std::move(files)}};
}

class Analysis {
 public:
  explicit Analysis(const AnalyzeOptions& options) : options_(options) {}

  AnalyzeResult run() {
    const ModelOptions& model = options_.bench.models.at(0);
    result_.inspect = inspect(model);
    add_new(result_.inspect.problems, result_.problems);
    if (result_.inspect.problems.has_errors()) return std::move(result_);
    try {
      require_targets();
      PreparedBench bench(bench_options());
      bench.require_sense();
      read_labels(bench.plan());
      const std::size_t left_out =
          bench.can_measure() ? fit_into_budget(bench.plan(), options_.bench.stop) : 0;
      tell_plan(bench.plan(), left_out);
      if (result_.inspect.format != "onnx") convert(model);
      verify(model, bench.plan());
      count_classes(bench.plan());
      measure(bench);
      write_report();
    } catch (const Error& error) {
      result_.problems.add(error);
    }
    return std::move(result_);
  }

 private:
  BenchOptions bench_options() {
    BenchOptions bench = options_.bench;
    if (bench.settings.empty() && bench.threads.empty()) bench.variations = usual_variations();
    bench.with_node_times = true;
    bench.before_end = [this](store::RunWriter& run, const Json& document) {
      put_documents(run, document);
    };
    return bench;
  }

  // What could not be written would be known after minutes of measuring.
  void require_targets() const {
    (void)store::Store::open(options_.bench.store);
    if (!options_.report.empty()) const FileWriter report(options_.report);
  }

  void read_labels(const lab::Plan& plan) {
    const InputFiles& files = options_.bench.input_files;
    if (files.labels.empty() || plan.trials.empty()) return;
    try {
      const auto arrays = verify::read_npz(open_file(files.samples));
      labelled_ = labelled_samples(arrays, *plan.trials[plan.baseline].model.inputs, files.labels);
    } catch (Error& error) {
      error.fill_where({files.samples.string(), {}, {}, {}});
      throw;
    }
  }

  void tell_plan(const lab::Plan& trials, std::size_t left_out) const {
    if (options_.on_plan) {
      options_.on_plan({.trials = trials,
                        .has_conversion = result_.inspect.format != "onnx",
                        .has_accuracy = !options_.bench.input_files.labels.empty(),
                        .trials_left_out = left_out});
    }
  }

  void tell(std::string_view step) const {
    if (options_.on_step) options_.on_step(step);
  }

  // What it becomes; the file itself is gone afterwards.
  void convert(ModelOptions model) {
    tell("converting to ONNX");
    model.stop = options_.bench.stop;
    const ScratchFolder scratch("converted models");
    const std::string name = model.path.stem().string() + ".onnx";
    ConvertResult converted = convert_model(
        {.model = model, .target = scratch.path() / name, .target_format = "onnx", .opset = {}});
    converted.target = name;
    for (convert::WrittenFile& file : converted.files) file.path = file.path.filename();
    converted.is_kept = false;
    add_new(converted.problems, result_.problems);
    result_.convert = std::move(converted);
  }

  // For ONNX files, which all runtimes take, whatever is measured is compared as well.
  std::vector<std::string> verified_runtimes(const lab::Plan& plan) const {
    if (!options_.bench.runtimes.empty() || result_.inspect.format != "onnx")
      return options_.bench.runtimes;
    std::vector<std::string> names;
    for (const lab::Trial& trial : plan.trials) {
      const bool is_new = std::ranges::find(names, trial.runtime.name) == names.end();
      if (is_new && trial.status == store::TrialStatus::Ok) names.push_back(trial.runtime.name);
    }
    return names;
  }

  void verify(const ModelOptions& model, const lab::Plan& plan) {
    tell("comparing with the judge");
    VerifyOptions verify;
    verify.model = model;
    verify.runtimes = verified_runtimes(plan);
    verify.seed = options_.bench.inputs.seed;
    verify.stop = options_.bench.stop;
    verify.inputs = options_.bench.input_files;
    verify.is_strict = options_.bench.is_strict;
    verify.undecided = options_.undecided;
    verify.on_progress = [this](const std::string& what) { tell(what); };
    verify.search = options_.bench.search;
    verify.worker = options_.bench.worker;
    result_.verify = verify_models(verify);
    add_new(result_.verify->problems, result_.problems);
  }

  void count_classes(const lab::Plan& plan) {
    if (!labelled_) return;
    tell("counting right answers");
    try {
      result_.accuracy = measure_accuracy(plan, *labelled_, worker_options(options_.bench));
    } catch (const Error& error) {
      result_.problems.add(error);
    }
  }

  void measure(PreparedBench& bench) {
    tell("measuring");
    const bool can_measure = bench.can_measure();
    result_.bench = bench.measure();
    add_new(result_.bench->problems, result_.problems);
    if (!can_measure) store_alone();
  }

  void put_documents(store::RunWriter& run, const Json& bench) {
    result_.run = run.id();
    run.put_document(DocumentKind::Inspect, json_line(to_json(result_.inspect)));
    if (result_.convert)
      run.put_document(DocumentKind::Convert, json_line(to_json(*result_.convert)));
    if (result_.verify) run.put_document(DocumentKind::Verify, json_line(to_json(*result_.verify)));
    run.put_document(DocumentKind::Analyze, json_line(document_of(result_, bench)));
  }

  // A run without a measurement.
  void store_alone() {
    const std::string& command_line = options_.bench.command_line;
    store::Store store = store::Store::open(options_.bench.store);
    store::RunWriter run = store.begin_run({.command_line = command_line,
                                            .plan_key = content_hash(command_line),
                                            .program_version = std::string(program_version())});
    put_documents(run, to_json(*result_.bench));
    run.finish();
  }

  void write_report() {
    if (options_.report.empty() || !result_.run) return;
    const std::string text = render(load_report(options_.bench.store, *result_.run), options_.form);
    write_file(options_.report, text);
    result_.files.push_back({options_.report, text.size()});
  }

  const AnalyzeOptions& options_;
  std::optional<LabelledSamples> labelled_;
  AnalyzeResult result_;
};

}  // namespace

AnalyzeResult analyze(const AnalyzeOptions& options) { return Analysis(options).run(); }

std::vector<std::string> finding_severities() { return {"low", "medium", "high"}; }

int exit_code(const AnalyzeResult& result, const std::string& fail_on) {
  if (const int code = exit_code(result.problems); code != 0) return code;
  if (result.verify) {
    if (const int code = exit_code(*result.verify); code != 0) return code;
  }
  const auto severities = finding_severities();
  const auto least = std::ranges::find(severities, fail_on);
  const bool has_grave = std::ranges::any_of(result.findings, [&](const Json& finding) {
    return std::find(least, severities.end(), finding.value("severity", "")) != severities.end();
  });
  return has_grave ? 1 : 0;
}

Json to_json(const AnalyzeResult& result) {
  Json json = document_of(result, result.bench ? to_json(*result.bench) : Json());
  json["problems"] = problems_json(result.problems);
  return json;
}

}  // namespace ponte::jobs
