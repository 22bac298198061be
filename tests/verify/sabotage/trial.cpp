#include "verify/sabotage/trial.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/error.h"
#include "base/random.h"
#include "formats/caffe/write.h"
#include "paths.h"
#include "runtimes/discover.h"
#include "verify/local_test.h"

namespace ponte::sabotage {
namespace {

namespace fs = std::filesystem;
using Known = std::unordered_map<const ir::Value*, ops::Datum>;

void throw_first_error(const Diagnostics& problems) {
  for (const Diagnostic& problem : problems.entries()) {
    if (problem.severity == Severity::Error) throw Error(problem.code, problem.message);
  }
}

const ir::Node& node_at(const ir::Graph& graph, std::size_t index) {
  return *std::next(graph.nodes().begin(), static_cast<std::ptrdiff_t>(index));
}

// A network without weights gets random ones, in a file that OpenCV reads too.
fs::path drawn_weights(const jobs::ModelOptions& source, const fs::path& scratch) {
  Diagnostics problems;
  caffe::ReadOptions options;
  options.random_weights = source.random_weights;
  options.input_shapes = source.shapes.input_shapes;
  const caffe::ReadResult result = caffe::read_with_blobs(source.path, options, problems);
  throw_first_error(problems);
  const fs::path path = scratch / "drawn.caffemodel";
  caffe::write_weights(result.model.graph->name, result.blobs, path);
  return path;
}

// OpenCV has to be told where the weights are.
fs::path weights_beside(const fs::path& network) {
  fs::path beside = network;
  beside.replace_extension(".caffemodel");
  return fs::exists(beside) ? beside : fs::path();
}

std::string written(const ir::Model& model, const fs::path& path) {
  Diagnostics problems;
  convert::format_named("onnx").write(model, path, {}, problems);
  for (const Diagnostic& problem : problems.entries()) {
    if (problem.severity == Severity::Error) return problem.message;
  }
  return {};
}

enum class Effect : std::uint8_t { None, BelowRounding, Visible };

// What the fault does to values that are computed without any rounding.
Effect effect_of(const ir::Graph& judged, const ir::Graph& subject, std::uint64_t seed) {
  Effect effect = Effect::None;
  for (std::uint64_t set = 0; set < 2; ++set) {
    const auto kind = set == 0 ? verify::InputKind::Normal : verify::InputKind::Expected;
    verify::InputOptions options;
    options.seed = mix_seed(seed, set);
    const verify::Inputs inputs = verify::make_inputs(judged, kind, options).values;
    verify::Judge judge(judged, {});
    const auto values = verify::Judge(subject, {}).all_values(inputs);
    Known known;
    for (const ir::Value* input : judged.inputs()) {
      if (const auto it = inputs.find(input->name()); it != inputs.end())
        known.emplace(input, it->second);
    }
    for (const ir::Node& node : judged.nodes()) {
      for (const ir::Value* value : node.outputs()) {
        if (!value) continue;
        if (const auto it = values.find(value->name()); it != values.end())
          known.emplace(value, it->second);
      }
    }
    for (const verify::LocalError& error : verify::local_errors(judged, judge, known, seed)) {
      if (error.fails) return Effect::Visible;
      if (error.error > 0) effect = Effect::BelowRounding;
    }
  }
  return effect;
}

// Whether a fault in the reader changes an output, or a value that the source's runtime has as
// well: within what one layer became it may change what nothing takes.
bool reaches_the_source(const ir::Graph& faulty, const ir::Graph& clean, std::uint64_t seed) {
  for (const auto kind : {verify::InputKind::Normal, verify::InputKind::Expected}) {
    verify::InputOptions options;
    options.seed = seed;
    const verify::Inputs inputs = verify::make_inputs(clean, kind, options).values;
    const auto wrong = verify::Judge(faulty, {}).all_values(inputs);
    for (const auto& [name, right] : verify::Judge(clean, {}).all_values(inputs)) {
      const ir::Value* value = clean.find(name);
      if (!value || (!value->origin && value->output_of().empty())) continue;
      const auto it = wrong.find(name);
      if (it == wrong.end() || !verify::equal_data(right, it->second)) return true;
    }
  }
  return false;
}

bool names(const verify::Culprit& culprit, const ir::Node& node) {
  const std::string own =
      node.name().empty() && node.output(0) ? node.output(0)->name() : node.name();
  return culprit.node == own ||
         std::ranges::any_of(node.origins, [&](const ir::NodeOrigin& origin) {
           return std::ranges::find(culprit.origin, origin.name) != culprit.origin.end();
         });
}

std::string describe(const verify::VerifyResult& result) {
  std::string text(verify::to_string(result.verdict));
  for (const verify::OutputVerdict& output : result.outputs) {
    text += fmt::format("; {} of {}: {} {}", output.name, output.subject,
                        verify::to_string(output.verdict), output.why);
  }
  for (const verify::SubjectResult& subject : result.subjects) {
    if (subject.status != "ok") text += fmt::format("; {}: {}", subject.runtime, subject.why);
  }
  if (result.culprit)
    text += fmt::format("; culprit {} `{}`", result.culprit->kind, result.culprit->node);
  return text + "; " + result.culprit_why;
}

}  // namespace

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::NotApplicable:
      return "not applicable";
    case Outcome::NoEffect:
      return "no effect";
    case Outcome::BelowRounding:
      return "below rounding";
    case Outcome::Refused:
      return "refused";
    case Outcome::EndsUndecided:
      return "undecided";
    case Outcome::Missed:
      return "missed";
    case Outcome::Misnamed:
      return "misnamed";
    case Outcome::Found:
      return "found";
  }
  return "";
}

