#include "jobs/runtimes.h"

#include "base/json.h"
#include "jobs/problems.h"

namespace ponte::jobs {
namespace {

using runtimes::Discovery;
using runtimes::SearchPath;

void ask(const Discovery& discovery, const SearchPath& search, RuntimeEntry& entry) {
  const auto answer = runtimes::probe(*discovery.adapter, *discovery.found, search);
  if (!answer) {
    entry.why_not = runtimes::describe(answer.failure());
    return;
  }
  entry.devices = answer->description.devices;
  if (!answer->identity.version.empty()) entry.version = answer->identity.version;
  if (!answer->description.formats.empty()) entry.formats = answer->description.formats;
  if (entry.path.empty()) entry.path = answer->identity.library_path;
}

RuntimeEntry entry_of(const Discovery& discovery, const SearchPath& search, Asking asking) {
  RuntimeEntry entry;
  entry.name = discovery.adapter->name;
  entry.formats.assign(discovery.adapter->formats.begin(), discovery.adapter->formats.end());
  entry.found = discovery.found.has_value();
  if (!entry.found) {
    entry.why_not = discovery.why_not;
    entry.how_to_get = discovery.how_to_get;
    return entry;
  }
  entry.version = discovery.found->version;
  entry.path = discovery.found->library.string();
  entry.origin = discovery.found->origin;
  if (asking == Asking::Start) ask(discovery, search, entry);
  return entry;
}

}  // namespace

RuntimesResult list_runtimes(const RuntimesOptions& options) {
  const SearchPath search = runtimes::default_search_path();
  std::vector<Discovery> found;
  for (const std::string& text : options.runtimes)
    found.push_back(runtimes::discover(runtimes::parse_runtime_spec(text), search));
  if (options.runtimes.empty()) found = runtimes::discover_all(search);
  RuntimesResult result;
  for (const Discovery& discovery : found)
    result.runtimes.push_back(entry_of(discovery, search, options.asking));
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
                    {"why_not", text_or_null(entry.why_not)},
                    {"how_to_get", text_or_null(entry.how_to_get)}});
  }
  return {{"schema", "ponte/runtimes/1"}, {"runtimes", std::move(list)}};
}

}  // namespace ponte::jobs
