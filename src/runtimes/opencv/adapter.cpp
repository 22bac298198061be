// OpenCV's DNN module: the system's C++ library, to which the worker is linked.
#include "runtimes/adapter.h"

#include <array>

#include "base/environment.h"
#include "runtimes/libraries.h"
#include "runtimes/opencv/settings.h"

namespace ponte::runtimes {
namespace {

constexpr std::array<std::string_view, 2> formats = {"caffe", "onnx"};

std::vector<Installation> find(const Place& place) {
  return find_libraries(place, {.stem = "libopencv_dnn.so", .python_folder = {}}, "opencv");
}

Arithmetic arithmetic(std::string_view device, const Settings&) {
  if (device == "opencl_fp16" || device == "cuda_fp16") return half_precision;
  return device == "cuda" ? tensor_float : single_precision;
}

// The loader takes a library of the same name and ABI from here first; the system's own needs no
// help.
void prepare(const Installation& installation, WorkerCommand& command) {
  if (installation.origin == system_origin) return;
  const auto existing = environment_variable("LD_LIBRARY_PATH");
  command.environment.emplace_back("LD_LIBRARY_PATH", installation.library.parent_path().string() +
                                                          (existing ? ":" + *existing : ""));
}

}  // namespace

const Adapter opencv_adapter = {
    .name = "opencv",
    .title = "OpenCV DNN",
    .formats = formats,
    .settings = opencv::settings,
    .arithmetic = arithmetic,
    .find = find,
    .prepare = prepare,
    .how_to_get = "`tools/setup` installs it; on Debian it is the package libopencv-dnn-dev",
    .how_to_get_worker = "install libopencv-dnn-dev (Debian) and build again",
    .own_format = "caffe",
};

}  // namespace ponte::runtimes