std::optional<verify::VerifySubject> subject_on(std::string_view runtime, const fs::path& model,
                                                const fs::path& weights, std::string_view format,
                                                const ir::Graph& graph) {
  runtimes::SearchPath search = runtimes::default_search_path();
  search.worker_folder = test::program_folder();
  const runtimes::Discovery discovery = runtimes::discover({.name = std::string(runtime)}, search);
  if (!discovery.found) return std::nullopt;
  verify::VerifySubject subject;
  subject.graph = &graph;
  subject.spec.model_path = model.string();
  subject.spec.runtime = runtime;
  subject.spec.version = discovery.found->version;
  subject.spec.label = fmt::format("{} on {}", runtime, model.filename().string());
  subject.spec.command = runtimes::worker_command(*discovery.adapter, *discovery.found, search);
  subject.spec.load.model = fs::absolute(model).string();
  if (!weights.empty()) subject.spec.load.weights = fs::absolute(weights).string();
  subject.spec.load.format = format;
  subject.spec.load.settings = {{runtime == "opencv" ? "threads" : "intra_threads", "1"}};
  return subject;
}

Saboteur::Saboteur(jobs::ModelOptions source, fs::path scratch)
    : source_(std::move(source)), scratch_(std::move(scratch)) {
  if (source_.random_weights) {
    source_.weights = drawn_weights(source_, scratch_);
    source_.random_weights.reset();
  } else if (source_.weights.empty() && convert::recognise(source_.path).name == "caffe") {
    source_.weights = weights_beside(source_.path);
  }
  const ir::Model model = read();
  format_ = convert::recognise(source_.path).name;
  for (const ir::Node& node : model.graph->nodes()) ops_.emplace_back(node.op_name());
}

ir::Model Saboteur::read() const {
  Diagnostics problems;
  convert::Source source = jobs::read_model(source_, problems);
  throw_first_error(problems);
  return std::move(source.model);
}

verify::VerifyResult Saboteur::verify_with(const ir::Graph& judged, const ir::Graph& target,
                                           const fs::path& target_file, Sources sources,
                                           const verify::VerifyOptions& options,
                                           const Settings& settings) {
  std::vector<verify::VerifySubject> subjects;
  if (sources == Sources::Run) {
    const std::string_view own = format_ == "caffe" ? "opencv" : "onnxruntime";
    if (auto subject = subject_on(own, source_.path, source_.weights, format_, judged))
      subjects.push_back(std::move(*subject));
  }
  if (auto subject = subject_on("onnxruntime", target_file, {}, "onnx", target)) {
    for (const auto& [key, value] : settings) subject->spec.load.settings[key] = value;
    subjects.push_back(std::move(*subject));
  }
  return verify::verify(judged, subjects, scratch_, options);
}

Trial Saboteur::run(std::size_t node, const Fault& fault, Side side) {
  const ir::Model clean = read(), faulty = read();
  const ir::Node& original = node_at(*clean.graph, node);
  Trial trial{side,       original.name(),        std::string(original.op_name()),
              fault.kind, Outcome::NotApplicable, {}};
  if (!plant(*faulty.graph, node, fault)) return trial;
  const fs::path file = scratch_ / "faulty.onnx";
  trial.detail = written(faulty, file);
  if (!trial.detail.empty()) return trial;
  const ir::Graph& judged = side == Side::Writer ? *clean.graph : *faulty.graph;
  try {
    switch (effect_of(judged, side == Side::Writer ? *faulty.graph : *clean.graph, 1)) {
      case Effect::None:
        trial.outcome = Outcome::NoEffect;
        return trial;
      case Effect::BelowRounding:
        trial.outcome = Outcome::BelowRounding;
        return trial;
      case Effect::Visible:
        break;
    }
    if (side == Side::Reader && format_ == "caffe" &&
        !reaches_the_source(*faulty.graph, *clean.graph, 1)) {
      trial.outcome = Outcome::NoEffect;
      return trial;
    }
  } catch (const Error& error) {
    trial.detail = error.what();
    return trial;
  }
  Diagnostics problems;
  const convert::Source target = convert::read(file, "onnx", {}, problems);
  verify::VerifyResult result;
  try {
    result = verify_with(judged, *target.model.graph, file,
                         side == Side::Reader ? Sources::Run : Sources::LeftOut, {}, {});
  } catch (const Error& error) {  // the judge itself can't evaluate it: no silent fault
    trial.outcome = Outcome::Refused;
    trial.detail = error.what();
    return trial;
  }
  trial.detail = describe(result);
  const bool refused = std::ranges::any_of(
      result.subjects, [](const verify::SubjectResult& subject) { return subject.status != "ok"; });
  if (refused || result.subjects.empty()) {
    trial.outcome = Outcome::Refused;
  } else if (result.verdict == verify::Verdict::Undecided) {
    trial.outcome = Outcome::EndsUndecided;
  } else if (result.verdict != verify::Verdict::Different) {
    trial.outcome = Outcome::Missed;
  } else {
    const bool blamed = side == Side::Writer || result.blame == "reader-or-source-runtime";
    const bool named = result.culprit && names(*result.culprit, original);
    trial.outcome = blamed && named ? Outcome::Found : Outcome::Misnamed;
  }
  return trial;
}

verify::VerifyResult Saboteur::verify_clean(std::uint64_t seed, const Settings& settings) {
  const ir::Model model = read();
  const fs::path file = scratch_ / "clean.onnx";
  if (const std::string problem = written(model, file); !problem.empty())
    throw Error(Code::InvalidGraph, problem);
  Diagnostics problems;
  const convert::Source target = convert::read(file, "onnx", {}, problems);
  verify::VerifyOptions options;
  options.seed = seed;
  return verify_with(*model.graph, *target.model.graph, file, Sources::Run, options, settings);
}

}  // namespace ponte::sabotage
