#include "workers/fake/fake_engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <limits>

#include "base/clock.h"
#include "base/error.h"
#include "workers/fake/misbehave.h"

namespace ponte::worker {
namespace {

using protocol::HostTensor;
using protocol::Refusal;

void spin_for(std::uint64_t ns) {
  const Nanoseconds end = monotonic_raw_now() + Nanoseconds(static_cast<std::int64_t>(ns));
  while (monotonic_raw_now() < end) {
  }
}

}  // namespace

FakeEngine::FakeEngine(Script script)
    : script_(std::move(script)), latency_(script_.latency), canary_(script_.canary) {}

void FakeEngine::at(std::string_view phase) {
  const std::uint64_t visit = visits_[std::string(phase)]++;
  for (const Misbehaviour& misbehaviour : script_.misbehaviours) {
    if (misbehaviour.phase != phase || visit < misbehaviour.after) continue;
    if (misbehaviour.action == "wrong_answer" || misbehaviour.action == "nan") {
      wrong_ = misbehaviour.action;
    } else {
      misbehave(misbehaviour);
    }
  }
}

protocol::Identity FakeEngine::identity() {
  at("hello");
  return {.protocol = 0,
          .worker = "ponte-worker-fake",
          .runtime = "fake",
          .version = "1",
          .library_path = ""};
}

protocol::Description FakeEngine::describe() {
  at("describe");
  return {.devices = {"cpu"}, .formats = {"fake", "onnx"}, .settings = known_settings()};
}

protocol::Loaded FakeEngine::load(const protocol::LoadRequest& request) {
  if (request.format == "fake") {
    try {
      script_ = read_script(request.model);
    } catch (const Error& error) {
      throw Refusal("invalid_model", error.what());
    }
  }
  apply_settings(script_, request.settings);
  request_ = request;
  latency_ = runtimes::fake::LatencyModel(script_.latency);
  canary_ = runtimes::fake::LatencyModel(script_.canary);
  sets_.clear();
  selected_ = nullptr;
  executions_ = 0;
  virtual_ns_ = static_cast<std::uint64_t>(monotonic_raw_now().count());
  at("load");
  protocol::Loaded loaded{.load_ns = script_.load_ns, .inputs = script_.inputs};
  for (const ScriptedOutput& output : script_.outputs) {
    if (output.intermediate) {
      loaded.intermediates.push_back(output.tensor.name);
    } else {
      loaded.outputs.push_back(
          {.name = output.tensor.name, .dtype = output.tensor.dtype, .shape = output.tensor.shape});
    }
  }
  loaded.in_force = request.settings;
  return loaded;
}

void FakeEngine::set_inputs(std::uint64_t set, std::vector<HostTensor> inputs) {
  at("set_inputs");
  for (const protocol::ValueInfo& wanted : script_.inputs) {
    if (std::ranges::find(inputs, wanted.name, &HostTensor::name) == inputs.end()) {
      throw Refusal("invalid_input", fmt::format("input `{}` is missing", wanted.name));
    }
  }
  sets_[set] = std::move(inputs);
}

void FakeEngine::select(std::uint64_t set) {
  const auto it = sets_.find(set);
  if (it == sets_.end())
    throw Refusal("unknown_set", fmt::format("there are no inputs of set {}", set));
  selected_ = &it->second;
}

HostTensor FakeEngine::output_of(const ScriptedOutput& scripted) const {
  HostTensor tensor = scripted.tensor;
  if (scripted.copy_of.empty()) return tensor;
  const auto input = std::ranges::find(*selected_, scripted.copy_of, &HostTensor::name);
  if (input == selected_->end() || input->dtype != ir::DType::Float32) {
    throw Refusal("runtime_error", fmt::format("`{}` is no input of f32", scripted.copy_of));
  }
  tensor.shape = input->shape;
  tensor.dtype = input->dtype;
  tensor.bytes = input->bytes;
  for (std::size_t i = 0; i + sizeof(float) <= tensor.bytes.size(); i += sizeof(float)) {
    float value = 0;
    std::memcpy(&value, tensor.bytes.data() + i, sizeof value);
    value = static_cast<float>(scripted.scale * value + scripted.add);
    std::memcpy(tensor.bytes.data() + i, &value, sizeof value);
  }
  return tensor;
}

// The first element of the first output of f32.
void FakeEngine::spoil(std::vector<HostTensor>& outputs) const {
  for (HostTensor& tensor : outputs) {
    if (tensor.dtype != ir::DType::Float32 || tensor.bytes.empty()) continue;
    float value = 0;
    std::memcpy(&value, tensor.bytes.data(), sizeof value);
    value = wrong_ == "nan" ? std::numeric_limits<float>::quiet_NaN() : value * 1.5F + 1;
    std::memcpy(tensor.bytes.data(), &value, sizeof value);
    return;
  }
}

void FakeEngine::execute() {
  at("run");
  outputs_.clear();
  for (const ScriptedOutput& output : script_.outputs) {
    const bool kept = request_.keep_all ||
                      std::ranges::find(request_.keep, output.tensor.name) != request_.keep.end();
    if (!output.intermediate || kept) outputs_.push_back(output_of(output));
  }
  if (!wrong_.empty()) spoil(outputs_);
}

void FakeEngine::after_execution() {
  for (const protocol::StateLink& state : request_.states) {
    const auto from = std::ranges::find(outputs_, state.output, &HostTensor::name);
    const auto to = std::ranges::find(*selected_, state.input, &HostTensor::name);
    if (from == outputs_.end() || to == selected_->end()) continue;
    to->shape = from->shape;
    to->bytes = from->bytes;
  }
}

std::vector<HostTensor> FakeEngine::outputs() { return outputs_; }

std::uint64_t FakeEngine::next_latency() {
  const std::uint64_t index = executions_++;
  if (!script_.latencies_ns.empty())
    return script_.latencies_ns[index % script_.latencies_ns.size()];
  return latency_.next_ns();
}

std::uint64_t FakeEngine::measured_execution() {
  const std::uint64_t latency = next_latency();
  if (script_.real_time) spin_for(latency);
  virtual_ns_ += latency;
  return latency;
}

protocol::Measured FakeEngine::measure(const protocol::MeasureRequest& request) {
  at("measure");
  latency_.begin_block();
  protocol::Measured measured;
  if (!first_ns) {
    first_ns = measured_execution();
    measured.first_ns = first_ns;
  }
  if (script_.real_time) virtual_ns_ = static_cast<std::uint64_t>(monotonic_raw_now().count());
  const std::uint64_t begin = virtual_ns_;
  for (std::uint64_t i = 0;
       i < request.max_count && (i < request.count || virtual_ns_ - begin < request.min_ns); ++i) {
    measured.start_ns.push_back(virtual_ns_);
    std::uint64_t duration = 0;
    for (std::uint64_t k = 0; k < request.batch; ++k) duration += measured_execution();
    measured.duration_ns.push_back(duration);
  }
  measured.cpu_ns = virtual_ns_ - begin;
  return measured;
}

protocol::Calibration FakeEngine::calibrate() {
  at("calibrate");
  return protocol::calibrate_empty_call();
}

std::uint64_t FakeEngine::canary_ns() {
  at("canary");
  canary_.begin_block();
  return canary_.next_ns();
}

protocol::Profile FakeEngine::profile(std::uint64_t set, std::uint64_t executions) {
  at("profile");
  select(set);
  protocol::Profile profile{.nodes = script_.profile, .executions = executions};
  for (protocol::NodeTime& node : profile.nodes) {
    node.ns *= executions;
    node.calls = executions;
    profile.total_ns += node.ns;
  }
  return profile;
}

protocol::MemoryUse FakeEngine::memory() {
  at("memory");
  return protocol::own_memory();
}

}  // namespace ponte::worker
