#include "workers/onnxruntime/profile.h"

#include <map>
#include <string_view>

#include "base/bytes.h"
#include "base/error.h"
#include "base/json.h"
#include "runtimes/protocol/engine.h"
#include "runtimes/protocol/fields.h"

namespace ponte::worker {
namespace {

using protocol::Fields;
using protocol::Refusal;

constexpr std::uint64_t largest_trace = std::uint64_t{256} << 20;
constexpr std::uint64_t microsecond = 1000;  // the trace counts in these
constexpr std::string_view kernel_suffix = "_kernel_time";

bool is_run(const Fields& event) { return event.text_or("name", "") == "model_run"; }

// Where the first run ends, in microseconds of the trace.
std::uint64_t end_of_first_run(const Json& events) {
  for (const Json& json : events) {
    const Fields event(json, "an event");
    if (is_run(event)) return event.count("ts") + event.count("dur");
  }
  throw Refusal("runtime_error", "the profile has no run in it");
}

protocol::Profile sum_up(const Json& events) {
  protocol::Profile profile{.resolution_ns = microsecond};
  std::map<std::string, std::size_t> places;
  const std::uint64_t start = end_of_first_run(events);
  for (const Json& json : events) {
    const Fields event(json, "an event");
    if (!event.has("ts") || event.count("ts") < start) continue;
    const std::string name = event.text_or("name", "");
    if (is_run(event)) {
      ++profile.executions;
      profile.total_ns += event.count("dur") * microsecond;
    } else if (event.text_or("cat", "") == "Node" && name.ends_with(kernel_suffix)) {
      const Fields arguments(event.object("args"), "an event's arguments");
      const auto [it, is_new] = places.try_emplace(name, profile.nodes.size());
      if (is_new) {
        profile.nodes.push_back({.node = name.substr(0, name.size() - kernel_suffix.size()),
                                 .op = arguments.text_or("op_name", ""),
                                 .provider = arguments.text_or("provider", "")});
      }
      profile.nodes[it->second].ns += event.count("dur") * microsecond;
      ++profile.nodes[it->second].calls;
    }
  }
  return profile;
}

}  // namespace

protocol::Profile read_profile_trace(const std::string& path) {
  try {
    const auto source = open_file(path);
    if (source->size() > largest_trace)
      throw Refusal("invalid_request", "the profile is too large; take fewer executions");
    return sum_up(parse_json(whole(source).read_text()));
  } catch (const Error& error) {
    throw Refusal("runtime_error", std::string("the profile can't be read: ") + error.what());
  }
}

}  // namespace ponte::worker
