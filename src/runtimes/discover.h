// Finds the runtimes of this machine without running any of them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtimes/adapter.h"

namespace ponte::runtimes {

// What --runtime takes: NAME, NAME@VERSION (or the beginning of one) or NAME@/PATH.
struct RuntimeSpec {
  std::string name{};
  std::string version{};         // empty: any
  std::filesystem::path path{};  // empty: anywhere
};

// Throws UnknownName, with the nearest name as help, and UsageError.
RuntimeSpec parse_runtime_spec(std::string_view text);

// $PONTE_RUNTIME_PATH (separated by colons), the active Python or conda environment, the project's
// own environment, the user's and the system's Python folders, the system's libraries; workers lie
// beside the running program or in $PONTE_WORKER_PATH.
SearchPath default_search_path();

struct Discovery {
  const Adapter* adapter = nullptr;
  RuntimeSpec spec{};
  std::optional<Installation> found{};  // the one that is used
  std::vector<Installation> all{};      // every copy that was seen, in order of preference
  std::string why_not{};                // one line, when nothing was found
  std::string how_to_get{};
};

Discovery discover(const RuntimeSpec& spec, const SearchPath& search);
// Every runtime for users, found or not.
std::vector<Discovery> discover_all(const SearchPath& search);

// The one found; throws MissingRuntime or MissingWorker with why not and how to get it.
const Installation& require(const Discovery& discovery);

std::filesystem::path worker_program(const Adapter& adapter, const SearchPath& search);
WorkerCommand worker_command(const Adapter& adapter, const Installation& installation,
                             const SearchPath& search);

// What the runtime says about itself once it runs: version, devices, formats, settings.
struct Probe {
  Identity identity{};
  Description description{};
};
Outcome<Probe> probe(const Adapter& adapter, const Installation& installation,
                     const SearchPath& search);

}  // namespace ponte::runtimes
