#include "verify/culprit.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "convert/convert.h"
#include "verify/local_test.h"

namespace ponte::verify {
namespace {

bool is_number(const ir::Value& value) {
  const ir::TensorType* tensor = value.type().as_tensor();
  return tensor && tensor->dtype != ir::DType::Undefined && tensor->dtype != ir::DType::String;
}

// A copy of an ONNX model in which every result is an output as well.
std::filesystem::path with_all_outputs(const std::filesystem::path& model,
                                       const std::filesystem::path& scratch) {
  Diagnostics problems;
  convert::Source source = convert::read(model, "onnx", {}, problems);
  ir::Graph& graph = *source.model.graph;
  for (const ir::Node& node : graph.nodes()) {
    for (ir::Value* value : node.outputs()) {
      if (value && is_number(*value) &&
          std::ranges::find(graph.outputs(), value) == graph.outputs().end()) {
        graph.add_output(*value);
      }
    }
  }
  const std::filesystem::path path = scratch / "all_outputs.onnx";
  source.format->write(source.model, path, {}, problems);
  for (const Diagnostic& problem : problems.entries()) {
    if (problem.severity == Severity::Error) throw Error(problem.code, problem.message);
  }
  return path;
}

// The name under which the runtime shows a value: its own, or that of the tensor of the source file
// it stands for.
std::string shown_name(const ir::Value& value, const SubjectSpec& spec) {
  const bool own = spec.load.format == "onnx" || !value.origin;
  return own ? value.name() : value.origin->name;
}

std::unordered_map<const ir::Value*, ops::Datum> known_values(const ir::Graph& graph,
                                                              const SubjectSpec& spec,
                                                              const Inputs& inputs,
                                                              const Values& shown) {
  std::unordered_map<const ir::Value*, ops::Datum> known;
  for (const ir::Value* input : graph.inputs()) {
    if (const auto it = inputs.find(input->name()); it != inputs.end())
      known.emplace(input, it->second);
  }
  for (const ir::Node& node : graph.nodes()) {
    for (const ir::Value* value : node.outputs()) {
      if (!value || !is_number(*value)) continue;
      const auto it = shown.find(shown_name(*value, spec));
      if (it != shown.end()) known.emplace(value, it->second);
    }
  }
  return known;
}

Culprit describe(const LocalError& error, const SubjectSpec& spec) {
  Culprit culprit;
  culprit.kind = error.region.size() > 1 ? "region" : "node";
  culprit.subject = spec.label;
  culprit.node = error.node->name().empty() ? error.value : error.node->name();
  culprit.op = error.node->op_name();
  for (const ir::Node* node : error.region) {
    for (const ir::NodeOrigin& origin : node->origins) {
      if (std::ranges::find(culprit.origin, origin.name) == culprit.origin.end())
        culprit.origin.push_back(origin.name);
    }
  }
  culprit.local_error = error.error;
  culprit.bound = error.bound;
  return culprit;
}

std::vector<std::string> names_to_keep(const ir::Graph& graph, const SubjectSpec& spec) {
  std::vector<std::string> names;
  for (const ir::Node& node : graph.nodes()) {
    for (const ir::Value* value : node.outputs()) {
      if (value && is_number(*value) && value->origin) names.push_back(shown_name(*value, spec));
    }
  }
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

}  // namespace

std::optional<Culprit> find_culprit(const VerifySubject& subject, const Inputs& inputs,
                                    const std::filesystem::path& scratch,
                                    const VerifyOptions& options, std::string& why) {
  SubjectSpec spec = subject.spec;
  std::vector<std::string> keep;
  if (spec.load.format == "onnx") {
    spec.load.model = with_all_outputs(spec.load.model, scratch).string();
  } else {
    keep = names_to_keep(*subject.graph, spec);
  }
  const auto shown = run_subject(spec, {inputs}, keep);
  if (!shown) {
    why = fmt::format("its intermediate values can't be had: {}",
                      runtimes::describe(shown.failure()));
    return std::nullopt;
  }
  evaluate::Options evaluation;
  evaluation.threads = options.threads;
  evaluation.stop = options.stop;
  Judge judge(*subject.graph, evaluation, spec.precision);
  const auto known = known_values(*subject.graph, spec, inputs, shown.value().front());
  const std::vector<LocalError> errors = local_errors(*subject.graph, judge, known, options.seed);
  const auto first = std::ranges::find(errors, true, &LocalError::fails);
  if (first == errors.end()) {
    why = fmt::format("each of the {} values that {} shows follows from those before it",
                      errors.size(), spec.runtime);
    return std::nullopt;
  }
  return describe(*first, spec);
}

}  // namespace ponte::verify
