// What ponte knows about a runtime before its worker runs. One folder per runtime describes it;
// all_runtimes.cpp is the list.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtimes/protocol/messages.h"
#include "runtimes/worker.h"

namespace ponte::runtimes {

// One copy of a runtime on this machine.
struct Installation {
  std::string runtime{};
  std::string version{};            // empty: only the library itself can tell
  std::filesystem::path library{};  // empty: the worker has it built in
  std::string origin{};             // "the active environment", "the system", ...
};

// A place where runtimes may lie: a Python environment, a folder of libraries, or one library.
struct Place {
  std::filesystem::path path{};
  std::string origin{};
};

inline constexpr char system_origin[] = "the system";

// Where runtimes and workers are looked for. The first place that has a runtime wins.
struct SearchPath {
  std::vector<Place> places{};
  std::filesystem::path worker_folder{};
};

using Settings = std::map<std::string, std::string>;

// The coarsest arithmetic that a runtime declares to use.
struct Arithmetic {
  std::string_view name;  // "f64", "f32", "tf32", "f16", "bf16"
  double unit_roundoff;
};

inline constexpr Arithmetic double_precision{"f64", 0x1p-53};
inline constexpr Arithmetic single_precision{"f32", 0x1p-24};
inline constexpr Arithmetic tensor_float{"tf32", 0x1p-11};
inline constexpr Arithmetic half_precision{"f16", 0x1p-11};
inline constexpr Arithmetic brain_float{"bf16", 0x1p-8};

enum class Audience : std::uint8_t { Users, Tests };

struct Adapter {
  std::string_view name;
  std::string_view title;
  std::span<const std::string_view> formats;
  // What --set NAME.KEY=VALUE takes. A key that ends in `*` stands for all that begin so.
  std::vector<protocol::Setting> (*settings)();
  Arithmetic (*arithmetic)(std::string_view device, const Settings& settings);
  // Every copy at this place, the newest first.
  std::vector<Installation> (*find)(const Place& place);
  // Additions to the worker's command line and environment.
  void (*prepare)(const Installation& installation, WorkerCommand& command);
  std::string_view how_to_get;         // when no library is found
  std::string_view how_to_get_worker;  // when the worker was not built
  Audience audience = Audience::Users;
  std::string_view own_format = {};  // whose usual runtime it is; empty: of none
};

extern const Adapter onnxruntime_adapter;
extern const Adapter opencv_adapter;
extern const Adapter reference_adapter;
extern const Adapter fake_adapter;

std::span<const Adapter* const> all_runtimes();
const Adapter* find_runtime(std::string_view name);
// The runtime that a format was made for; that of ONNX, which every format is converted to, for
// those that ponte has none of.
const Adapter& own_runtime(std::string_view format);

}  // namespace ponte::runtimes
