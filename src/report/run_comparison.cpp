#include "report/run_comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "base/text.h"
#include "base/text_table.h"
#include "report/comparison.h"
#include "report/fields.h"
#include "report/figures.h"
#include "report/markdown_table.h"
#include "report/names.h"
#include "report/terminal_views.h"
#include "report/typical_time.h"
#include "report/verdict.h"

namespace ponte::report {
namespace {

struct Fact {
  std::string_view what;
  std::string (*text)(const Json& analysis);
};

std::string lowest_bits_text(const Json& analysis) {
  return bits_text(lowest_bits(field(analysis, "verify")));
}

// In the order of the report.
constexpr auto facts = std::to_array<Fact>({
    {"model", [](const Json& a) { return text_field(field(a, "inspect"), "file"); }},
    {"nodes", [](const Json& a) { return text_field(field(a, "inspect"), "nodes"); }},
    {"parameters", [](const Json& a) { return text_field(field(a, "inspect"), "parameters"); }},
    {"nodes written", [](const Json& a) { return text_field(field(a, "convert"), "nodes"); }},
    {"same network", [](const Json& a) { return text_field(field(a, "verify"), "verdict"); }},
    {"bits that agree, at least", lowest_bits_text},
    {"ponte",
     [](const Json& a) { return text_field(field(field(a, "bench"), "environment"), "ponte"); }},
});

Json facts_that_differ(const Json& a, const Json& b) {
  Json rows = Json::array();
  for (const Fact& fact : facts) {
    const std::string first = fact.text(a);
    const std::string second = fact.text(b);
    if (first != second) rows.push_back({{"what", fact.what}, {"a", first}, {"b", second}});
  }
  return rows;
}

bool is_same_trial(const Json& a, const Json& b) {
  return std::ranges::all_of(
      std::to_array<std::string_view>({"runtime", "device", "settings", "batch", "scenario"}),
      [&](std::string_view key) { return field(a, key) == field(b, key); });
}

Json side(const Json& trial) {
  Json json;
  for (const std::string_view key : {"version", "median_ns", "ci_low_ns", "ci_high_ns", "steady",
                                     "process_low_ns", "process_high_ns"})
    json[std::string(key)] = field(trial, key);
  return json;
}

// Only intervals that lie apart say something about two times of measuring.
std::string_view verdict_between(const Json& a, const Json& b) {
  const auto apart = [](const Json& faster, const Json& slower) {
    const auto high = number_field(faster, "ci_high_ns");
    const auto low = number_field(slower, "ci_low_ns");
    return high && low && *high < *low;
  };
  if (apart(b, a)) return "faster";
  return apart(a, b) ? "slower" : "no difference seen";
}

Json trial_pair(const Json& a, const Json& b) {
  const auto first = number_field(a, "median_ns");
  const auto second = number_field(b, "median_ns");
  const bool has_ratio = first && second && *first > 0;
  return {{"runtime", field(a, "runtime")},
          {"device", field(a, "device")},
          {"settings", field(a, "settings")},
          {"a", side(a)},
          {"b", side(b)},
          {"ratio", has_ratio ? number(*second / *first) : Json()},
          {"verdict", has_ratio ? Json(verdict_between(a, b)) : Json()}};
}

// The names of the trials of `own` that are not among those of `other`.
Json lonely_trials(const Json& own, const Json& other) {
  const TrialNames names(own);
  Json lonely = Json::array();
  for (const Json& trial : items(field(own, "trials"))) {
    const auto& others = items(field(other, "trials"));
    if (std::ranges::none_of(others, [&](const Json& each) { return is_same_trial(trial, each); }))
      lonely.push_back(names.name(text_field(trial, "id")));
  }
  return lonely;
}

std::string pair_name(const Json& pair) {
  std::string name = runtime_name(text_field(pair, "runtime"));
  if (const std::string settings = settings_text(field(pair, "settings")); !settings.empty())
    name += ", " + settings;
  if (const std::string device = text_field(pair, "device"); device != "cpu") name += ", " + device;
  return name;
}

std::string side_text(const Json& side) {
  const TypicalTime typical = typical_time(side);
  return typical.note == missing ? typical.time
                                 : fmt::format("{} ({})", typical.time, typical.note);
}

std::string ratio_text(const Json& pair) {
  const auto ratio = number_field(pair, "ratio");
  return ratio ? fmt::format("{:.3f}", *ratio) : std::string(missing);
}

std::string run_title(const Json& comparison, std::size_t index) {
  const Json::array_t& runs = items(field(comparison, "runs"));
  return index < runs.size() ? "run " + text_field(runs[index], "id") : "";
}

constexpr std::string_view caution =
    "The runs were measured at different times, so their difference holds that of the times too; "
    "`ponte bench` measures both in one run.";

}  // namespace

Json compare_runs(const Json& a, const Json& b) {
  const Json first = as_analysis(a);
  const Json second = as_analysis(b);
  const Json& first_bench = field(first, "bench");
  const Json& second_bench = field(second, "bench");
  Json trials = Json::array();
  for (const Json& trial : items(field(first_bench, "trials"))) {
    const auto& others = items(field(second_bench, "trials"));
    const auto same =
        std::ranges::find_if(others, [&](const Json& each) { return is_same_trial(trial, each); });
    if (same != others.end()) trials.push_back(trial_pair(trial, *same));
  }
  return {{"schema", "ponte/comparison/1"},
          {"runs", Json::array({{{"id", field(first, "run")}}, {{"id", field(second, "run")}}})},
          {"facts", facts_that_differ(first, second)},
          {"trials", std::move(trials)},
          {"only_a", lonely_trials(first_bench, second_bench)},
          {"only_b", lonely_trials(second_bench, first_bench)}};
}

std::string comparison_markdown(const Json& comparison) {
  const std::string a = run_title(comparison, 0);
  const std::string b = run_title(comparison, 1);
  MarkdownTable differences({"", a, b});
  for (const Json& fact : items(field(comparison, "facts"))) {
    differences.add_row({markdown_text(text_field(fact, "what")),
                         markdown_text(text_field(fact, "a")),
                         markdown_text(text_field(fact, "b"))});
  }
  MarkdownTable trials({"Trial", ">" + a, ">" + b, ">Times as long", "Verdict"});
  for (const Json& pair : items(field(comparison, "trials"))) {
    trials.add_row({markdown_text(pair_name(pair)), side_text(field(pair, "a")),
                    side_text(field(pair, "b")), ratio_text(pair),
                    markdown_text(text_field(pair, "verdict"))});
  }
  return fmt::format("## {} against {}\n\n{}{}{}\n", b, a, differences.text(), trials.text(),
                     markdown_prose(caution));
}

std::string comparison_view(const Json& comparison, const View& view) {
  const std::string a = run_title(comparison, 0);
  const std::string b = run_title(comparison, 1);
  TextTable differences({{"", Align::Left}, {a, Align::Left}, {b, Align::Left}});
  for (const Json& fact : items(field(comparison, "facts"))) {
    differences.add_row({view.name(text_field(fact, "what")), view.name(text_field(fact, "a")),
                         view.name(text_field(fact, "b"))});
  }
  TextTable trials({{"trial", Align::Left},
                    {a, Align::Right},
                    {b, Align::Right},
                    {"times as long", Align::Right},
                    {"", Align::Left}});
  for (const Json& pair : items(field(comparison, "trials"))) {
    const std::string verdict = text_field(pair, "verdict");
    const Tone tone = verdict == "faster"   ? Tone::Good
                      : verdict == "slower" ? Tone::Caution
                                            : Tone::Neutral;
    trials.add_row({view.trial_name(pair_name(pair)), side_text(field(pair, "a")),
                    side_text(field(pair, "b")), ratio_text(pair),
                    view.toned(tone, escape_control(verdict, 30))});
  }
  std::string out = differences.empty() ? "" : differences.text() + '\n';
  if (!trials.empty()) out += trials.text() + '\n';
  for (const std::string_view key : {"only_a", "only_b"}) {
    for (const Json& name : items(field(comparison, key)))
      out += view.wrapped(fmt::format("only in {}: {}", key == "only_a" ? a : b, text_of(name)), 0);
  }
  if (out.empty()) return fmt::format("{} and {} have nothing to compare\n", a, b);
  return out + view.wrapped(caution, 0);
}

}  // namespace ponte::report
