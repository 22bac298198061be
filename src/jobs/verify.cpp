#include "jobs/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "base/error.h"
#include "base/scratch_folder.h"
#include "base/text.h"
#include "jobs/problems.h"
#include "jobs/unevaluable_ops.h"
#include "jobs/verify_subjects.h"

namespace ponte::jobs {
namespace {

// Throws UnknownName for a size of a dim that no input has.
void require_dims(const ir::Graph& graph, const std::map<std::string, std::int64_t>& dims) {
  std::vector<std::string> names;
  for (const ir::Value* input : graph.inputs()) {
    const ir::TensorType* tensor = input->type().as_tensor();
    if (!tensor || !tensor->shape) continue;
    for (const ir::Dim& dim : *tensor->shape) {
      for (std::string& name : dim.symbols()) names.push_back(std::move(name));
    }
  }
  for (const auto& [name, size] : dims) {
    if (std::ranges::find(names, name) != names.end()) continue;
    const auto near = closest(name, names);
    throw Error(
        Code::UnknownName, fmt::format("no input has an open dim `{}`", name),
        near ? fmt::format("did you mean `{}`?", *near) : "`ponte inspect` lists the open dims");
  }
}

verify::VerifyOptions verify_options(const VerifyOptions& options, const ir::Graph& judged,
                                     std::string_view format, std::vector<std::string>& left_out) {
  verify::VerifyOptions result;
  result.seed = options.seed;
  result.perturbed_runs = options.perturbed_runs;
  result.threads = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  result.memory_bytes = options.worker.memory_bytes;
  result.stop = options.stop;
  result.is_thorough = options.is_thorough;
  if (format == "onnx") {
    require_dims(judged, options.model.shapes.dims);
    result.inputs.dims = options.model.shapes.dims;
  }
  ReadInputs read = read_inputs(options.inputs, judged, result.inputs);
  result.samples = std::move(read.samples);
  left_out = std::move(read.left_out);
  result.tolerance = options.tolerance;
  result.on_progress = options.on_progress;
  return result;
}

Code code_of(const std::string& status) {
  if (status == "timed_out") return Code::WorkerTimedOut;
  if (status == "out_of_memory") return Code::WorkerOutOfMemory;
  if (status == "protocol") return Code::WorkerProtocol;
  if (status == "exited") return Code::WorkerExited;
  return status == "refused" ? Code::WorkerRefused : Code::WorkerCrashed;
}

// While another subject answers, a failed one is a row and a warning.
void report_failures(bool is_strict, VerifyJobResult& job) {
  const auto& subjects = job.result.subjects;
  const bool has_answer = std::ranges::any_of(
      subjects, [](const verify::SubjectResult& subject) { return subject.status == "ok"; });
  for (const verify::SubjectResult& subject : subjects) {
    if (subject.status == "ok" || subject.status == "unavailable" ||
        subject.status == "interrupted")
      continue;
    job.problems.add({.severity = is_strict || !has_answer ? Severity::Error : Severity::Warning,
                      .code = code_of(subject.status),
                      .message = fmt::format("{}: {}", subject.label, subject.why),
                      .where = {},
                      .help = {}});
  }
}

// Nothing is known of a file that the user named and that no runtime ran.
void require_answers(const std::vector<std::filesystem::path>& others,
                     verify::VerifyResult& result) {
  for (const std::filesystem::path& other : others) {
    const bool has_answered =
        std::ranges::any_of(result.subjects, [&](const verify::SubjectResult& subject) {
          return subject.model == other.string() && subject.status == "ok";
        });
    if (has_answered || result.verdict == verify::Verdict::Different) continue;
    result.verdict = verify::Verdict::Undecided;
    result.culprit_why = fmt::format("no runtime ran `{}`", other.string());
  }
}

// The judge, the reference and whatever runs a conversion share what ponte's reader made of the
// file: only a runtime that reads the file itself shows a misreading. LAB.md, Judging 4.
void require_reading(const std::filesystem::path& path, std::string_view format,
                     verify::VerifyResult& result) {
  using verify::Verdict;
  const bool is_confirmed =
      std::ranges::any_of(result.subjects, [&](const verify::SubjectResult& subject) {
        return subject.model == path.string() && subject.status == "ok" &&
               subject.runtime != runtimes::reference_adapter.name;
      });
  const bool is_the_same =
      result.verdict == Verdict::Equivalent || result.verdict == Verdict::WithinTolerance;
  if (is_confirmed || !is_the_same) return;
  result.verdict = Verdict::Undecided;
  result.culprit_why = fmt::format(
      "reading not confirmed: no runtime that reads `{}` itself ran `{}`", format, path.string());
}

verify::VerifyResult verified(const VerifySubjects& subjects, const std::filesystem::path& scratch,
                              const verify::VerifyOptions& options) {
  try {
    return verify::verify(subjects.judged(), subjects.subjects(), scratch, options);
  } catch (const Error& error) {
    if (error.code() != Code::BudgetExceeded) throw;
    throw Error(error.code(), fmt::format("the judge: {}", error.what()),
                "`--max-memory` allows more")
        .at(error.where());
  }
}

void run(const VerifyOptions& options, VerifyJobResult& job) {
  const bool has_map = !options.names.inputs.empty() || !options.names.outputs.empty();
  if (has_map && options.others.empty()) {
    throw Error(Code::UsageError, "`--map-input` and `--map-output` need another file",
                "they say what an input or output of the first file is called in the others");
  }
  const ScratchFolder scratch("converted models");
  VerifySubjects subjects(options, scratch.path(), job.problems);
  const bool is_unreadable =
      std::ranges::any_of(job.problems.entries(), [](const Diagnostic& problem) {
        return problem.severity == Severity::Error &&
               code_page(problem.code).kind != ErrorKind::Environment;
      });
  if (is_unreadable) return;
  if (subjects.subjects().empty()) {
    if (!job.problems.has_errors()) {
      job.problems.add(Error(Code::MissingRuntime, "no runtime takes any of the files",
                             "`ponte runtimes` lists which formats each of them takes"));
    }
    job.result.subjects = subjects.missing();
    return;
  }
  std::vector<std::string> left_out;
  const verify::VerifyOptions verifying =
      verify_options(options, subjects.judged(), subjects.format(), left_out);
  try {
    job.result = verified(subjects, scratch.path(), verifying);
  } catch (const Error& error) {
    if (error.code() != Code::NotEvaluable) throw;
    const Diagnostics all =
        unevaluable_ops(subjects.judged(), options.model.path.string(), Severity::Error);
    if (all.empty()) throw;
    return job.problems.append(all);
  }
  std::ranges::copy(left_out, std::back_inserter(job.result.assumptions));
  std::ranges::copy(subjects.missing(), std::back_inserter(job.result.subjects));
  report_failures(options.is_strict, job);
  if (job.result.was_interrupted) {
    job.problems.add(
        Error(Code::Interrupted, fmt::format("interrupted at: {}", job.result.interrupted_at),
              fmt::format("what is shown was judged; the same command with --seed {} repeats it",
                          options.seed)));
    return;
  }
  require_answers(options.others, job.result);
  require_reading(options.model.path, subjects.format(), job.result);
}

}  // namespace

VerifyJobResult verify_models(const VerifyOptions& options) {
  VerifyJobResult job;
  job.undecided = options.undecided;
  job.result.seed = options.seed;
  try {
    run(options, job);
  } catch (const Error& error) {
    const bool is_of_the_file =
        error.kind() != ErrorKind::Usage && error.kind() != ErrorKind::Interrupted;
    job.problems.add(
        error, is_of_the_file ? Location{options.model.path.string(), {}, {}, {}} : Location{});
  }
  return job;
}

int exit_code(const VerifyJobResult& job) {
  if (job.problems.has_errors()) return exit_code(job.problems);
  switch (job.result.verdict) {
    case verify::Verdict::Equivalent:
    case verify::Verdict::WithinTolerance:
      return 0;
    case verify::Verdict::Undecided:
      return job.undecided == UndecidedIs::Success ? 0 : 1;
    case verify::Verdict::Different:
      break;
  }
  return 1;
}

}  // namespace ponte::jobs
