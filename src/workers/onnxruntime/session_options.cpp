#include "workers/onnxruntime/session_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>

#include "runtimes/onnxruntime/settings.h"
#include "runtimes/protocol/engine.h"

namespace ponte::worker {
namespace {

using protocol::Refusal;
namespace keys = runtimes::onnxruntime;

struct Target {
  const Library& library;
  OrtSessionOptions* options;
  std::string_view key;
};

[[noreturn]] void refuse_value(const Target& target, const std::string& value) {
  throw Refusal("invalid_setting", fmt::format("`{}` is no value for `{}`", value, target.key));
}

std::int64_t to_integer(const Target& target, const std::string& text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) refuse_value(target, text);
  return value;
}

bool to_bool(const Target& target, const std::string& text) {
  if (text == "1" || text == "true") return true;
  if (text == "0" || text == "false") return false;
  refuse_value(target, text);
}

void set_intra_threads(const Target& target, const std::string& value) {
  target.library.check(target.library.api().SetIntraOpNumThreads(
      target.options, static_cast<int>(to_integer(target, value))));
}

void set_inter_threads(const Target& target, const std::string& value) {
  target.library.check(target.library.api().SetInterOpNumThreads(
      target.options, static_cast<int>(to_integer(target, value))));
}

void set_optimization_level(const Target& target, const std::string& value) {
  constexpr auto names = std::to_array<std::pair<std::string_view, int>>(
      {{"disable", 0}, {"basic", 1}, {"extended", 2}, {"layout", 3}, {"all", 99}});
  const auto* const it = std::ranges::find(names, value, &std::pair<std::string_view, int>::first);
  const auto level = it != names.end() ? it->second : to_integer(target, value);
  target.library.check(target.library.api().SetSessionGraphOptimizationLevel(
      target.options, static_cast<GraphOptimizationLevel>(level)));
}

void set_execution_mode(const Target& target, const std::string& value) {
  if (value != "sequential" && value != "parallel") refuse_value(target, value);
  target.library.check(target.library.api().SetSessionExecutionMode(
      target.options, value == "parallel" ? ORT_PARALLEL : ORT_SEQUENTIAL));
}

void set_arena(const Target& target, const std::string& value) {
  const OrtApi& api = target.library.api();
  target.library.check(to_bool(target, value) ? api.EnableCpuMemArena(target.options)
                                              : api.DisableCpuMemArena(target.options));
}

void set_pattern(const Target& target, const std::string& value) {
  const OrtApi& api = target.library.api();
  target.library.check(to_bool(target, value) ? api.EnableMemPattern(target.options)
                                              : api.DisableMemPattern(target.options));
}

void set_deterministic(const Target& target, const std::string& value) {
  constexpr std::uint32_t since = 17;
  if (target.library.api_version() < since) {
    throw Refusal("unsupported", fmt::format("ONNX Runtime {} has no deterministic_compute",
                                             target.library.version()));
  }
  target.library.check(
      target.library.api().SetDeterministicCompute(target.options, to_bool(target, value)));
}

void set_severity(const Target& target, const std::string& value) {
  target.library.check(target.library.api().SetSessionLogSeverityLevel(
      target.options, static_cast<int>(to_integer(target, value))));
}

void set_verbosity(const Target& target, const std::string& value) {
  target.library.check(target.library.api().SetSessionLogVerbosityLevel(
      target.options, static_cast<int>(to_integer(target, value))));
}

void set_optimized_path(const Target& target, const std::string& value) {
  target.library.check(
      target.library.api().SetOptimizedModelFilePath(target.options, value.c_str()));
}

void register_custom_ops(const Target& target, const std::string& value) {
  constexpr std::uint32_t since = 14;
  if (target.library.api_version() < since) {
    throw Refusal("unsupported", fmt::format("ONNX Runtime {} can't take custom_ops_library",
                                             target.library.version()));
  }
  target.library.check(
      target.library.api().RegisterCustomOpsLibrary_V2(target.options, value.c_str()));
}

struct Row {
  std::string_view key;
  void (*apply)(const Target& target, const std::string& value);
};

constexpr auto rows = std::to_array<Row>({
    {"intra_threads", set_intra_threads},
    {"inter_threads", set_inter_threads},
    {"graph_optimization_level", set_optimization_level},
    {"execution_mode", set_execution_mode},
    {"enable_cpu_mem_arena", set_arena},
    {"enable_mem_pattern", set_pattern},
    {"deterministic_compute", set_deterministic},
    {"log_severity_level", set_severity},
    {"log_verbosity_level", set_verbosity},
    {"optimized_model_filepath", set_optimized_path},
    {"custom_ops_library", register_custom_ops},
});

void apply_setting(const Target& target, const std::string& key, const std::string& value) {
  const OrtApi& api = target.library.api();
  for (const Row& row : rows) {
    if (row.key == key) return row.apply(target, value);
  }
  if (key.starts_with(keys::provider_prefix)) return;  // for the provider, below
  if (key.starts_with(keys::free_dimension_prefix)) {
    const std::string name = key.substr(std::string_view(keys::free_dimension_prefix).size());
    target.library.check(api.AddFreeDimensionOverrideByName(target.options, name.c_str(),
                                                            to_integer(target, value)));
  } else if (key.starts_with(keys::free_denotation_prefix)) {
    const std::string name = key.substr(std::string_view(keys::free_denotation_prefix).size());
    target.library.check(
        api.AddFreeDimensionOverride(target.options, name.c_str(), to_integer(target, value)));
  } else if (key.find('.') != std::string::npos) {
    target.library.check(api.AddSessionConfigEntry(target.options, key.c_str(), value.c_str()));
  } else {
    throw Refusal("unknown_setting", fmt::format("ONNX Runtime has no setting `{}`", key));
  }
}

// Keys and values of a provider, as the two arrays that the API wants.
class ProviderOptions {
 public:
  explicit ProviderOptions(const std::map<std::string, std::string>& settings) {
    const std::string_view prefix = keys::provider_prefix;
    for (const auto& [key, value] : settings) {
      if (key.starts_with(prefix)) options_.emplace_back(key.substr(prefix.size()), value);
    }
  }
  void add(std::string key, std::string value) {
    options_.emplace_back(std::move(key), std::move(value));
  }
  bool empty() const { return options_.empty(); }
  std::size_t size() const { return options_.size(); }
  std::vector<const char*> key_pointers() const {
    return pointers(&std::pair<std::string, std::string>::first);
  }
  std::vector<const char*> value_pointers() const {
    return pointers(&std::pair<std::string, std::string>::second);
  }

