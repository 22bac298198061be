#include "workers/onnxruntime/engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <utility>

#include "base/clock.h"
#include "base/error.h"
#include "base/paths.h"
#include "base/scratch_folder.h"
#include "runtimes/onnxruntime/settings.h"
#include "workers/onnxruntime/more_outputs.h"
#include "workers/onnxruntime/profile.h"
#include "workers/onnxruntime/session_options.h"
#include "workers/onnxruntime/values.h"

namespace ponte::worker {
namespace {

using protocol::HostTensor;
using protocol::Refusal;

std::int64_t thread_count() {
  std::error_code ignored;
  return static_cast<std::int64_t>(entries_of("/proc/self/task", ignored).size());
}

// Defaults, then what was set, then what can be seen: the threads that the session started are
// known only by counting.
std::map<std::string, std::string> settings_in_force(
    const std::map<std::string, std::string>& given, std::int64_t threads_created) {
  std::map<std::string, std::string> in_force;
  for (const protocol::Setting& setting : runtimes::onnxruntime::settings()) {
    if (!setting.default_value.empty()) in_force[setting.key] = setting.default_value;
  }
  for (const auto& [key, value] : given) in_force[key] = value;
  const bool parallel = in_force["execution_mode"] == "parallel";
  if (in_force["intra_threads"] == "0" && !parallel)
    in_force["intra_threads"] = std::to_string(threads_created + 1);
  in_force["threads_created"] = std::to_string(threads_created);
  return in_force;
}

// Throws Refusal.
void make(std::optional<ScratchFolder>& folder) {
  try {
    folder.emplace("the profile");
  } catch (const Error&) {
    throw Refusal("runtime_error", "no temporary folder for the profile");
  }
}

}  // namespace

OnnxRuntimeEngine::~OnnxRuntimeEngine() { after_execution(); }

Library& OnnxRuntimeEngine::library() {
  if (!library_) library_.emplace(library_path_);
  return *library_;
}

protocol::Identity OnnxRuntimeEngine::identity() {
  return {.worker = "ponte-worker-onnxruntime",
          .runtime = "onnxruntime",
          .version = library().version(),
          .library_path = library().path()};
}

protocol::Description OnnxRuntimeEngine::describe() {
  return {.devices = available_devices(library()),
          .formats = {"onnx"},
          .settings = runtimes::onnxruntime::settings()};
}

// With more outputs the model comes as bytes, and what lies beside its file needs the folder.
Owned<OrtSession> OnnxRuntimeEngine::make_session(OrtSessionOptions* options) {
  const OrtApi& api = library().api();
  OrtSession* session = nullptr;
  if (more_outputs_.empty()) {
    library().check(
        api.CreateSession(library().environment(), request_.model.c_str(), options, &session));
    return own(library(), session);
  }
  const std::string folder = std::filesystem::path(request_.model).parent_path().string();
  library().check(api.AddSessionConfigEntry(
      options, "session.model_external_initializers_file_folder_path", folder.c_str()));
  const std::string model = with_more_outputs(request_.model, more_outputs_);
  library().check(api.CreateSessionFromArray(library().environment(), model.data(), model.size(),
                                             options, &session));
  return own(library(), session);
}

// Those of the model, then the values to keep that are none of them.
void OnnxRuntimeEngine::choose_outputs(const std::vector<protocol::ValueInfo>& outputs) {
  output_names_.clear();
  for (const protocol::ValueInfo& output : outputs) output_names_.push_back(output.name);
  for (const std::string& name : request_.keep) {
    if (std::ranges::find(output_names_, name) != output_names_.end()) continue;
    output_names_.push_back(name);
    more_outputs_.push_back(name);
  }
  output_name_pointers_.clear();
  for (const std::string& name : output_names_) output_name_pointers_.push_back(name.c_str());
  outputs_.assign(output_names_.size(), nullptr);
}

protocol::Loaded OnnxRuntimeEngine::load(const protocol::LoadRequest& request) {
  if (request.format != "onnx") {
    throw Refusal("unsupported", fmt::format("ONNX Runtime does not read `{}`", request.format));
  }
  if (request.keep_all)
    throw Refusal("unsupported", "ONNX Runtime does not tell the names of intermediate values");
  after_execution();
  selected_ = nullptr;
  sets_.clear();
  session_.reset();
  request_ = request;
  more_outputs_.clear();
  static_cast<void>(library().log().take());
  const auto options = session_options(library(), request.settings, request.device);
  const std::int64_t threads_before = thread_count();
  const Nanoseconds start = monotonic_raw_now();
  session_ = make_session(options.get());
  const Nanoseconds end = monotonic_raw_now();
  protocol::Loaded loaded{.load_ns = static_cast<std::uint64_t>((end - start).count())};
  loaded.in_force = settings_in_force(request.settings, thread_count() - threads_before);
  loaded.inputs = session_values(library(), session_.get(), Side::Inputs);
  loaded.outputs = session_values(library(), session_.get(), Side::Outputs);
  choose_outputs(loaded.outputs);
  if (!more_outputs_.empty()) {
    session_.reset();
    session_ = make_session(options.get());
  }
  loaded.warnings = library().log().take();
  return loaded;
}

void OnnxRuntimeEngine::set_inputs(std::uint64_t set, std::vector<HostTensor> inputs) {
  if (!session_) throw Refusal("invalid_request", "no model is loaded");
  InputSet made;
  for (std::size_t begin = 0; begin < inputs.size();) {
    std::size_t end = begin + 1;
    while (end < inputs.size() && inputs[end].part == protocol::Part::Element &&
           inputs[end].name == inputs[begin].name) {
      ++end;
    }
    made.names.push_back(inputs[begin].name);
    made.values.push_back(to_value(library(), std::span(inputs).subspan(begin, end - begin)));
    begin = end;
  }
  for (const std::string& name : made.names) made.name_pointers.push_back(name.c_str());
  for (const auto& value : made.values) made.value_pointers.push_back(value.get());
  if (selected_ == &sets_[set]) selected_ = nullptr;
  sets_.erase(set);
  sets_.emplace(set, std::move(made));
}

void OnnxRuntimeEngine::select(std::uint64_t set) {
  const auto it = sets_.find(set);
  if (it == sets_.end())
    throw Refusal("unknown_set", fmt::format("there are no inputs of set {}", set));
  selected_ = &it->second;
}

void OnnxRuntimeEngine::run(OrtSession* session) {
  OrtStatus* status = library_->api().Run(
      session, nullptr, selected_->name_pointers.data(), selected_->value_pointers.data(),
      selected_->value_pointers.size(), output_name_pointers_.data(), output_name_pointers_.size(),
      outputs_.data());
  if (status != nullptr) library_->check(status);
}

void OnnxRuntimeEngine::execute() { run(session_.get()); }

void OnnxRuntimeEngine::after_execution() {
  for (const protocol::StateLink& state : request_.states) {
    if (selected_ == nullptr) break;
    const auto from = std::ranges::find(output_names_, state.output) - output_names_.begin();
    const auto to = std::ranges::find(selected_->names, state.input) - selected_->names.begin();
    if (from == std::ssize(output_names_) || to == std::ssize(selected_->names)) continue;
    OrtValue*& value = outputs_[static_cast<std::size_t>(from)];
    if (value == nullptr) continue;
    selected_->values[static_cast<std::size_t>(to)] = own(*library_, std::exchange(value, nullptr));
    selected_->value_pointers[static_cast<std::size_t>(to)] =
        selected_->values[static_cast<std::size_t>(to)].get();
  }
  for (OrtValue*& value : outputs_) {
    if (value != nullptr) library_->api().ReleaseValue(std::exchange(value, nullptr));
  }
}

std::vector<HostTensor> OnnxRuntimeEngine::outputs() {
  std::vector<HostTensor> tensors;
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    append_tensors(library(), outputs_[i], output_names_[i], tensors);
  }
  return tensors;
}

// A session of its own, since profiling slows down the one that it watches.
protocol::Profile OnnxRuntimeEngine::profile(std::uint64_t set, std::uint64_t executions) {
  select(set);
  std::optional<ScratchFolder> folder;
  make(folder);
  auto options = session_options(library(), request_.settings, request_.device);
  library().check(
      library().api().EnableProfiling(options.get(), (folder->path() / "trace").c_str()));
  const Owned<OrtSession> session = make_session(options.get());
  for (std::uint64_t i = 0; i < executions + 1; ++i) {
    run(session.get());
    for (OrtValue*& value : outputs_) library().api().ReleaseValue(std::exchange(value, nullptr));
  }
  char* file = nullptr;
  library().check(
      library().api().SessionEndProfiling(session.get(), default_allocator(library()), &file));
  return read_profile_trace(take_text(library(), file));
}

}  // namespace ponte::worker
