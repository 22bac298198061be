// The fake runtime, which does what a script says: for tests.
#include "runtimes/adapter.h"

#include <array>

namespace ponte::runtimes {
namespace {

constexpr std::array<std::string_view, 2> formats = {"fake", "onnx"};

std::vector<protocol::Setting> settings() { return {}; }

// A file as path is the script that decides what happens before a model is loaded, and with models
// that are no scripts themselves.
std::vector<Installation> find(const Place& place) {
  std::error_code ignored;
  const bool is_script = std::filesystem::is_regular_file(place.path, ignored);
  return {{.runtime = "fake",
           .version = "1",
           .library = is_script ? place.path : std::filesystem::path(),
           .origin = "ponte itself"}};
}

Arithmetic arithmetic(std::string_view, const Settings&) { return single_precision; }

void prepare(const Installation& installation, WorkerCommand& command) {
  if (!installation.library.empty()) command.arguments.push_back(installation.library.string());
}

}  // namespace

const Adapter fake_adapter = {
    .name = "fake",
    .title = "the fake runtime",
    .formats = formats,
    .settings = settings,
    .arithmetic = arithmetic,
    .find = find,
    .prepare = prepare,
    .how_to_get = "it is part of ponte",
    .how_to_get_worker =
        "build ponte-worker-fake, or set $PONTE_WORKER_PATH to the folder that has it",
    .audience = Audience::Tests,
};

}  // namespace ponte::runtimes
