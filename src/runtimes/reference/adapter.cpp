// The judge as a runtime: ponte's own evaluation in double precision.
#include "runtimes/adapter.h"

#include <array>

#include "runtimes/reference/settings.h"

namespace ponte::runtimes {
namespace {

constexpr std::array<std::string_view, 2> formats = {"onnx", "caffe"};

// Built in, and therefore at every place; the first one counts.
std::vector<Installation> find(const Place&) {
  return {
      {.runtime = "reference", .version = PONTE_VERSION, .library = {}, .origin = "ponte itself"}};
}

Arithmetic arithmetic(std::string_view, const Settings& settings) {
  const auto it = settings.find("arithmetic");
  return it != settings.end() && it->second == "exact" ? single_precision : double_precision;
}

void prepare(const Installation&, WorkerCommand&) {}

}  // namespace

const Adapter reference_adapter = {
    .name = "reference",
    .title = "the reference evaluator",
    .formats = formats,
    .settings = reference::settings,
    .arithmetic = arithmetic,
    .find = find,
    .prepare = prepare,
    .how_to_get = "it is part of ponte",
    .how_to_get_worker =
        "build ponte-worker-reference, or set $PONTE_WORKER_PATH to the folder that has it",
};

}  // namespace ponte::runtimes
