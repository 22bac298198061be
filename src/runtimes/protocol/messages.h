// What the messages of the worker protocol say, as structs; docs/worker-protocol.md lists their
// fields. Reading throws WorkerProtocol when a field is missing, has another type or is out of
// range.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json_fwd.h"
#include "runtimes/protocol/host_tensor.h"

namespace ponte::protocol {

struct Identity {
  int protocol = 0;
  std::string worker{};        // the worker's own name and version
  std::string runtime{};       // "onnxruntime"
  std::string version{};       // what the library itself says
  std::string library_path{};  // empty when the runtime is linked in
};

struct Setting {
  std::string key{};   // ends in `*` when it stands for every key that begins so
  std::string type{};  // "integer", "boolean", "text", or the choices: "disable|basic|extended|all"
  std::string description{};
  std::string default_value{};
};

struct Description {
  std::vector<std::string> devices{};  // "cpu", "cuda:0"
  std::vector<std::string> formats{};  // of model files: "onnx", "caffe"
  std::vector<Setting> settings{};
};

// An input or output of a loaded model. A dimension that the runtime leaves open is -1.
struct ValueInfo {
  std::string name{};
  ir::DType dtype = ir::DType::Undefined;
  std::optional<std::vector<std::int64_t>> shape{};  // none: unknown rank
  std::string kind = "tensor";                       // or "sequence", "optional", "map"
};

// An output that becomes an input of the next execution.
struct StateLink {
  std::string output{};
  std::string input{};
};

struct LoadRequest {
  std::string model{};    // absolute paths
  std::string weights{};  // empty: none
  std::string format{};
  std::string device = "cpu";
  std::map<std::string, std::string> settings{};
  std::vector<std::string>
      keep{};  // intermediate values to return with each run, in the runtime's own names
  bool keep_all = false;
  std::vector<StateLink> states{};
};

struct Loaded {
  std::uint64_t load_ns = 0;
  std::optional<std::vector<ValueInfo>> inputs{};  // none: the runtime can't tell
  std::vector<ValueInfo> outputs{};
  std::vector<std::string> intermediates{};       // names that `keep` takes
  std::map<std::string, std::string> in_force{};  // settings as they are, defaults included
  std::vector<std::string> warnings{};
};

struct RunResult {
  std::vector<HostTensor> outputs{};  // then the intermediates that were asked for
  std::uint64_t duration_ns = 0;
  std::optional<std::uint64_t> first_ns{};  // the same, when it was the first execution since load
};

// Executions go on until `count` samples are taken and `min_ns` have passed, and end at `max_count`
// in any case.
struct MeasureRequest {
  std::uint64_t set = 0;
  std::uint64_t count = 1;
  std::uint64_t min_ns = 0;
  std::uint64_t max_count = 100'000;
  std::uint64_t batch = 1;  // executions between two looks at the clock
};

inline constexpr std::uint64_t most_samples = 10'000'000;

// One sample is one batch: its start on CLOCK_MONOTONIC_RAW and the time it took, not divided by
// the batch.
struct Measured {
  std::vector<std::uint64_t> start_ns{};
  std::vector<std::uint64_t> duration_ns{};
  std::uint64_t cpu_ns = 0;                 // of all threads of the worker, over the whole call
  std::optional<std::uint64_t> first_ns{};  // the first execution since load; it is no sample
};

struct Calibration {
  double empty_call_ns = 0;  // median time between two looks with an empty execution between them
  double clock_step_ns = 0;
  double clock_cost_ns = 0;
};

struct NodeTime {
  std::string node{};
  std::string op{};
  std::string provider{};
  std::uint64_t ns = 0;  // over all calls
  std::uint64_t calls = 0;
};

struct Profile {
  std::vector<NodeTime> nodes{};
  std::uint64_t executions = 0;
  std::uint64_t total_ns = 0;       // of these executions
  std::uint64_t resolution_ns = 1;  // of the runtime's own clock
};

struct MemoryUse {
  std::uint64_t peak_rss_bytes = 0;  // VmHWM
  std::uint64_t rss_bytes = 0;
  std::uint64_t private_bytes = 0;
  std::uint64_t cpu_ns = 0;  // of the worker since its start
};

Json to_json(const Identity& identity);
Json to_json(const Description& description);
Json to_json(const LoadRequest& request);
Json to_json(const Loaded& loaded);
Json to_json(const MeasureRequest& request);
Json to_json(const Calibration& calibration);
Json to_json(const Profile& profile);
Json to_json(const MemoryUse& memory);

Identity read_identity(const Json& json);
Description read_description(const Json& json);
LoadRequest read_load_request(const Json& json);
Loaded read_loaded(const Json& json);
MeasureRequest read_measure_request(const Json& json);
Calibration read_calibration(const Json& json);
Profile read_profile(const Json& json);
MemoryUse read_memory(const Json& json);

}  // namespace ponte::protocol
