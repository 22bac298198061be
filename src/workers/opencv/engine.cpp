#include "workers/opencv/engine.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/clock.h"
#include "runtimes/opencv/settings.h"
#include "workers/opencv/mats.h"
#include "workers/opencv/settings.h"

namespace ponte::worker {
namespace {

using protocol::HostTensor;
using protocol::Refusal;

std::string library_path() {
  cv::dnn::Net (*const function)(const cv::String&) = cv::dnn::readNetFromONNX;
  Dl_info info{};
  return ::dladdr(reinterpret_cast<const void*>(function), &info) != 0 ? info.dli_fname : "";
}

cv::dnn::Net read_network(const protocol::LoadRequest& request) {
  if (request.format == "onnx") return cv::dnn::readNetFromONNX(request.model);
  if (request.format == "caffe") return cv::dnn::readNetFromCaffe(request.model, request.weights);
  throw Refusal("unsupported",
                fmt::format("this worker reads onnx and caffe, not `{}`", request.format));
}

Nanoseconds in_nanoseconds(double ticks) {
  return Nanoseconds(std::llround(ticks * 1e9 / cv::getTickFrequency()));
}

}  // namespace

protocol::Identity OpenCvEngine::identity() {
  return {.worker = "ponte-worker-opencv",
          .runtime = "opencv",
          .version = cv::getVersionString(),
          .library_path = library_path()};
}

protocol::Description OpenCvEngine::describe() {
  return {.devices = available_devices(),
          .formats = {"caffe", "onnx"},
          .settings = runtimes::opencv::settings()};
}

void OpenCvEngine::choose_outputs() {
  output_names_ = network_.getUnconnectedOutLayersNames();
  const std::vector<std::string> layers = network_.getLayerNames();
  for (const std::string& name : request_.keep_all ? layers : request_.keep) {
    if (std::ranges::find(layers, name) == layers.end()) {
      throw Refusal("invalid_request", fmt::format("OpenCV's network has no layer `{}`", name));
    }
    if (std::ranges::find(output_names_, name) == output_names_.end())
      output_names_.push_back(name);
  }
}

protocol::Loaded OpenCvEngine::load(const protocol::LoadRequest& request) {
  selected_ = nullptr;
  sets_.clear();
  request_ = request;
  network_ = {};
  protocol::Loaded loaded;
  const Nanoseconds start = monotonic_raw_now();
  try {
    network_ = read_network(request);
  } catch (const cv::Exception& error) {
    throw Refusal("invalid_model", error.what());
  }
  loaded.load_ns = static_cast<std::uint64_t>((monotonic_raw_now() - start).count());
  if (network_.empty()) throw Refusal("invalid_model", "OpenCV made no network of this file");
  loaded.in_force = apply_settings(network_, request.settings, request.device);
  for (const std::string& name : network_.getUnconnectedOutLayersNames()) {
    loaded.outputs.push_back({.name = name, .dtype = ir::DType::Float32});
  }
  loaded.intermediates = network_.getLayerNames();
  choose_outputs();
  return loaded;
}

void OpenCvEngine::set_inputs(std::uint64_t set, std::vector<HostTensor> inputs) {
  if (network_.empty()) throw Refusal("invalid_request", "no model is loaded");
  std::vector<Input> made;
  const auto input_layer = network_.getLayer(0);
  for (const HostTensor& tensor : inputs) {
    if (input_layer->outputNameToIndex(tensor.name) < 0) {
      throw Refusal("invalid_input",
                    fmt::format("OpenCV's network has no input `{}`", tensor.name));
    }
    made.push_back({.name = tensor.name, .mat = to_mat(tensor)});
  }
  if (selected_ == &sets_[set]) selected_ = nullptr;
  sets_[set] = std::move(made);
}

void OpenCvEngine::select(std::uint64_t set) {
  const auto it = sets_.find(set);
  if (it == sets_.end())
    throw Refusal("unknown_set", fmt::format("there are no inputs of set {}", set));
  selected_ = &it->second;
}

void OpenCvEngine::execute() {
  for (const Input& input : *selected_) network_.setInput(input.mat, input.name);
  network_.forward(outputs_, output_names_);
}

void OpenCvEngine::after_execution() {
  if (selected_ == nullptr || outputs_.size() != output_names_.size()) return;
  for (const protocol::StateLink& state : request_.states) {
    const auto from = std::ranges::find(output_names_, state.output) - output_names_.begin();
    const auto to = std::ranges::find(*selected_, state.input, &Input::name);
    if (from == std::ssize(output_names_) || to == selected_->end()) continue;
    const cv::Mat& output = outputs_[static_cast<std::size_t>(from)];
    if (output.total() == to->mat.total())
      to->mat = output.reshape(1, to->mat.dims, to->mat.size.p).clone();
  }
}

std::vector<HostTensor> OpenCvEngine::outputs() {
  std::vector<HostTensor> tensors;
  for (std::size_t i = 0; i < outputs_.size(); ++i)
    tensors.push_back(to_tensor(outputs_[i], output_names_[i]));
  return tensors;
}

protocol::Profile OpenCvEngine::profile(std::uint64_t set, std::uint64_t executions) {
  select(set);
  execute();
  protocol::Profile profile{.executions = executions};
  std::vector<double> ticks;
  for (std::uint64_t i = 0; i < executions; ++i) {
    execute();
    std::vector<double> once;
    profile.total_ns += static_cast<std::uint64_t>(
        in_nanoseconds(static_cast<double>(network_.getPerfProfile(once))).count());
    ticks.resize(std::max(ticks.size(), once.size()));
    for (std::size_t k = 0; k < once.size(); ++k) ticks[k] += once[k];
  }
  for (std::size_t k = 0; k < ticks.size(); ++k) {
    const auto layer = network_.getLayer(static_cast<int>(k + 1));
    profile.nodes.push_back({.node = layer->name,
                             .op = layer->type,
                             .ns = static_cast<std::uint64_t>(in_nanoseconds(ticks[k]).count()),
                             .calls = executions});
  }
  return profile;
}

}  // namespace ponte::worker
