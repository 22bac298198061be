#include "runtimes/protocol/messages.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/json.h"
#include "runtimes/protocol/fields.h"
#include "runtimes/protocol/message.h"

namespace ponte::protocol {
namespace {

Json to_json(const ValueInfo& value) {
  Json json = {{"name", value.name}, {"dtype", static_cast<int>(value.dtype)}};
  if (value.shape) json["shape"] = *value.shape;
  if (value.kind != "tensor") json["kind"] = value.kind;
  return json;
}

Json to_json(const std::vector<ValueInfo>& values) {
  Json list = Json::array();
  for (const ValueInfo& value : values) list.push_back(to_json(value));
  return list;
}

std::vector<ValueInfo> read_values(const Json& list) {
  std::vector<ValueInfo> values;
  values.reserve(list.size());
  for (const Json& json : list) {
    const Fields fields(json, "a value");
    ValueInfo& value = values.emplace_back();
    value.name = fields.text("name");
    value.dtype = ir::dtype_from_number(fields.integer("dtype")).value_or(ir::DType::Undefined);
    if (fields.has("shape")) value.shape = fields.integers("shape", Limits{}.rank);
    value.kind = fields.text_or("kind", "tensor");
  }
  return values;
}

}  // namespace

Json to_json(const Identity& identity) {
  return {{"protocol", identity.protocol},
          {"worker", identity.worker},
          {"runtime", identity.runtime},
          {"version", identity.version},
          {"library_path", identity.library_path}};
}

Identity read_identity(const Json& json) {
  const Fields fields(json, "hello");
  const std::int64_t protocol = fields.integer("protocol");
  if (protocol != version) {
    throw Error(
        Code::WorkerProtocol,
        fmt::format("the worker speaks version {} of the protocol, this is {}", protocol, version));
  }
  return {.protocol = version,
          .worker = fields.text("worker"),
          .runtime = fields.text("runtime"),
          .version = fields.text("version"),
          .library_path = fields.text_or("library_path", "")};
}

Json to_json(const Description& description) {
  Json settings = Json::array();
  for (const Setting& setting : description.settings) {
    settings.push_back({{"key", setting.key},
                        {"type", setting.type},
                        {"description", setting.description},
                        {"default", setting.default_value}});
  }
  return {{"devices", description.devices},
          {"formats", description.formats},
          {"settings", std::move(settings)}};
}

Description read_description(const Json& json) {
  const Fields fields(json, "describe");
  Description description{
      .devices = fields.texts("devices"), .formats = fields.texts("formats"), .settings = {}};
  for (const Json& item : fields.list("settings")) {
    const Fields setting(item, "a setting");
    description.settings.push_back({.key = setting.text("key"),
                                    .type = setting.text("type"),
                                    .description = setting.text("description"),
                                    .default_value = setting.text_or("default", "")});
  }
  return description;
}

Json to_json(const LoadRequest& request) {
  Json states = Json::array();
  for (const StateLink& state : request.states) {
    states.push_back({{"output", state.output}, {"input", state.input}});
  }
  return {{"model", request.model},       {"weights", request.weights},
          {"format", request.format},     {"device", request.device},
          {"settings", request.settings}, {"keep", request.keep},
          {"keep_all", request.keep_all}, {"states", std::move(states)}};
}

LoadRequest read_load_request(const Json& json) {
  const Fields fields(json, "load");
  LoadRequest request{.model = fields.text("model"),
                      .weights = fields.text_or("weights", ""),
                      .format = fields.text("format"),
                      .device = fields.text_or("device", "cpu"),
                      .settings = fields.text_map("settings"),
                      .keep = fields.texts("keep"),
                      .keep_all = fields.flag_or("keep_all", false),
                      .states = {}};
  if (fields.has("states")) {
    for (const Json& item : fields.list("states")) {
      const Fields state(item, "a state");
      request.states.push_back({.output = state.text("output"), .input = state.text("input")});
    }
  }
  return request;
}

Json to_json(const Loaded& loaded) {
  Json json = {{"load_ns", loaded.load_ns},
               {"outputs", to_json(loaded.outputs)},
               {"intermediates", loaded.intermediates},
               {"in_force", loaded.in_force},
               {"warnings", loaded.warnings}};
  if (loaded.inputs) json["inputs"] = to_json(*loaded.inputs);
  return json;
}

Loaded read_loaded(const Json& json) {
  const Fields fields(json, "load");
  Loaded loaded{.load_ns = fields.count("load_ns"),
                .inputs = {},
                .outputs = read_values(fields.list("outputs")),
                .intermediates = fields.texts("intermediates"),
                .in_force = fields.text_map("in_force"),
                .warnings = fields.texts("warnings")};
  if (fields.has("inputs")) loaded.inputs = read_values(fields.list("inputs"));
  return loaded;
}

Json to_json(const MeasureRequest& request) {
  return {{"set", request.set},
          {"count", request.count},
          {"min_ns", request.min_ns},
          {"max_count", request.max_count},
          {"batch", request.batch}};
}

MeasureRequest read_measure_request(const Json& json) {
  const Fields fields(json, "measure");
  MeasureRequest request{.set = fields.count("set"),
                         .count = fields.count_or("count", 1),
                         .min_ns = fields.count_or("min_ns", 0),
                         .max_count = fields.count_or("max_count", MeasureRequest{}.max_count),
                         .batch = fields.count_or("batch", 1)};
  if (request.batch == 0 || request.max_count == 0 || request.max_count > most_samples ||
      request.count > request.max_count) {
    throw Error(Code::WorkerProtocol, "the counts of a measurement are out of range");
  }
  return request;
}

Json to_json(const Calibration& calibration) {
  return {{"empty_call_ns", calibration.empty_call_ns},
          {"clock_step_ns", calibration.clock_step_ns},
          {"clock_cost_ns", calibration.clock_cost_ns}};
}

Calibration read_calibration(const Json& json) {
  const Fields fields(json, "calibrate");
  return {.empty_call_ns = fields.number("empty_call_ns"),
          .clock_step_ns = fields.number("clock_step_ns"),
          .clock_cost_ns = fields.number("clock_cost_ns")};
}

Json to_json(const Profile& profile) {
  Json nodes = Json::array();
  for (const NodeTime& node : profile.nodes) {
    nodes.push_back({{"node", node.node},
                     {"op", node.op},
                     {"provider", node.provider},
                     {"ns", node.ns},
                     {"calls", node.calls}});
  }
  return {{"nodes", std::move(nodes)},
          {"executions", profile.executions},
          {"total_ns", profile.total_ns},
          {"resolution_ns", profile.resolution_ns}};
}

Profile read_profile(const Json& json) {
  const Fields fields(json, "profile");
  Profile profile{.nodes = {},
                  .executions = fields.count("executions"),
                  .total_ns = fields.count("total_ns"),
                  .resolution_ns = fields.count_or("resolution_ns", 1)};
  for (const Json& item : fields.list("nodes")) {
    const Fields node(item, "a node");
    profile.nodes.push_back({.node = node.text("node"),
                             .op = node.text("op"),
                             .provider = node.text_or("provider", ""),
                             .ns = node.count("ns"),
                             .calls = node.count("calls")});
  }
  return profile;
}

Json to_json(const MemoryUse& memory) {
  return {{"peak_rss_bytes", memory.peak_rss_bytes},
          {"rss_bytes", memory.rss_bytes},
          {"private_bytes", memory.private_bytes},
          {"cpu_ns", memory.cpu_ns}};
}

MemoryUse read_memory(const Json& json) {
  const Fields fields(json, "memory");
  return {.peak_rss_bytes = fields.count("peak_rss_bytes"),
          .rss_bytes = fields.count("rss_bytes"),
          .private_bytes = fields.count("private_bytes"),
          .cpu_ns = fields.count("cpu_ns")};
}

}  // namespace ponte::protocol
