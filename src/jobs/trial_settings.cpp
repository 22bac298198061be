#include "jobs/trial_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>
#include <thread>

#include "base/error.h"
#include "base/text.h"

namespace ponte::jobs {
namespace {

struct SettingText {
  std::string runtime;
  std::string key;
  std::vector<std::string> values;
};

// Of the key's parts the runtime is the first; values may hold dots and equals signs.
SettingText parse(const std::string& text) {
  const auto equals = text.find('=');
  const auto dot = text.find('.');
  const bool is_whole = equals != std::string::npos && dot != std::string::npos && dot > 0 &&
                        dot + 1 < equals && equals + 1 < text.size();
  if (!is_whole) {
    throw Error(Code::UsageError, fmt::format("`{}` is not understood in `--set`", text),
                "write --set RUNTIME.KEY=VALUE, as in --set onnxruntime.intra_threads=1,2");
  }
  SettingText setting{text.substr(0, dot), text.substr(dot + 1, equals - dot - 1), {}};
  std::size_t begin = equals + 1;
  while (true) {
    const auto comma = text.find(',', begin);
    setting.values.push_back(
        text.substr(begin, comma == std::string::npos ? comma : comma - begin));
    if (comma == std::string::npos) return setting;
    begin = comma + 1;
  }
}

// `pattern` may have a `*` at its end, or be "*.*".
bool matches(std::string_view pattern, std::string_view key) {
  if (pattern == "*.*") return key.find('.') != std::string_view::npos;
  if (!pattern.ends_with('*')) return pattern == key;
  return key.starts_with(pattern.substr(0, pattern.size() - 1));
}

void require_known(const runtimes::Adapter& adapter, const std::string& key) {
  const auto known = adapter.settings();
  if (std::ranges::any_of(known, [&](const auto& setting) { return matches(setting.key, key); }))
    return;
  std::vector<std::string> names;
  for (const protocol::Setting& setting : known) names.push_back(setting.key);
  const auto near = closest(key, names);
  throw Error(Code::UnknownName, fmt::format("{} has no setting `{}`", adapter.title, key),
              near ? fmt::format("did you mean `{}`?", *near)
                   : fmt::format("`ponte runtimes {}` lists them", adapter.name));
}

std::optional<std::string> threads_key(const runtimes::Adapter& adapter) {
  const auto known = adapter.settings();
  for (const std::string_view name : std::to_array<std::string_view>(
           {"intra_threads", "threads", "num_threads", "inference_num_threads"})) {
    if (std::ranges::find(known, name, &protocol::Setting::key) != known.end())
      return std::string(name);
  }
  return std::nullopt;
}

// A value that is no number is the runtime's to refuse.
void require_thread_counts(const std::string& flag, const std::vector<std::string>& values) {
  for (const std::string& value : values) {
    std::uint64_t count = 0;
    if (value.starts_with('-'))
      throw Error(Code::UsageError, fmt::format("`{}` begins with 0, not {}", flag, value));
    const char* const end = value.data() + value.size();
    const auto read = std::from_chars(value.data(), end, count);
    if (read.ec == std::errc::result_out_of_range)
      count = std::numeric_limits<std::uint64_t>::max();
    if (read.ptr == end && read.ec != std::errc::invalid_argument)
      require_thread_count(flag, count);
  }
}

}  // namespace

std::uint64_t most_threads() { return 4 * std::max(1U, std::thread::hardware_concurrency()); }

void require_thread_count(std::string_view flag, std::uint64_t count) {
  if (count <= most_threads()) return;
  throw Error(
      Code::UsageError,
      fmt::format("`{}` goes up to {} on this machine, not {}", flag, most_threads(), count),
      "that is four threads for each of its processors");
}

std::vector<lab::Settings> settings_for(const runtimes::Adapter& adapter,
                                        std::span<const std::string> texts,
                                        std::span<const std::uint64_t> threads) {
  std::map<std::string, std::vector<std::string>> values;
  if (const auto key = threads_key(adapter); key && !threads.empty()) {
    for (const std::uint64_t count : threads) {
      require_thread_count("--threads", count);
      values[*key].push_back(std::to_string(count));
    }
  }
  for (const std::string& text : texts) {
    const SettingText setting = parse(text);
    if (setting.runtime != adapter.name) continue;
    require_known(adapter, setting.key);
    if (setting.key.ends_with("threads"))
      require_thread_counts(fmt::format("--set {}.{}", adapter.name, setting.key), setting.values);
    values[setting.key] = setting.values;
  }
  return lab::cross(values);
}

void require_runtimes_of(std::span<const std::string> texts,
                         std::span<const runtimes::Adapter* const> adapters) {
  for (const std::string& text : texts) {
    const std::string name = parse(text).runtime;
    const auto is_it = [&](const runtimes::Adapter* adapter) { return adapter->name == name; };
    if (std::ranges::any_of(adapters, is_it)) continue;
    std::vector<std::string> names;
    for (const runtimes::Adapter* adapter : adapters) names.emplace_back(adapter->name);
    const auto near = closest(name, names);
    throw Error(Code::UnknownName,
                fmt::format("`{}` speaks of `{}`, which is not measured", text, name),
                near ? fmt::format("did you mean `{}`?", *near) : "name it in --runtime");
  }
}

}  // namespace ponte::jobs
