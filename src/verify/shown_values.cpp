#include "verify/shown_values.h"

#include <algorithm>
#include <set>
#include <utility>

#include "convert/convert.h"

namespace ponte::verify {
namespace {

bool is_number(const ir::Value& value) {
  const ir::TensorType* tensor = value.type().as_tensor();
  return tensor && tensor->dtype != ir::DType::Undefined && tensor->dtype != ir::DType::String;
}

// The values that the file itself has: a reader that translates a node makes others up.
std::set<std::string> names_in_file(const ir::Graph& graph) {
  std::set<std::string> names;
  for (const ir::Node& node : graph.nodes()) {
    if (node.record) names.insert(node.record->outputs.begin(), node.record->outputs.end());
  }
  return names;
}

// A copy of an ONNX model in which these values are outputs as well, where the file has them.
std::filesystem::path with_outputs(const std::filesystem::path& model,
                                   const std::set<std::string>& names,
                                   const std::filesystem::path& scratch) {
  Diagnostics problems;
  convert::Source source = convert::read(model, "onnx", {}, problems);
  ir::Graph& graph = *source.model.graph;
  const std::set<std::string> in_file = names_in_file(graph);
  for (const ir::Node& node : graph.nodes()) {
    for (ir::Value* value : node.outputs()) {
      if (value && is_number(*value) && names.contains(value->name()) &&
          in_file.contains(value->name()) &&
          std::ranges::find(graph.outputs(), value) == graph.outputs().end()) {
        graph.add_output(*value);
      }
    }
  }
  std::filesystem::path path = scratch / "shown_values.onnx";
  source.format->write(source.model, path, {}, problems);
  for (const Diagnostic& problem : problems.entries()) {
    if (problem.severity == Severity::Error) throw Error(problem.code, problem.message);
  }
  return path;
}

// The names that a runtime may know a value by: OpenCV puts a word before those of ONNX. A Caffe
// layer that changes its blob in place has the name of the layer alone.
std::vector<std::string> names_of(const ir::Value& value, std::string_view format) {
  if (format == "onnx") {
    std::vector<std::string> names{value.name(), "onnx_node_output_0!" + value.name()};
    if (value.producer()) names.push_back("onnx_node!" + value.producer()->name());
    return names;
  }
  return value.origin ? names_in_source(value) : std::vector<std::string>();
}

}  // namespace

runtimes::Outcome<std::vector<std::string>> layers_of(const SubjectSpec& spec) {
  auto worker = runtimes::Worker::start(spec.command);
  if (!worker) return worker.failure();
  const auto loaded = worker.value()->load(spec.load);
  if (!loaded) return loaded.failure();
  (void)worker.value()->bye();
  return loaded.value().intermediates;
}

ShownValues::ShownValues(const VerifySubject& subject, const std::vector<Inputs>& sets,
                         std::filesystem::path scratch, SubjectRunner runner)
    : subject_(subject), sets_(sets), scratch_(std::move(scratch)), runner_(std::move(runner)) {}

std::string ShownValues::name_of(const ir::Value& value) const {
  const std::string& format = subject_.spec.load.format;
  if (layers_.empty()) return format == "onnx" ? value.name() : std::string();
  for (std::string& name : names_of(value, format)) {
    if (std::ranges::find(layers_, name) != layers_.end()) return std::move(name);
  }
  return {};
}

runtimes::Outcome<std::vector<const ir::Value*>> ShownValues::candidates() {
  auto layers = runner_.layers(subject_.spec);
  if (!layers) return layers.failure();
  layers_ = std::move(layers.value());
  std::vector<const ir::Value*> values;
  for (const ir::Node& node : subject_.graph->nodes()) {
    for (const ir::Value* value : node.outputs()) {
      if (value && is_number(*value) && !name_of(*value).empty()) values.push_back(value);
    }
  }
  return values;
}

runtimes::Outcome<std::vector<Values>> ShownValues::run(
    const std::vector<const ir::Value*>& wanted) {
  std::set<std::string> names;
  for (const ir::Value* value : wanted) names.insert(name_of(*value));
  SubjectSpec spec = subject_.spec;
  if (!layers_.empty()) return runner_.run(spec, sets_, {names.begin(), names.end()});
  spec.load.model = with_outputs(spec.load.model, names, scratch_).string();
  return runner_.run(spec, sets_, {});
}

Known ShownValues::known(const Inputs& inputs, const Values& values) const {
  Known known;
  for (const ir::Value* input : subject_.graph->inputs()) {
    if (const auto it = inputs.find(input->name()); it != inputs.end())
      known.emplace(input, it->second);
  }
  for (const ir::Node& node : subject_.graph->nodes()) {
    for (const ir::Value* value : node.outputs()) {
      if (!value || !is_number(*value)) continue;
      const auto it = values.find(name_of(*value));
      if (it != values.end()) known.emplace(value, it->second);
    }
  }
  return known;
}

}  // namespace ponte::verify
