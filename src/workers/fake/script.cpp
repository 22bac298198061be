#include "workers/fake/script.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstring>
#include <functional>

#include "base/bytes.h"
#include "base/error.h"
#include "base/json.h"
#include "runtimes/protocol/engine.h"
#include "runtimes/protocol/fields.h"
#include "runtimes/protocol/message.h"

namespace ponte::worker {
namespace {

using protocol::Fields;
using runtimes::fake::LatencyParameters;

struct DoubleRow {
  std::string_view key;
  double LatencyParameters::*field;
};
struct CountRow {
  std::string_view key;
  std::uint64_t LatencyParameters::*field;
};

constexpr auto double_rows = std::to_array<DoubleRow>({
    {"base_ns", &LatencyParameters::base_ns},
    {"process_noise", &LatencyParameters::process_noise},
    {"noise", &LatencyParameters::noise},
    {"correlation", &LatencyParameters::correlation},
    {"burst_rate", &LatencyParameters::burst_rate},
    {"burst_factor", &LatencyParameters::burst_factor},
    {"noisy_block_share", &LatencyParameters::noisy_block_share},
    {"noisy_block_noise", &LatencyParameters::noisy_block_noise},
    {"warm_up_factor", &LatencyParameters::warm_up_factor},
});
constexpr auto count_rows = std::to_array<CountRow>({
    {"burst_length", &LatencyParameters::burst_length},
    {"warm_up_length", &LatencyParameters::warm_up_length},
    {"seed", &LatencyParameters::seed},
    {"process", &LatencyParameters::process},
});

LatencyParameters read_latency(const Json& json) {
  const Fields fields(json, "latency");
  LatencyParameters parameters;
  for (const DoubleRow& row : double_rows) {
    if (fields.has(row.key)) parameters.*row.field = fields.number(row.key);
  }
  for (const CountRow& row : count_rows) {
    if (fields.has(row.key)) parameters.*row.field = fields.count(row.key);
  }
  return parameters;
}

template <typename T>
void append(std::vector<std::byte>& bytes, T value) {
  const auto* begin = reinterpret_cast<const std::byte*>(&value);
  bytes.insert(bytes.end(), begin, begin + sizeof value);
}

double to_double(const Json& value) {
  if (value == "nan") return std::numeric_limits<double>::quiet_NaN();
  if (value == "inf") return std::numeric_limits<double>::infinity();
  return value.get<double>();
}

void append_value(protocol::HostTensor& tensor, const Json& value) {
  switch (tensor.dtype) {
    case ir::DType::Float32:
      return append(tensor.bytes, static_cast<float>(to_double(value)));
    case ir::DType::Float64:
      return append(tensor.bytes, to_double(value));
    case ir::DType::Int64:
      return append(tensor.bytes, value.get<std::int64_t>());
    case ir::DType::Int32:
      return append(tensor.bytes, value.get<std::int32_t>());
    case ir::DType::Bool:
    case ir::DType::Uint8:
      return append(tensor.bytes, value.get<std::uint8_t>());
    case ir::DType::String: {
      const auto text = protocol::encode_strings(std::vector{value.get<std::string>()});
      tensor.bytes.insert(tensor.bytes.end(), text.begin(), text.end());
      return;
    }
    default:
      throw Error(Code::MalformedField,
                  "a script's values are f32, f64, i64, i32, u8, bool or string");
  }
}

ir::DType read_dtype(const Fields& fields) {
  const std::string name = fields.text_or("dtype", "f32");
  const auto dtype = ir::parse_dtype(name);
  if (!dtype) throw Error(Code::UnknownDtype, fmt::format("no dtype `{}`", name));
  return *dtype;
}

ScriptedOutput read_output(const Json& json) {
  const Fields fields(json, "an output");
  ScriptedOutput output;
  output.tensor.name = fields.text("name");
  output.tensor.dtype = read_dtype(fields);
  output.tensor.shape = fields.integers("shape", protocol::Limits{}.rank);
  output.copy_of = fields.text_or("copy_of", "");
  if (fields.has("scale")) output.scale = fields.number("scale");
  if (fields.has("add")) output.add = fields.number("add");
  output.intermediate = fields.flag_or("intermediate", false);
  if (fields.has("values")) {
    for (const Json& value : fields.list("values")) append_value(output.tensor, value);
  }
  if (output.copy_of.empty()) protocol::check_tensor(output.tensor);
  return output;
}

Misbehaviour read_misbehaviour(const Json& json) {
  const Fields fields(json, "a misbehaviour");
  return {.phase = fields.text("phase"),
          .action = fields.text("action"),
          .after = fields.count_or("after", 0),
          .amount = fields.count_or("amount", 0),
          .text = fields.text_or("text", "")};
}

template <typename T>
void read_list(const Fields& fields, std::string_view key, std::vector<T>& out,
               std::function<T(const Json&)> read) {
  if (!fields.has(key)) return;
  for (const Json& item : fields.list(key)) out.push_back(read(item));
}

template <typename T>
T parse_number(const std::string& key, const std::string& text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    throw protocol::Refusal("invalid_setting", fmt::format("`{}` is no value for `{}`", text, key));
  }
  return value;
}

}  // namespace

Script read_script(const std::string& path) {
  const Json json = parse_json(whole(open_file(path)).read_text());
  const Fields fields(json, "the script");
  Script script;
  read_list<protocol::ValueInfo>(fields, "inputs", script.inputs, [](const Json& item) {
    const Fields input(item, "an input");
    return protocol::ValueInfo{.name = input.text("name"),
                               .dtype = read_dtype(input),
                               .shape = input.integers("shape", protocol::Limits{}.rank)};
  });
  read_list<ScriptedOutput>(fields, "outputs", script.outputs, read_output);
  read_list<std::uint64_t>(fields, "latencies_ns", script.latencies_ns,
                           [](const Json& item) { return item.get<std::uint64_t>(); });
  if (fields.has("latency")) script.latency = read_latency(fields.object("latency"));
  if (fields.has("canary")) script.canary = read_latency(fields.object("canary"));
  script.load_ns = fields.count_or("load_ns", script.load_ns);
  script.real_time = fields.flag_or("real_time", false);
  read_list<protocol::NodeTime>(fields, "profile", script.profile, [](const Json& item) {
    const Fields node(item, "a node");
    return protocol::NodeTime{
        .node = node.text("node"), .op = node.text("op"), .ns = node.count("ns"), .calls = 1};
  });
  read_list<Misbehaviour>(fields, "misbehaviours", script.misbehaviours, read_misbehaviour);
  return script;
}

std::vector<protocol::Setting> known_settings() {
  std::vector<protocol::Setting> settings;
  for (const DoubleRow& row : double_rows) {
    settings.push_back({std::string(row.key), "number", "replaces the script's own value", ""});
  }
  for (const CountRow& row : count_rows) {
    settings.push_back({std::string(row.key), "integer", "replaces the script's own value", ""});
  }
  return settings;
}

void apply_settings(Script& script, const std::map<std::string, std::string>& settings) {
  for (const auto& [key, text] : settings) {
    const auto number = std::ranges::find(double_rows, key, &DoubleRow::key);
    const auto count = std::ranges::find(count_rows, key, &CountRow::key);
    if (number != double_rows.end()) {
      script.latency.*number->field = parse_number<double>(key, text);
    } else if (count != count_rows.end()) {
      script.latency.*count->field = parse_number<std::uint64_t>(key, text);
    } else {
      throw protocol::Refusal("unknown_setting",
                              fmt::format("the fake runtime has no setting `{}`", key));
    }
  }
}

}  // namespace ponte::worker
