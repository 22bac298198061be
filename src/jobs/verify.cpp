#include "jobs/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <list>
#include <thread>

#include "base/error.h"
#include "base/json.h"
#include "jobs/model_files.h"
#include "jobs/problems.h"
#include "runtimes/discover.h"

namespace ponte::jobs {
namespace {

// The runtime that a format was made for.
std::string own_runtime(std::string_view format) {
  return format == "caffe" ? "opencv" : "onnxruntime";
}

bool takes(const runtimes::Adapter& adapter, std::string_view format) {
  return std::ranges::find(adapter.formats, format) != adapter.formats.end();
}

verify::VerifySubject subject_of(const ModelFiles& model, const RunnableFile& file,
                                 const std::string& runtime_text) {
  const runtimes::SearchPath search = runtimes::default_search_path();
  const runtimes::Discovery discovery =
      runtimes::discover(runtimes::parse_runtime_spec(runtime_text), search);
  const runtimes::Installation& installation = runtimes::require(discovery);
  verify::VerifySubject subject;
  subject.graph = model.model().graph.get();
  verify::SubjectSpec& spec = subject.spec;
  spec.model_path = model.path().string();
  spec.runtime = discovery.adapter->name;
  spec.version = installation.version;
  spec.label = fmt::format("{} on {}", spec.runtime, model.path().filename().string());
  spec.command = runtimes::worker_command(*discovery.adapter, installation, search);
  spec.load.model = file.path.string();
  spec.load.weights = file.weights.string();
  spec.load.format = file.format;
  spec.precision.f32 = discovery.adapter->arithmetic("cpu", {}).unit_roundoff;
  return subject;
}

// Each model on each runtime that takes its own format.
std::vector<verify::VerifySubject> subjects_of(const VerifyOptions& options,
                                               std::list<ModelFiles>& models,
                                               Diagnostics& problems) {
  std::vector<verify::VerifySubject> subjects;
  for (ModelFiles& model : models) {
    const std::string format(model.format());
    const auto file = model.file_for({&format, 1}, problems);
    if (!file) return {};
    const std::vector<std::string> wanted =
        options.runtimes.empty() ? std::vector{own_runtime(format)} : options.runtimes;
    for (const std::string& runtime : wanted) {
      const runtimes::Adapter* adapter =
          runtimes::find_runtime(runtimes::parse_runtime_spec(runtime).name);
      if (adapter && takes(*adapter, format)) subjects.push_back(subject_of(model, *file, runtime));
    }
  }
  return subjects;
}

void run(const VerifyOptions& options, VerifyJobResult& job) {
  const ScratchFolder scratch;
  std::list<ModelFiles> models;
  const auto add = [&](const ModelOptions& model) {
    models.emplace_back(model, scratch.path(), fmt::format("model{}", models.size() + 1),
                        job.problems);
  };
  add(options.model);
  if (job.problems.has_errors()) return;
  if (options.others.empty() && models.front().format() != "onnx") {
    static const std::string onnx = "onnx";
    const auto converted = models.front().file_for({&onnx, 1}, job.problems);
    if (!converted) return;
    add({.path = converted->path});
  }
  for (const std::filesystem::path& other : options.others) {
    ModelOptions same = options.model;
    same.path = other;
    same.weights.clear();
    same.format.clear();
    add(same);
  }
  if (job.problems.has_errors()) return;
  const auto subjects = subjects_of(options, models, job.problems);
  if (job.problems.has_errors()) return;
  const unsigned threads = std::max(1U, std::thread::hardware_concurrency());
  job.result = verify::verify(
      *models.front().model().graph, subjects, scratch.path(),
      {options.seed, options.perturbed_runs, static_cast<int>(threads), options.stop});
}

Json output_json(const verify::OutputVerdict& output) {
  Json json;
  json["name"] = output.name;
  json["subject"] = output.subject;
  json["bits"] = number(output.comparison.bits);
  json["snr_db"] = number(output.comparison.snr_db);
  json["exact"] = output.comparison.exact;
  json["max_abs"] = number(output.comparison.max_abs);
  json["rms_relative"] = number(output.comparison.rms_relative);
  json["bound"] = number(output.bound);
  json["expected_bits"] = number(output.expected_bits);
  json["k"] = number(output.k);
  json["worst_index"] = output.comparison.worst_index;
  json["verdict"] = verify::to_string(output.verdict);
  if (!output.why.empty()) json["why"] = output.why;
  return json;
}

Json culprit_json(const verify::Culprit& culprit) {
  Json json;
  json["kind"] = culprit.kind;
  json["subject"] = culprit.subject;
  json["node"] = culprit.node;
  json["op"] = culprit.op;
  json["origin"] = culprit.origin;
  json["local_error"] = number(culprit.local_error);
  json["bound"] = number(culprit.bound);
  return json;
}

}  // namespace

VerifyJobResult verify_models(const VerifyOptions& options) {
  VerifyJobResult job;
  try {
    run(options, job);
  } catch (const Error& error) {
    job.problems.add(error, {options.model.path.string(), {}, {}, {}});
  }
  return job;
}

int exit_code(const VerifyJobResult& job) {
  if (job.problems.has_errors()) return exit_code(job.problems);
  const auto failed = [](const verify::SubjectResult& subject) { return subject.status != "ok"; };
  if (std::ranges::all_of(job.result.subjects, failed)) return 4;
  return job.result.verdict == verify::Verdict::Equivalent ? 0 : 1;
}

Json to_json(const VerifyJobResult& job) {
  const verify::VerifyResult& result = job.result;
  Json json;
  json["schema"] = "ponte/verify/1";
  json["verdict"] = verify::to_string(result.verdict);
  json["inputs"] = {
      {"seed", result.seed}, {"sets", result.sets}, {"assumptions", result.assumptions}};
  json["subjects"] = Json::array();
  for (const verify::SubjectResult& subject : result.subjects) {
    Json row{{"model", subject.model},
             {"runtime", subject.runtime},
             {"version", subject.version},
             {"status", subject.status}};
    if (!subject.why.empty()) row["why"] = subject.why;
    if (!subject.precision.empty()) row["precision"] = subject.precision;
    json["subjects"].push_back(std::move(row));
  }
  json["outputs"] = Json::array();
  for (const verify::OutputVerdict& output : result.outputs)
    json["outputs"].push_back(output_json(output));
  json["blame"] = result.blame;
  json["excused"] = result.excused;
  json["culprit"] = result.culprit ? culprit_json(*result.culprit) : Json(nullptr);
  json["culprit_why"] = result.culprit_why;
  json["judge_seconds"] = number(result.judge_seconds);
  json["problems"] = problems_json(job.problems);
  return json;
}

}  // namespace ponte::jobs