 private:
  std::vector<const char*> pointers(
      std::string std::pair<std::string, std::string>::*member) const {
    std::vector<const char*> result;
    for (const auto& option : options_) result.push_back((option.*member).c_str());
    return result;
  }
  std::vector<std::pair<std::string, std::string>> options_;
};

void append_cuda(const Library& library, OrtSessionOptions* options, const ProviderOptions& given) {
  const OrtApi& api = library.api();
  OrtCUDAProviderOptionsV2* raw = nullptr;
  library.check(api.CreateCUDAProviderOptions(&raw));
  const Owned<OrtCUDAProviderOptionsV2> cuda(raw, api.ReleaseCUDAProviderOptions);
  const auto names = given.key_pointers();
  const auto values = given.value_pointers();
  library.check(api.UpdateCUDAProviderOptions(raw, names.data(), values.data(), given.size()));
  library.check(api.SessionOptionsAppendExecutionProvider_CUDA_V2(options, raw));
}

void append_tensorrt(const Library& library, OrtSessionOptions* options,
                     const ProviderOptions& given) {
  const OrtApi& api = library.api();
  OrtTensorRTProviderOptionsV2* raw = nullptr;
  library.check(api.CreateTensorRTProviderOptions(&raw));
  const Owned<OrtTensorRTProviderOptionsV2> tensorrt(raw, api.ReleaseTensorRTProviderOptions);
  const auto names = given.key_pointers();
  const auto values = given.value_pointers();
  library.check(api.UpdateTensorRTProviderOptions(raw, names.data(), values.data(), given.size()));
  library.check(api.SessionOptionsAppendExecutionProvider_TensorRT_V2(options, raw));
}

void append_other(const Library& library, OrtSessionOptions* options, const std::string& name,
                  const ProviderOptions& given) {
  constexpr auto names = std::to_array<std::pair<std::string_view, const char*>>({
      {"coreml", "CoreML"},
      {"openvino", "OpenVINO"},
      {"qnn", "QNN"},
      {"snpe", "SNPE"},
      {"vitisai", "VitisAI"},
      {"webnn", "WEBNN"},
      {"xnnpack", "XNNPACK"},
  });
  constexpr std::uint32_t since = 12;
  const auto* const it =
      std::ranges::find(names, name, &std::pair<std::string_view, const char*>::first);
  if (it == names.end() || library.api_version() < since) {
    throw Refusal("unknown_device",
                  fmt::format("ONNX Runtime {} has no device `{}`", library.version(), name));
  }
  const auto option_names = given.key_pointers();
  const auto values = given.value_pointers();
  library.check(library.api().SessionOptionsAppendExecutionProvider(
      options, it->second, option_names.data(), values.data(), given.size()));
}

void append_provider(const Library& library, OrtSessionOptions* options, ProviderOptions given,
                     const std::string& device) {
  const std::size_t colon = device.find(':');
  const std::string name = device.substr(0, colon);
  if (name == "cpu") {
    if (!given.empty())
      throw Refusal("invalid_setting", "the CPU provider has no options of its own");
    return;
  }
  if (colon != std::string::npos) given.add("device_id", device.substr(colon + 1));
  if (name == "cuda") return append_cuda(library, options, given);
  if (name == "tensorrt") return append_tensorrt(library, options, given);
  append_other(library, options, name, given);
}

int nvidia_devices() {
  int count = 0;
  std::error_code ignored;
  while (std::filesystem::exists(fmt::format("/dev/nvidia{}", count), ignored)) ++count;
  return count;
}

}  // namespace

Owned<OrtSessionOptions> session_options(const Library& library,
                                         const std::map<std::string, std::string>& settings,
                                         const std::string& device) {
  OrtSessionOptions* raw = nullptr;
  library.check(library.api().CreateSessionOptions(&raw));
  Owned<OrtSessionOptions> options = own(library, raw);
  for (const auto& [key, value] : settings) apply_setting({library, raw, key}, key, value);
  append_provider(library, raw, ProviderOptions(settings), device);
  return options;
}

std::vector<std::string> available_devices(const Library& library) {
  char** providers = nullptr;
  int count = 0;
  library.check(library.api().GetAvailableProviders(&providers, &count));
  std::vector<std::string> devices = {"cpu"};
  for (int i = 0; i < count; ++i) {
    std::string name = providers[i];
    if (const auto end = name.find("ExecutionProvider"); end != std::string::npos) name.resize(end);
    std::ranges::transform(name, name.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    });
    if (name == "cpu" || name == "azure") continue;
    if (name == "cuda" || name == "tensorrt") {
      for (int index = 0; index < nvidia_devices(); ++index)
        devices.push_back(fmt::format("{}:{}", name, index));
    } else {
      devices.push_back(name);
    }
  }
  library.check(library.api().ReleaseAvailableProviders(providers, count));
  return devices;
}

}  // namespace ponte::worker
