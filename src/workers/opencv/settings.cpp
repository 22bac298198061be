#include "workers/opencv/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "runtimes/opencv/settings.h"
#include "runtimes/protocol/engine.h"

namespace ponte::worker {
namespace {

using protocol::Refusal;
using Backend = cv::dnn::Backend;
using Target = cv::dnn::Target;

struct DeviceRow {
  std::string_view name;
  Backend backend;
  Target target;
};

constexpr auto devices = std::to_array<DeviceRow>({
    {"cpu", cv::dnn::DNN_BACKEND_OPENCV, cv::dnn::DNN_TARGET_CPU},
    {"opencl", cv::dnn::DNN_BACKEND_OPENCV, cv::dnn::DNN_TARGET_OPENCL},
    {"opencl_fp16", cv::dnn::DNN_BACKEND_OPENCV, cv::dnn::DNN_TARGET_OPENCL_FP16},
    {"cuda", cv::dnn::DNN_BACKEND_CUDA, cv::dnn::DNN_TARGET_CUDA},
    {"cuda_fp16", cv::dnn::DNN_BACKEND_CUDA, cv::dnn::DNN_TARGET_CUDA_FP16},
    {"vulkan", cv::dnn::DNN_BACKEND_VKCOM, cv::dnn::DNN_TARGET_VULKAN},
});

struct BackendRow {
  std::string_view name;
  Backend backend;
};

constexpr auto backends = std::to_array<BackendRow>({
    {"default", cv::dnn::DNN_BACKEND_DEFAULT},
    {"opencv", cv::dnn::DNN_BACKEND_OPENCV},
    {"inference_engine", cv::dnn::DNN_BACKEND_INFERENCE_ENGINE},
    {"cuda", cv::dnn::DNN_BACKEND_CUDA},
    {"vkcom", cv::dnn::DNN_BACKEND_VKCOM},
});

// OpenCV falls back to something else in silence when a combination is missing.
bool is_available(Backend backend, Target target) {
  const auto targets = cv::dnn::getAvailableTargets(backend);
  return std::ranges::find(targets, target) != targets.end();
}

[[noreturn]] void refuse_value(const std::string& key, const std::string& value) {
  throw Refusal("invalid_setting", fmt::format("`{}` is no value for `{}`", value, key));
}

bool to_bool(const std::string& key, const std::string& value) {
  if (value == "1" || value == "true") return true;
  if (value == "0" || value == "false") return false;
  refuse_value(key, value);
}

int to_integer(const std::string& key, const std::string& text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) refuse_value(key, text);
  return value;
}

void set_winograd([[maybe_unused]] cv::dnn::Net& network, [[maybe_unused]] bool on) {
#if CV_VERSION_MAJOR > 4 || (CV_VERSION_MAJOR == 4 && CV_VERSION_MINOR >= 7)
  network.enableWinograd(on);
#else
  throw Refusal("unsupported", "this version of OpenCV has no choice about Winograd's algorithm");
#endif
}

}  // namespace

std::vector<std::string> available_devices() {
  std::vector<std::string> names;
  for (const DeviceRow& row : devices) {
    if (is_available(row.backend, row.target)) names.emplace_back(row.name);
  }
  return names;
}

std::map<std::string, std::string> apply_settings(
    cv::dnn::Net& network, const std::map<std::string, std::string>& settings,
    const std::string& device) {
  const std::string device_name = device.substr(0, device.find(':'));
  const auto* const row = std::ranges::find(devices, device_name, &DeviceRow::name);
  if (row == devices.end())
    throw Refusal("unknown_device", fmt::format("OpenCV has no device `{}`", device));
  Backend backend = row->backend;
  cv::setNumThreads(-1);
  cv::setUseOptimized(true);
  for (const auto& [key, value] : settings) {
    if (key == "threads") {
      cv::setNumThreads(to_integer(key, value));
    } else if (key == "fusion") {
      network.enableFusion(to_bool(key, value));
    } else if (key == "winograd") {
      set_winograd(network, to_bool(key, value));
    } else if (key == "optimized") {
      cv::setUseOptimized(to_bool(key, value));
    } else if (key == "backend") {
      const auto* const chosen = std::ranges::find(backends, value, &BackendRow::name);
      if (chosen == backends.end()) refuse_value(key, value);
      backend = chosen->backend;
    } else {
      throw Refusal("unknown_setting", fmt::format("OpenCV has no setting `{}`", key));
    }
  }
  if (!is_available(backend, row->target)) {
    throw Refusal("unknown_device",
                  fmt::format("this build of OpenCV can't run on `{}` with this backend", device));
  }
  network.setPreferableBackend(backend);
  network.setPreferableTarget(row->target);
  std::map<std::string, std::string> in_force = settings;
  for (const protocol::Setting& setting : runtimes::opencv::settings()) {
    if (!setting.default_value.empty()) in_force.try_emplace(setting.key, setting.default_value);
  }
  in_force["threads"] = std::to_string(cv::getNumThreads());
  return in_force;
}

}  // namespace ponte::worker
