// ONNX Runtime: the library of a Python package, of the system or of a release archive.
#include "runtimes/adapter.h"

#include <array>

#include "runtimes/libraries.h"
#include "runtimes/onnxruntime/settings.h"

namespace ponte::runtimes {
namespace {

constexpr std::array<std::string_view, 1> formats = {"onnx"};

std::vector<Installation> find(const Place& place) {
  return find_libraries(place, {.stem = "libonnxruntime.so", .python_folder = "onnxruntime/capi"},
                        "onnxruntime");
}

// The CUDA provider multiplies matrices in TF32 unless it is told not to; the CPU provider only
// ever narrows on request, on ARM.
Arithmetic arithmetic(std::string_view device, const Settings& settings) {
  const auto is = [&](const char* key, std::string_view value) {
    const auto it = settings.find(key);
    return it != settings.end() && it->second == value;
  };
  if (device.starts_with("cuda") || device.starts_with("tensorrt")) {
    return is("provider.use_tf32", "0") ? single_precision : tensor_float;
  }
  return is("mlas.enable_gemm_fastmath_arm64_bfloat16", "1") ? brain_float : single_precision;
}

void prepare(const Installation& installation, WorkerCommand& command) {
  command.arguments.push_back(installation.library.string());
  // Builds of 1.32 for Linux report what they run to their makers, keep a number of this machine in
  // the user's cache, and do both beside the measurement.
  command.environment.emplace_back("ORT_DISABLE_TELEMETRY", "1");
}

}  // namespace

const Adapter onnxruntime_adapter = {
    .name = "onnxruntime",
    .title = "ONNX Runtime",
    .formats = formats,
    .settings = onnxruntime::settings,
    .arithmetic = arithmetic,
    .find = find,
    .prepare = prepare,
    .how_to_get =
        "`tools/setup` installs it into the project's environment; `pip install onnxruntime` into "
        "yours",
    .how_to_get_worker =
        "run `tools/setup`, which fetches its C headers, and build again; $ONNXRUNTIME_INCLUDE "
        "names "
        "another folder that has onnxruntime_c_api.h",
    .own_format = "onnx",
};

}  // namespace ponte::runtimes
