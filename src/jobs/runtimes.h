// `ponte runtimes`: what can execute models on this machine.
#pragma once

#include <string>
#include <vector>

#include "base/json_fwd.h"
#include "runtimes/discover.h"

namespace ponte::jobs {

enum class Asking : std::uint8_t {
  Start,  // start each runtime's worker and ask it
  Look    // only look at what lies where: devices are not known
};

struct RuntimeEntry {
  std::string name;
  bool found = false;  // and does not fail to start, where it was started
  std::string version;
  std::string path;  // of its library; empty where it is built in
  std::string origin;
  std::vector<std::string> devices;
  std::vector<std::string> formats;
  std::string why_not;  // with version and path where a copy does not start
  std::string how_to_get;
  std::vector<protocol::Setting> settings;  // what --set takes, also where it is not found
};

struct RuntimesResult {
  std::vector<RuntimeEntry>
      runtimes;  // of several copies of one runtime the one that is used first
};

struct RuntimesOptions {
  std::vector<std::string> runtimes;  // as --runtime takes them; empty: all
  Asking asking = Asking::Start;
  std::optional<runtimes::SearchPath> search{};  // none: the default one
};

// Throws UnknownName and UsageError for what is no runtime.
RuntimesResult list_runtimes(const RuntimesOptions& options);

Json to_json(const RuntimesResult& result);

}  // namespace ponte::jobs
