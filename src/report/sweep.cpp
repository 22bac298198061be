#include "report/sweep.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "report/fields.h"
#include "report/figures.h"
#include "report/names.h"
#include "report/typical_time.h"

namespace ponte::report {
namespace {

constexpr std::string_view not_set = "default";

using Trials = std::vector<const Json*>;

std::string value_of(const Json& trial, const std::string& key) {
  const Json& value = field(field(trial, "settings"), key);
  return value.is_null() ? std::string(not_set) : text_of(value);
}

std::optional<double> as_number(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(value)
                                                                  : std::nullopt;
}

// "default" first, then numbers by value, then texts as they came.
std::vector<std::string> ordered_values(const Trials& trials, const std::string& key) {
  std::vector<std::string> out;
  for (const Json* trial : trials) {
    const std::string value = value_of(*trial, key);
    if (std::ranges::find(out, value) == out.end()) out.push_back(value);
  }
  std::ranges::stable_sort(out, {}, [](const std::string& text) {
    if (text == not_set) return std::pair(0, 0.0);
    const auto number = as_number(text);
    return number ? std::pair(1, *number) : std::pair(2, 0.0);
  });
  return out;
}

// The settings that vary, threads and optimisation first, then by the number of values.
std::vector<std::string> varying_settings(const Trials& trials) {
  std::vector<std::string> keys;
  for (const Json* trial : trials) {
    for (const auto& [key, value] : members(field(*trial, "settings"))) {
      if (std::ranges::find(keys, key) == keys.end()) keys.push_back(key);
    }
  }
  std::erase_if(keys,
                [&](const std::string& key) { return ordered_values(trials, key).size() < 2; });
  std::ranges::stable_sort(keys, {}, [&](const std::string& key) {
    const int usual = key.find("thread") != std::string::npos ? 0
                      : key.find("opt") != std::string::npos  ? 1
                                                              : 2;
    return std::pair(usual, -static_cast<int>(ordered_values(trials, key).size()));
  });
  return keys;
}

std::optional<double> median_of(const Json& trial) {
  const auto median = number_field(trial, "median_ns");
  return median && *median > 0 ? median : std::nullopt;
}

// The trial that sets neither, taken out of `trials` unless others set only one of the two.
const Json* take_defaults(Trials& trials, const std::string& row_key,
                          const std::string& column_key) {
  if (column_key.empty()) return nullptr;
  const Json* defaults = nullptr;
  for (const Json* trial : trials) {
    const bool no_row = value_of(*trial, row_key) == not_set;
    const bool no_column = value_of(*trial, column_key) == not_set;
    if (no_row != no_column || (no_row && defaults)) return nullptr;
    if (no_row) defaults = trial;
  }
  std::erase(trials, defaults);
  return defaults;
}

Sweep grid(Trials trials, const std::string& row_key, const std::string& column_key) {
  Sweep sweep;
  double fastest = std::numeric_limits<double>::infinity();
  for (const Json* trial : trials) fastest = std::min(fastest, median_of(*trial).value_or(fastest));
  const auto cell = [fastest](const Json& trial) {
    const auto median = median_of(trial);
    return SweepCell{text_field(trial, "id"), median, typical_time(trial).time,
                     median ? *median / fastest : 1};
  };
  if (const Json* const defaults = take_defaults(trials, row_key, column_key))
    sweep.defaults = cell(*defaults);
  sweep.row_setting = words(row_key);
  sweep.column_setting = words(column_key);
  sweep.rows = ordered_values(trials, row_key);
  sweep.columns =
      column_key.empty() ? std::vector<std::string>{""} : ordered_values(trials, column_key);
  sweep.cells.assign(sweep.rows.size(),
                     std::vector<std::optional<SweepCell>>(sweep.columns.size()));
  for (const Json* trial : trials) {
    const auto row = std::ranges::find(sweep.rows, value_of(*trial, row_key)) - sweep.rows.begin();
    const auto column = column_key.empty()
                            ? 0
                            : std::ranges::find(sweep.columns, value_of(*trial, column_key)) -
                                  sweep.columns.begin();
    sweep.cells[static_cast<std::size_t>(row)][static_cast<std::size_t>(column)] = cell(*trial);
  }
  return sweep;
}

// How many of the keys the trial sets.
std::size_t set_count(const Json& trial, const std::vector<std::string>& keys) {
  return static_cast<std::size_t>(std::ranges::count_if(
      keys, [&](const std::string& key) { return value_of(trial, key) != not_set; }));
}

// A table for each setting, with the trial that sets none in all of them.
void add_single_sweeps(const Trials& trials, const std::vector<std::string>& keys,
                       const std::string& title, std::vector<Sweep>& out) {
  for (const std::string& key : keys) {
    Trials own = trials;
    std::erase_if(own, [&](const Json* trial) {
      return value_of(*trial, key) == not_set && set_count(*trial, keys) > 0;
    });
    if (own.size() < 2) continue;
    Sweep sweep = grid(own, key, "");
    sweep.title = title;
    out.push_back(std::move(sweep));
  }
}

void add_sweeps(const Trials& trials, const std::string& title, std::vector<Sweep>& out) {
  const std::vector<std::string> keys = varying_settings(trials);
  if (keys.empty()) return;
  const bool is_one_at_a_time =
      std::ranges::all_of(trials, [&](const Json* trial) { return set_count(*trial, keys) < 2; });
  if (is_one_at_a_time) return add_single_sweeps(trials, keys, title, out);
  const std::string column_key = keys.size() > 1 ? keys[1] : "";
  std::map<std::string, Trials> groups;
  for (const Json* trial : trials) {
    std::string others;
    for (std::size_t i = 2; i < keys.size(); ++i)
      others += fmt::format(", {} {}", words(keys[i]), value_of(*trial, keys[i]));
    groups[others].push_back(trial);
  }
  for (const auto& [others, group] : groups) {
    if (group.size() < 2) continue;
    Sweep sweep = grid(group, keys[0], column_key);
    sweep.title = title + others;
    out.push_back(std::move(sweep));
  }
}

}  // namespace

std::vector<Sweep> sweeps(const Json& bench) {
  std::vector<std::pair<std::string, Trials>> groups;
  const Json::array_t& trials = items(field(bench, "trials"));
  std::set<std::string> models;
  for (const Json& trial : trials) models.insert(text_field(trial, "model"));
  for (const Json& trial : trials) {
    std::string title = runtime_name(text_field(trial, "runtime"));
    for (const std::string_view key : {"version", "device"}) {
      if (const std::string text = text_field(trial, key); !text.empty())
        title += (key == "device" ? ", " : " ") + text;
    }
    if (models.size() > 1) title += ", " + file_name(text_field(trial, "model"));
    if (const auto batch = number_field(trial, "batch"); batch && *batch != 1)
      title += ", batch " + count_text(batch);
    const auto found = std::ranges::find(groups, title, &std::pair<std::string, Trials>::first);
    Trials& group =
        found == groups.end() ? groups.emplace_back(title, Trials{}).second : found->second;
    group.push_back(&trial);
  }
  std::vector<Sweep> out;
  for (const auto& [title, group] : groups) add_sweeps(group, title, out);
  return out;
}

}  // namespace ponte::report
