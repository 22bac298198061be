#include "workers/reference/settings.h"

#include <fmt/format.h>

#include <charconv>

#include "runtimes/protocol/engine.h"
#include "runtimes/reference/settings.h"

namespace ponte::worker {
namespace {

using protocol::Refusal;

[[noreturn]] void refuse_value(const std::string& key, const std::string& value) {
  throw Refusal("invalid_setting", fmt::format("`{}` is no value for `{}`", value, key));
}

std::int64_t to_integer(const std::string& key, const std::string& text, std::int64_t least,
                        std::int64_t most) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_number = error == std::errc() && end == text.data() + text.size();
  if (!is_number || value < least || value > most) refuse_value(key, text);
  return value;
}

ops::Arithmetic to_arithmetic(const std::string& key, const std::string& text) {
  if (text == "judge") return ops::Arithmetic::Judge;
  if (text == "exact") return ops::Arithmetic::Exact;
  refuse_value(key, text);
}

}  // namespace

evaluate::Options evaluation_options(const std::map<std::string, std::string>& settings) {
  constexpr std::int64_t any = std::numeric_limits<std::int64_t>::max();
  constexpr std::int64_t most_threads = 1024;
  evaluate::Options options;
  for (const auto& [key, value] : settings) {
    if (key == "arithmetic") {
      options.arithmetic = to_arithmetic(key, value);
    } else if (key == "threads") {
      options.threads = static_cast<int>(to_integer(key, value, 1, most_threads));
    } else if (key == "memory_bytes") {
      options.memory_bytes = to_integer(key, value, 1, any);
    } else if (key == "max_steps") {
      const std::int64_t steps = to_integer(key, value, 0, any);
      if (steps > 0) options.steps = steps;
    } else if (key == "seed") {
      options.seed = static_cast<std::uint64_t>(to_integer(key, value, 0, any));
    } else {
      throw Refusal("unknown_setting",
                    fmt::format("the reference evaluator has no setting `{}`", key));
    }
  }
  return options;
}

std::map<std::string, std::string> settings_in_force(
    const std::map<std::string, std::string>& settings) {
  std::map<std::string, std::string> in_force = settings;
  for (const protocol::Setting& setting : runtimes::reference::settings())
    in_force.try_emplace(setting.key, setting.default_value);
  return in_force;
}

}  // namespace ponte::worker
