// Comparisons, distributions and the table of trials.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "report/charts.h"
#include "report/fields.h"
#include "report/figures.h"
#include "report/html_table.h"
#include "report/sections.h"
#include "report/typical_time.h"
#include "report/verdict.h"
#include "report/warnings.h"

namespace ponte::report {
namespace {

constexpr std::size_t most_rows = 200;

Markup comparison_table(const Json& bench, const TrialNames& names) {
  std::vector<SpeedComparison> comparisons = speed_comparisons(bench);
  if (comparisons.empty()) return {};
  if (comparisons.size() > most_rows) comparisons.resize(most_rows);
  const LogAxis axis = speed_axis(comparisons);
  HtmlTable table("Speed of one trial relative to another",
                  {{"Trial"},
                   {"slower ← speed → faster", Cell::Picture},
                   {"Speed", Cell::Number},
                   {"Interval", Cell::Number},
                   {"Verdict"}});
  for (const SpeedComparison& comparison : comparisons) {
    Markup verdict = markup("{}", verdict_phrase(comparison));
    for (const std::string& note : verdict_notes(comparison))
      verdict += markup(R"(<span class="quiet">{}</span>)", prose(note));
    const std::string interval =
        comparison.low && comparison.high
            ? fmt::format("{:.3f} – {:.3f}", *comparison.low, *comparison.high)
            : std::string(missing);
    table.add_row({markup(R"({}<span class="quiet">against {}</span>)",
                          shortened(names.name(comparison.a)), shortened(names.name(comparison.b))),
                   interval_plot(comparison, axis),
                   markup("<strong>{}×</strong>", fmt::format("{:.3f}", comparison.speed)),
                   markup("{}", interval), verdict});
  }
  table.set_foot({Markup(), speed_axis_labels(axis), Markup(), Markup(), Markup()});
  Markup out = markup("<h3>Against each other</h3>\n{}", table.markup());
  out += markup(
      "<p class=\"note\">Times as fast, with the {}. Faster or slower is said where even the 99 % "
      "interval leaves out 1.</p>\n",
      interval_name(comparisons.front()));
  return out;
}

Markup distribution(const Json& bench, std::span<const SampleSet> samples,
                    const TrialNames& names) {
  const Markup chart = distribution_chart(bench, samples, names);
  if (chart.empty()) return {};
  const bool any_samples =
      std::ranges::any_of(samples, [](const SampleSet& set) { return !set.empty(); });
  Markup out = markup("<h3>Latency of every execution</h3>\n<figure class=\"chart\">{}", chart);
  if (any_samples) {
    out += markup(
        "<figcaption class=\"note\">One dot per execution, one lane of dots per process; above "
        "them their density. The line is the median, the "
        "band its interval, or the range over processes of a trial that is not steady; rings are "
        "outliers beyond three interquartile ranges. Equal distances "
        "are equal ratios. Where dots are left out, the "
        "quantiles are kept.</figcaption>");
  }
  out += markup("</figure>\n");
  out += details("In the order in which they ran", order_charts(samples, names));
  return out;
}

Markup trial_notes(const Json& trial) {
  Markup out;
  const std::string status = text_field(trial, "status");
  if (status != "ok" && !status.empty()) out += badge(status);
  if (const std::string why = text_field(trial, "why"); !why.empty())
    out += markup(R"(<span class="help">{}</span>)", prose(why));
  if (field(trial, "steady") == false) out += markup(R"(<span class="quiet">not steady</span>)");
  for (const std::string& warning : trial_warnings(trial))
    out += markup(R"(<span class="quiet">{}</span>)", prose(warning));
  return out;
}

std::string processes_text(const Json& trial) {
  const auto processes = number_field(trial, "processes");
  return processes ? "in " + count_text(processes, "process", "processes") : "";
}

std::string bound_text(const Json& trial) {
  const auto bound = number_field(trial, "p99_bound_ns");
  return bound ? "at most " + time_text(bound) : "";
}

Markup with_note(const std::string& value, const std::string& note) {
  if (note.empty() || note == missing) return markup("{}", value);
  return markup(R"({}<span class="quiet">{}</span>)", value, note);
}

Markup trial_table(const Json& bench, const TrialNames& names) {
  HtmlTable table("Trials", {{"Trial"},
                             {"Median", Cell::Number},
                             {"p90", Cell::Number},
                             {"p99", Cell::Number},
                             {"Rate", Cell::Number},
                             {"Load", Cell::Number},
                             {"First run", Cell::Number},
                             {"Memory", Cell::Number},
                             {"Samples", Cell::Number},
                             {"Notes"}});
  const Json::array_t& trials = items(field(bench, "trials"));
  for (std::size_t i = 0; i < std::min(trials.size(), most_rows); ++i) {
    const Json& trial = trials[i];
    const auto time = [&trial](std::string_view key) {
      return time_text(number_field(trial, key));
    };
    const TypicalTime typical = typical_time(trial);
    const std::string status = text_field(trial, "status");
    std::string device = text_field(trial, "version");
    if (const std::string text = text_field(trial, "device"); !text.empty())
      device += (device.empty() ? "" : ", ") + text;
    table.add_row({markup(R"({}<span class="quiet">{}</span>)",
                          shortened(names.name(text_field(trial, "id"))), shortened(device)),
                   with_note(typical.time, typical.note), markup("{}", time("p90_ns")),
                   with_note(time("p99_ns"), bound_text(trial)), markup("{}", typical.rate),
                   markup("{}", time("load_ns")), markup("{}", time("first_ns")),
                   markup("{}", size_text(number_field(trial, "peak_rss_bytes"))),
                   with_note(count_text(number_field(trial, "samples")), processes_text(trial)),
                   trial_notes(trial)},
                  status.empty() || status == "ok" ? "" : "bad");
  }
  Markup out = markup("<h3>In numbers</h3>\n{}", table.markup());
  if (trials.size() > most_rows) {
    out += markup("<p class=\"quiet\">{} more in the JSON document.</p>\n",
                  count_text(static_cast<double>(trials.size() - most_rows)));
  }
  return table.empty() ? Markup() : out;
}

}  // namespace

Markup speed_section(const Json& bench, std::span<const SampleSet> samples,
                     const TrialNames& names) {
  if (!bench.is_object()) return {};
  Markup content = problem_list(field(bench, "problems"));
  content += comparison_table(bench, names);
  content += distribution(bench, samples, names);
  content += trial_table(bench, names);
  return section("speed", "How fast is it?", content);
}

}  // namespace ponte::report
