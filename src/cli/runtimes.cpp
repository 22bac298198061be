// ponte runtimes
#include "jobs/runtimes.h"

#include <algorithm>
#include <array>

#include "base/error_codes.h"
#include "base/json.h"
#include "cli/invocation.h"
#include "report/report.h"

namespace ponte::cli {
namespace {

std::vector<std::string> runtime_names() {
  std::vector<std::string> names;
  for (const runtimes::Adapter* adapter : runtimes::all_runtimes()) {
    if (adapter->audience == runtimes::Audience::Users) names.emplace_back(adapter->name);
  }
  return names;
}

// Who asks what there is wants one line for each; who names a runtime wants all about it.
Json without_settings(Json document) {
  for (Json& runtime : document["runtimes"]) runtime.erase("settings");
  return document;
}

int run(Invocation& invocation) {
  const Arguments& arguments = invocation.arguments;
  const auto asking = arguments.has("--look-only") ? jobs::Asking::Look : jobs::Asking::Start;
  const auto result = jobs::list_runtimes({arguments.positionals, asking});
  const Json document = jobs::to_json(result);
  const bool is_named = !arguments.positionals.empty();
  const int code = invocation.finish(document, {}, [&] {
    return report::terminal(is_named ? document : without_settings(document),
                            invocation.terminal_style());
  });
  const bool is_missing = is_named && std::ranges::any_of(result.runtimes, [](const auto& entry) {
                            return !entry.found;
                          });
  return is_missing ? exit_code(ErrorKind::Environment) : code;
}

constexpr auto own_flags = std::to_array<Flag>({
    {.name = "--look-only",
     .help = "do not start them: devices are then not known",
     .details = "Without it each runtime is loaded once, in a process of its own."},
});
constexpr auto positionals = std::to_array<Positional>({{.name = "RUNTIME",
                                                         .help = "of these alone, with a version "
                                                                 "or a path: onnxruntime@1.20",
                                                         .takes = Takes::Choice,
                                                         .minimum = 0,
                                                         .maximum = 100,
                                                         .choices = runtime_names}});
constexpr auto groups = std::to_array<FlagGroup>({{"Runtimes", own_flags}});
constexpr auto examples = std::to_array<Example>({
    {"ponte runtimes", "which runtimes there are, with versions and devices"},
    {"ponte runtimes onnxruntime", "its settings, too: what --set onnxruntime.KEY=VALUE takes"},
    {"ponte runtimes onnxruntime@/opt/onnxruntime/lib", "the copy in that folder"},
});

}  // namespace

extern constinit const Command runtimes_command{
    .name = "runtimes",
    .summary = "the runtimes on this machine, their versions, devices and settings",
    .details =
        "Runtimes are looked for in $PONTE_RUNTIME_PATH, in the active Python environment, "
        "in the project's own, in the user's and the system's Python folders and in the "
        "system's libraries; the first that works is used, and a version or a path after @ names "
        "another one.",
    .positionals = positionals,
    .groups = groups,
    .examples = examples,
    .run = run,
};

}  // namespace ponte::cli
