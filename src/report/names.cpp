#include "report/names.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "report/fields.h"
#include "report/figures.h"

namespace ponte::report {
namespace {

using Pair = std::pair<std::string_view, std::string_view>;

constexpr auto runtimes = std::to_array<Pair>({
    {"executorch", "ExecuTorch"},
    {"libtorch", "LibTorch"},
    {"litert", "LiteRT"},
    {"mxnet", "MXNet"},
    {"onnxruntime", "ONNX Runtime"},
    {"opencv", "OpenCV DNN"},
    {"openvino", "OpenVINO"},
    {"paddle", "Paddle"},
    {"reference", "the judge"},
    {"tensorflow", "TensorFlow"},
    {"tvm", "TVM"},
    {"xla", "XLA"},
});

constexpr auto formats = std::to_array<Pair>({
    {"caffe", "Caffe"},
    {"coreml", "Core ML"},
    {"darknet", "Darknet"},
    {"keras", "Keras"},
    {"mxnet", "MXNet"},
    {"onnx", "ONNX"},
    {"openvino", "OpenVINO"},
    {"paddle", "Paddle"},
    {"stablehlo", "StableHLO"},
    {"tensorflow", "TensorFlow"},
    {"tflite", "TensorFlow Lite"},
    {"torch_export", "torch.export"},
    {"torchscript", "TorchScript"},
});

template <std::size_t Size>
std::string look_up(const std::array<Pair, Size>& table, std::string_view key) {
  const auto found = std::ranges::find(table, key, &Pair::first);
  return std::string(found == table.end() ? key : found->second);
}

bool differ(const Json::array_t& trials, std::string_view key) {
  std::set<std::string> texts;
  for (const Json& trial : trials) texts.insert(text_field(trial, key));
  return texts.size() > 1;
}

// Whether trials of one runtime come in several versions.
bool versions_differ(const Json::array_t& trials) {
  std::map<std::string, std::set<std::string>> versions;
  for (const Json& trial : trials) {
    versions[text_field(trial, "runtime")].insert(text_field(trial, "version"));
  }
  return std::ranges::any_of(versions, [](const auto& entry) { return entry.second.size() > 1; });
}

std::string joined_models(const Json::array_t& rows) {
  std::vector<std::string> names;
  for (const Json& row : rows) {
    std::string name = file_name(text_field(row, "model"));
    if (!name.empty() && std::ranges::find(names, name) == names.end())
      names.push_back(std::move(name));
  }
  constexpr std::size_t most_named = 3;
  const std::size_t named = names.size() <= most_named ? names.size() : most_named - 1;
  std::string out;
  for (std::size_t i = 0; i < named; ++i) out += (i > 0 ? ", " : "") + names[i];
  if (named < names.size()) out += fmt::format(" and {} others", names.size() - named);
  return out;
}

}  // namespace

std::string runtime_name(std::string_view runtime) { return look_up(runtimes, runtime); }

std::string format_name(std::string_view format) { return look_up(formats, format); }

std::string model_names(const Json& document) {
  const Json analysis = as_analysis(document);
  for (const auto& [part, key] : {std::pair("inspect", "file"), std::pair("convert", "source")}) {
    const std::string path = text_field(field(analysis, part), key);
    if (!path.empty()) return file_name(path);
  }
  for (const auto& [part, list] : {std::pair("bench", "trials"), std::pair("verify", "subjects")}) {
    const std::string names = joined_models(items(field(field(analysis, part), list)));
    if (!names.empty()) return names;
  }
  return {};
}

std::string run_name(const Json& analysis) {
  const std::string run = text_field(analysis, "run");
  return run.empty() ? text_field(field(analysis, "bench"), "run") : run;
}

std::string settings_text(const Json& settings) {
  std::string out;
  for (const auto& [key, value] : members(settings)) {
    if (!out.empty()) out += ", ";
    out += words(key) + ' ' + text_of(value);
  }
  return out;
}

TrialNames::TrialNames(const Json& bench) {
  const Json::array_t& trials = items(field(bench, "trials"));
  const bool with_version = versions_differ(trials);
  const bool with_settings = differ(trials, "settings");
  std::map<std::string, std::size_t> indices;
  for (const Json& trial : trials) {
    const std::string runtime = text_field(trial, "runtime");
    std::string name = runtime_name(runtime);
    const auto append = [&name](const std::string& more) {
      if (!more.empty()) name += ", " + more;
    };
    if (with_version) name += ' ' + text_field(trial, "version");
    if (with_settings) append(settings_text(field(trial, "settings")));
    if (differ(trials, "device")) append(text_field(trial, "device"));
    if (differ(trials, "batch")) append("batch " + text_field(trial, "batch"));
    if (differ(trials, "scenario")) append(words(text_field(trial, "scenario")));
    const std::size_t index = indices.try_emplace(runtime, indices.size()).first->second;
    entries_.try_emplace(text_field(trial, "id"), Entry{&trial, name, index});
  }
  // Different models stand in the name only where nothing else tells two trials apart.
  std::map<std::string, int> uses;
  for (const auto& [id, entry] : entries_) ++uses[entry.name];
  for (auto& [id, entry] : entries_) {
    if (uses[entry.name] > 1) entry.name += ", " + file_name(text_field(*entry.trial, "model"));
  }
  uses.clear();
  for (const auto& [id, entry] : entries_) ++uses[entry.name];
  for (auto& [id, entry] : entries_) {
    if (uses[entry.name] > 1) entry.name += " (" + id + ")";
  }
}

std::string TrialNames::name(std::string_view id) const {
  const auto found = entries_.find(id);
  return found == entries_.end() ? std::string(id) : found->second.name;
}

std::size_t TrialNames::runtime_index(std::string_view id) const {
  const auto found = entries_.find(id);
  return found == entries_.end() ? 0 : found->second.runtime_index;
}

const Json& TrialNames::trial(std::string_view id) const {
  static const Json none;
  const auto found = entries_.find(id);
  return found == entries_.end() ? none : *found->second.trial;
}

}  // namespace ponte::report
