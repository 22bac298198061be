#include "runtimes/discover.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/environment.h"
#include "base/paths.h"
#include "base/text.h"

namespace ponte::runtimes {
namespace {

namespace fs = std::filesystem;

void add_place(SearchPath& search, const fs::path& path, std::string origin) {
  std::error_code ignored;
  if (!path.empty() && fs::exists(path, ignored))
    search.places.push_back({path, std::move(origin)});
}

void add_environment(SearchPath& search, const char* variable, std::string origin) {
  if (const auto path = environment_variable(variable)) add_place(search, *path, std::move(origin));
}

void add_extra_places(SearchPath& search) {
  const std::string list = environment_variable("PONTE_RUNTIME_PATH").value_or("");
  for (std::size_t begin = 0; begin <= list.size();) {
    const std::size_t end = std::min(list.find(':', begin), list.size());
    add_place(search, list.substr(begin, end - begin), "$PONTE_RUNTIME_PATH");
    begin = end + 1;
  }
}

// "1.20" is the beginning of "1.20.1", and not of "1.200".
bool version_matches(std::string_view version, std::string_view wanted) {
  if (wanted.empty() || version == wanted) return true;
  return version.starts_with(wanted) && version[wanted.size()] == '.';
}

bool same_library(const Installation& a, const Installation& b) { return a.library == b.library; }

std::string missing_library(const RuntimeSpec& spec, const Discovery& discovery) {
  if (!spec.path.empty())
    return fmt::format("no library of {} at `{}`", discovery.adapter->title, spec.path.string());
  if (discovery.all.empty())
    return fmt::format("no library of {} was found", discovery.adapter->title);
  std::string versions;
  for (const Installation& installation : discovery.all) {
    if (!versions.empty()) versions += ", ";
    versions += installation.version.empty() ? installation.library.string() : installation.version;
  }
  return fmt::format("no version {} of {}; there is {}", spec.version, discovery.adapter->title,
                     versions);
}

}  // namespace

RuntimeSpec parse_runtime_spec(std::string_view text) {
  const std::size_t at = text.find('@');
  RuntimeSpec spec{.name = std::string(text.substr(0, at))};
  if (find_runtime(spec.name) == nullptr) {
    std::vector<std::string_view> names;
    for (const Adapter* adapter : all_runtimes()) {
      if (adapter->audience == Audience::Users) names.push_back(adapter->name);
    }
    const auto suggestion = closest(spec.name, names);
    throw Error(Code::UnknownName,
                fmt::format("there is no runtime `{}`", escape_control(spec.name)),
                suggestion ? fmt::format("did you mean `{}`?", *suggestion) : "");
  }
  if (at == std::string_view::npos) return spec;
  const std::string_view rest = text.substr(at + 1);
  if (rest.empty()) {
    throw Error(Code::UsageError, fmt::format("`{}` names neither a version nor a path after @",
                                              escape_control(text)));
  }
  if (rest.find('/') != std::string_view::npos) {
    spec.path = absolute_path(fs::path(rest));
  } else {
    spec.version = rest;
  }
  return spec;
}

SearchPath default_search_path() {
  SearchPath search;
  add_extra_places(search);
  add_environment(search, "VIRTUAL_ENV", "the active environment");
  add_environment(search, "CONDA_PREFIX", "the active conda environment");
  add_place(search, PONTE_PROJECT_ENVIRONMENT, "the project's environment");
  if (const auto home = environment_variable("HOME"))
    add_place(search, fs::path(*home) / ".local", "the user's Python");
  add_place(search, "/usr/local", system_origin);
  add_place(search, "/usr", system_origin);
  const auto folder = environment_variable("PONTE_WORKER_PATH");
  search.worker_folder = folder ? fs::path(*folder) : executable_path().parent_path();
  return search;
}

std::filesystem::path worker_program(const Adapter& adapter, const SearchPath& search) {
  return search.worker_folder / fmt::format("ponte-worker-{}", adapter.name);
}

WorkerCommand worker_command(const Adapter& adapter, const Installation& installation,
                             const SearchPath& search) {
  WorkerCommand command{.arguments = {worker_program(adapter, search).string()}};
  adapter.prepare(installation, command);
  return command;
}

Discovery discover(const RuntimeSpec& spec, const SearchPath& search) {
  Discovery discovery{.adapter = find_runtime(spec.name), .spec = spec};
  if (discovery.adapter == nullptr)
    throw Error(Code::UnknownName, fmt::format("there is no runtime `{}`", spec.name));
  const std::vector<Place> given = {{.path = spec.path, .origin = "the path given"}};
  for (const Place& place : spec.path.empty() ? search.places : given) {
    for (Installation& installation : discovery.adapter->find(place)) {
      const bool known = std::ranges::any_of(discovery.all, [&](const Installation& other) {
        return same_library(installation, other);
      });
      if (!known) discovery.all.push_back(std::move(installation));
    }
  }
  const auto chosen = std::ranges::find_if(discovery.all, [&](const Installation& installation) {
    return version_matches(installation.version, spec.version);
  });
  std::error_code ignored;
  if (chosen == discovery.all.end()) {
    discovery.why_not = missing_library(spec, discovery);
    discovery.how_to_get = discovery.adapter->how_to_get;
  } else if (const fs::path program = worker_program(*discovery.adapter, search);
             !fs::exists(program, ignored)) {
    discovery.why_not = fmt::format("its worker `{}` was not built", program.filename().string());
    discovery.how_to_get = discovery.adapter->how_to_get_worker;
  } else {
    discovery.found = *chosen;
  }
  return discovery;
}

std::vector<Discovery> discover_all(const SearchPath& search) {
  std::vector<Discovery> discoveries;
  for (const Adapter* adapter : all_runtimes()) {
    if (adapter->audience == Audience::Tests) continue;
    discoveries.push_back(discover({.name = std::string(adapter->name)}, search));
  }
  return discoveries;
}

const Installation& require(const Discovery& discovery) {
  if (discovery.found) return *discovery.found;
  const bool no_worker = discovery.how_to_get == discovery.adapter->how_to_get_worker;
  throw Error(
      no_worker ? Code::MissingWorker : Code::MissingRuntime,
      fmt::format("runtime `{}` is missing: {}", discovery.adapter->name, discovery.why_not),
      discovery.how_to_get);
}

Outcome<Probe> probe(const Adapter& adapter, const Installation& installation,
                     const SearchPath& search) {
  auto worker = Worker::start(worker_command(adapter, installation, search));
  if (!worker) return worker.failure();
  auto description = worker.value()->describe();
  if (!description) return description.failure();
  Probe result{.identity = worker.value()->identity(),
               .description = std::move(description.value())};
  static_cast<void>(worker.value()->bye());
  return result;
}

}  // namespace ponte::runtimes
