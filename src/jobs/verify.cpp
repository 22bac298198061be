#include "jobs/verify.h"

#include <fmt/format.h>
#include <stdlib.h>

#include <algorithm>
#include <list>
#include <thread>

#include "base/descriptor.h"
#include "base/error.h"
#include "base/json.h"
#include "jobs/problems.h"
#include "runtimes/discover.h"

namespace ponte::jobs {
namespace {

// A folder for models made on the way; removed with everything in it.
class Scratch {
 public:
  Scratch() {
    std::string name = (std::filesystem::temp_directory_path() / "ponte-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) {
      throw_system_error(Code::CannotWriteFile, "make a scratch folder", errno);
    }
    path_ = name;
  }
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

struct File {
  std::filesystem::path path;
  std::filesystem::path weights;
  const convert::FormatRow* format = nullptr;
  ir::Model model;
};

// The runtime that a format was made for.
std::string own_runtime(std::string_view format) {
  return format == "caffe" ? "opencv" : "onnxruntime";
}

bool takes(const runtimes::Adapter& adapter, std::string_view format) {
  return std::ranges::find(adapter.formats, format) != adapter.formats.end();
}

std::filesystem::path weights_beside(const File& file) {
  if (!file.weights.empty() || file.format->name != "caffe") return file.weights;
  std::filesystem::path beside = file.path;
  beside.replace_extension(".caffemodel");
  return std::filesystem::exists(beside) ? beside : std::filesystem::path();
}

verify::VerifySubject subject_of(const File& file, const std::string& runtime_text) {
  const runtimes::SearchPath search = runtimes::default_search_path();
  const runtimes::Discovery discovery =
      runtimes::discover(runtimes::parse_runtime_spec(runtime_text), search);
  const runtimes::Installation& installation = runtimes::require(discovery);
  verify::VerifySubject subject;
  subject.graph = file.model.graph.get();
  verify::SubjectSpec& spec = subject.spec;
  spec.model_path = file.path.string();
  spec.runtime = discovery.adapter->name;
  spec.version = installation.version;
  spec.label = fmt::format("{} on {}", spec.runtime, file.path.filename().string());
  spec.command = runtimes::worker_command(*discovery.adapter, installation, search);
  spec.load.model = std::filesystem::absolute(file.path).string();
  const std::filesystem::path weights = weights_beside(file);
  if (!weights.empty()) spec.load.weights = std::filesystem::absolute(weights).string();
  spec.load.format = file.format->name;
  spec.precision.f32 = discovery.adapter->arithmetic("cpu", {}).unit_roundoff;
  return subject;
}

File read_file(const ModelOptions& options, Diagnostics& problems) {
  File file;
  file.path = options.path;
  file.weights = options.weights;
  convert::Source source = read_model(options, problems);
  file.format = source.format;
  file.model = std::move(source.model);
  return file;
}

// The model written as ONNX into the scratch folder, and read again.
File converted(const File& file, const Scratch& scratch, Diagnostics& problems) {
  const std::filesystem::path path = scratch.path() / (file.path.stem().string() + ".onnx");
  convert::format_named("onnx").write(file.model, path, {}, problems);
  if (problems.has_errors()) return {};
  ModelOptions options;
  options.path = path;
  return read_file(options, problems);
}

void run(const VerifyOptions& options, VerifyJobResult& job) {
  const Scratch scratch;
  std::list<File> files;
  files.push_back(read_file(options.model, job.problems));
  if (job.problems.has_errors()) return;
  if (options.others.empty() && files.front().format->name != "onnx") {
    files.push_back(converted(files.front(), scratch, job.problems));
  }
  for (const std::filesystem::path& other : options.others) {
    ModelOptions same = options.model;
    same.path = other;
    same.weights.clear();
    same.format.clear();
    files.push_back(read_file(same, job.problems));
  }
  if (job.problems.has_errors()) return;
  std::vector<verify::VerifySubject> subjects;
  for (const File& file : files) {
    const std::vector<std::string> wanted =
        options.runtimes.empty() ? std::vector{own_runtime(file.format->name)} : options.runtimes;
    for (const std::string& runtime : wanted) {
      const runtimes::Adapter* adapter =
          runtimes::find_runtime(runtimes::parse_runtime_spec(runtime).name);
      if (adapter && takes(*adapter, file.format->name))
        subjects.push_back(subject_of(file, runtime));
    }
  }
  const unsigned threads = std::max(1U, std::thread::hardware_concurrency());
  job.result = verify::verify(
      *files.front().model.graph, subjects, scratch.path(),
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
    json["subjects"].push_back(std::move(row));
  }
  json["outputs"] = Json::array();
  for (const verify::OutputVerdict& output : result.outputs)
    json["outputs"].push_back(output_json(output));
  json["blame"] = result.blame;
  json["excused"] = Json::array();
  json["culprit"] = result.culprit ? culprit_json(*result.culprit) : Json(nullptr);
  json["culprit_why"] = result.culprit_why;
  json["judge_seconds"] = number(result.judge_seconds);
  json["problems"] = problems_json(job.problems);
  return json;
}

}  // namespace ponte::jobs
