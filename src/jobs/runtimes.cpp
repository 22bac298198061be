#include "jobs/runtimes.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.h"
#include "jobs/problems.h"
#include "jobs/working_runtime.h"

namespace ponte::jobs {
namespace {

using runtimes::Adapter;
using runtimes::Discovery;
using runtimes::Installation;
using runtimes::SearchPath;

void ask(const Adapter& adapter, const Installation& installation, const SearchPath& search,
         RuntimeEntry& entry) {
  const auto answer = runtimes::probe(adapter, installation, search);
  if (!answer) {
    entry.found = false;
    entry.why_not = broken_text(installation, answer.failure());
    entry.how_to_get = fmt::format(
        "install it again, or name another copy with `--runtime {}@VERSION`", adapter.name);
    return;
  }
  entry.devices = answer->description.devices;
  if (!answer->identity.version.empty()) entry.version = answer->identity.version;
  if (!answer->description.formats.empty()) entry.formats = answer->description.formats;
  if (entry.path.empty()) entry.path = answer->identity.library_path;
}

RuntimeEntry entry_of(const Adapter& adapter) {
  RuntimeEntry entry;
  entry.name = adapter.name;
  entry.formats.assign(adapter.formats.begin(), adapter.formats.end());
  entry.settings = adapter.settings();
  return entry;
}

RuntimeEntry entry_of(const Adapter& adapter, const Installation& installation,
                      const SearchPath& search, Asking asking) {
  RuntimeEntry entry = entry_of(adapter);
  entry.found = true;
  entry.version = installation.version;
  entry.path = installation.library.string();
  entry.origin = installation.origin;
  if (asking == Asking::Start) ask(adapter, installation, search, entry);
  return entry;
}

// The copy that is used comes first; where none was asked for, every other one follows, and those
// that do not work are the last.
void add_entries(const Discovery& discovery, const SearchPath& search, Asking asking,
                 std::vector<RuntimeEntry>& entries) {
  if (!discovery.found) {
    RuntimeEntry entry = entry_of(*discovery.adapter);
    entry.why_not = discovery.why_not;
    entry.how_to_get = discovery.how_to_get;
    entries.push_back(std::move(entry));
    return;
  }
  const runtimes::RuntimeSpec& spec = discovery.spec;
  const bool is_any = spec.version.empty() && spec.path.empty();
  const std::vector<Installation> shown =
      is_any ? discovery.all : std::vector<Installation>{*discovery.found};
  std::vector<RuntimeEntry> copies;
  for (const Installation& installation : shown)
    copies.push_back(entry_of(*discovery.adapter, installation, search, asking));
  std::ranges::stable_partition(copies, &RuntimeEntry::found);
  std::ranges::move(copies, std::back_inserter(entries));
}

}  // namespace

namespace {

// The default is null where the runtime has none of its own.
Json settings_json(const std::vector<protocol::Setting>& settings) {
  Json list = Json::array();
  for (const protocol::Setting& setting : settings) {
    list.push_back({{"key", setting.key},
                    {"values", setting.type},
                    {"default", text_or_null(setting.default_value)},
                    {"description", setting.description}});
  }
  return list;
}

}  // namespace

RuntimesResult list_runtimes(const RuntimesOptions& options) {
  const SearchPath search = options.search ? *options.search : runtimes::default_search_path();
  std::vector<Discovery> found;
  for (const std::string& text : options.runtimes)
    found.push_back(runtimes::discover(runtimes::parse_runtime_spec(text), search));
  if (options.runtimes.empty()) found = runtimes::discover_all(search);
  RuntimesResult result;
  for (const Discovery& discovery : found)
    add_entries(discovery, search, options.asking, result.runtimes);
  return result;
}

Json to_json(const RuntimesResult& result) {
  Json list = Json::array();
  for (const RuntimeEntry& entry : result.runtimes) {
    list.push_back({{"name", entry.name},
                    {"found", entry.found},
                    {"version", text_or_null(entry.version)},
                    {"path", text_or_null(entry.path)},
                    {"origin", text_or_null(entry.origin)},
                    {"devices", entry.devices},
                    {"formats", entry.formats},
                    {"settings", settings_json(entry.settings)},
                    {"why_not", text_or_null(entry.why_not)},
                    {"how_to_get", text_or_null(entry.how_to_get)}});
  }
  return {{"schema", "ponte/runtimes/1"}, {"runtimes", std::move(list)}};
}

}  // namespace ponte::jobs
