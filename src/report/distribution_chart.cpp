#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "base/counted.h"
#include "report/charts.h"
#include "report/fields.h"
#include "report/figures.h"
#include "report/typical_time.h"

namespace ponte::report {
namespace {

constexpr std::size_t most_dots = 12000;  // in the whole picture
constexpr std::size_t fewest_dots = 200;  // of a trial
constexpr std::size_t dots_of_a_trial = 1200;
constexpr std::size_t density_points = 301;
constexpr double flat_density = 0.015;  // of its peak
constexpr double density_top = 3;
constexpr double density_base = 30;
constexpr double lanes_top = 36;
constexpr double lanes_bottom = 64;
constexpr int row_height = 68;
constexpr double view_width = 1000;
constexpr double beyond_the_bulk = 0.3;  // how far the axis follows outliers, in widths of the bulk

struct Row {
  const Json* trial;
  const SampleSet* samples;  // null where there are none
  double median_ns;
};

std::string percent(double position) { return coordinate(position * 100) + "%"; }

std::vector<Row> rows_of(const Json& bench, std::span<const SampleSet> samples) {
  std::vector<Row> rows;
  for (const Json& trial : items(field(bench, "trials"))) {
    const std::string id = text_field(trial, "id");
    const auto found = std::ranges::find(samples, id, &SampleSet::trial_id);
    const SampleSet* set = found == samples.end() || found->empty() ? nullptr : &*found;
    auto median = number_field(trial, "median_ns");
    if (!median && set) median = set->quantile(0.5);
    if (median && is_plausible_latency(*median)) rows.push_back({&trial, set, *median});
  }
  std::ranges::stable_sort(rows, {}, &Row::median_ns);
  return rows;
}

// Everything, unless single outliers would squeeze the bulk of the samples together.
LogAxis time_axis(const std::vector<Row>& rows) {
  double low = std::numeric_limits<double>::infinity();
  double high = 0;
  double lowest = low;
  double highest = high;
  for (const Row& row : rows) {
    low = std::min(low, row.median_ns);
    high = std::max(high, row.median_ns);
    if (!row.samples) continue;
    low = std::min(low, row.samples->bulk_low());
    high = std::max(high, row.samples->bulk_high());
    lowest = std::min(lowest, row.samples->quantile(0));
    highest = std::max(highest, row.samples->quantile(1));
  }
  lowest = std::min(lowest, low);
  highest = std::max(highest, high);
  const double margin = std::max(std::pow(high / low, beyond_the_bulk), 1.03);
  low = std::max(lowest, low / margin);
  high = std::min(highest, high * margin);
  const double rim = std::max(std::pow(high / low, 0.015), 1.002);
  return {low / rim, high * rim};
}

Markup grid_lines(const std::vector<Tick>& ticks, const LogAxis& axis) {
  Markup out;
  for (const Tick& tick : ticks) {
    const std::string x = percent(axis.position(tick.value));
    out += markup(R"(<line class="grid" x1="{}" x2="{}" y1="0" y2="{}"/>)", x, x, row_height);
  }
  return out;
}

// The density as filled curves with an outline, where it is not flat.
Markup curve(const SampleSet& samples, const LogAxis& axis) {
  const std::vector<double> density = samples.density(axis, density_points);
  const double step = view_width / static_cast<double>(density_points - 1);
  const auto is_flat = [&density](std::size_t i) { return density[i] < flat_density; };
  std::string outline;
  std::string area;
  for (std::size_t start = 0; start < density.size(); ++start) {
    if (is_flat(start)) continue;
    std::size_t end = start;
    while (end < density.size() && !is_flat(end)) ++end;
    std::string line;
    for (std::size_t i = start; i < end; ++i) {
      const double y = density_base - density[i] * (density_base - density_top);
      line += fmt::format("{}{} {}", line.empty() ? "" : "L",
                          coordinate(static_cast<double>(i) * step), coordinate(y));
    }
    const std::string base = coordinate(density_base);
    outline += "M" + line;
    area += fmt::format("M{} {}L{}L{} {}Z", coordinate(static_cast<double>(start) * step), base,
                        line, coordinate(static_cast<double>(end - 1) * step), base);
    start = end;
  }
  return markup(R"(<path class="area" d="{}"/><path class="outline" d="{}"/>)", long_path(area),
                long_path(outline));
}

std::string dots_path(const std::vector<Sample>& dots, const SampleSet& samples,
                      const LogAxis& axis) {
  const double lane_height = (lanes_bottom - lanes_top) / static_cast<double>(samples.lanes());
  std::string out;
  for (const Sample& sample : dots) {
    const double x = axis.position(sample.latency_ns);
    if (x < 0 || x > 1) continue;
    // The golden ratio spreads neighbours in time evenly over the lane.
    const double jitter = std::fmod(static_cast<double>(sample.order) * 0.6180339887498949, 1.0);
    const double y =
        lanes_top + (static_cast<double>(sample.lane) + 0.12 + 0.76 * jitter) * lane_height;
    char text[48];
    const auto end = fmt::format_to_n(text, sizeof text, "M{:.0f} {:.1f}h0", x * view_width, y);
    out.append(text, end.out);
  }
  return out;
}

Markup dots(const SampleSet& samples, const LogAxis& axis, std::size_t limit) {
  std::vector<Sample> inside;
  Markup far;
  std::size_t drawn_far = 0;
  for (const Sample& sample : samples.dots(limit)) {
    if (samples.is_far_outlier(sample.latency_ns) && drawn_far < 100) {
      const double x = axis.position(sample.latency_ns);
      const double lane_height = (lanes_bottom - lanes_top) / static_cast<double>(samples.lanes());
      const double y = lanes_top + (static_cast<double>(sample.lane) + 0.5) * lane_height;
      if (x >= 0 && x <= 1)
        far += markup(R"(<circle class="far" cx="{}" cy="{}" r="2.4"/>)", percent(x), y);
      ++drawn_far;
    } else {
      inside.push_back(sample);
    }
  }
  const std::string density_class = inside.size() > 600 ? "dots many" : "dots";
  Markup out =
      markup(R"(<svg viewBox="0 0 1000 {}" width="100%" height="{}" preserveAspectRatio="none">{})",
             row_height, row_height, curve(samples, axis));
  out += markup(R"(<path class="{}" d="{}"/></svg>{})", density_class,
                long_path(dots_path(inside, samples, axis)), far);
  return out;
}

Markup marks(const Row& row, const LogAxis& axis) {
  Markup out;
  if (const auto range = range_around_median(*row.trial)) {
    const double from = std::clamp(axis.position(range->low_ns), 0.0, 1.0);
    const double to = std::clamp(axis.position(range->high_ns), 0.0, 1.0);
    out += markup(R"(<rect class="band" x="{}" width="{}" y="0" height="{}"/>)", percent(from),
                  percent(to - from), row_height);
  }
  const std::string x = percent(axis.position(row.median_ns));
  out += markup(R"(<line class="median" x1="{}" x2="{}" y1="0" y2="{}"/>)", x, x, row_height);
  for (const std::string_view key : {"p90_ns", "p99_ns"}) {
    const auto value = number_field(*row.trial, key);
    if (!value || *value <= 0 || axis.position(*value) > 1) continue;
    const std::string at = percent(axis.position(*value));
    out += markup(R"(<line class="tail" x1="{}" x2="{}" y1="24" y2="36"/>)", at, at);
    out += markup(R"(<text class="tail-label" x="{}" y="21" text-anchor="middle">{}</text>)", at,
                  key.substr(0, 3));
  }
  return out;
}

Markup beyond(const SampleSet& samples, const LogAxis& axis) {
  std::size_t above = 0;
  for (const Sample& sample : samples.dots(std::numeric_limits<std::size_t>::max()))
    above += sample.latency_ns > axis.high();
  if (above == 0) return {};
  return markup(
      R"(<text class="beyond" x="100%" y="12" text-anchor="end">{} beyond, up to {} ▸</text>)",
      count_text(static_cast<double>(above)), time_text(samples.quantile(1)));
}

std::string description(const Row& row) {
  std::string out = "Median " + time_text(row.median_ns);
  const bool is_steady = field(*row.trial, "steady") != false;
  if (const auto range = range_around_median(*row.trial))
    out += (is_steady ? ", interval " : ", range over processes ") +
           time_interval(range->low_ns, range->high_ns);
  if (!row.samples) return out + "; no samples stored.";
  out += "; " + counted(row.samples->size(), "sample", "samples") + " in " +
         counted(row.samples->lanes(), "process", "processes") + ", from " +
         time_text(row.samples->quantile(0)) + " to " + time_text(row.samples->quantile(1)) + "; " +
         counted(row.samples->outliers(), "outlier", "outliers") + ", " +
         std::to_string(row.samples->far_outliers()) + " of them far.";
  return out;
}

Markup row_label(const Row& row, std::string_view name, std::size_t limit) {
  Markup note;
  if (row.samples) {
    std::string text = counted(row.samples->size(), "sample", "samples");
    if (row.samples->size() > limit)
      text += ", " + count_text(static_cast<double>(limit)) + " shown";
    note = markup(R"(<span class="quiet">{}</span>)", text);
  }
  const std::string known = typical_time(*row.trial).time;
  const std::string time = known == missing ? time_text(row.median_ns) : known;
  return markup(R"(<div class="strip-name"><span>{}</span><strong>{}</strong>{}</div>)",
                shortened(name), time, note);
}

}  // namespace

Markup distribution_chart(const Json& bench, std::span<const SampleSet> samples,
                          const TrialNames& names) {
  const std::vector<Row> rows = rows_of(bench, samples);
  if (rows.empty()) return {};
  const LogAxis axis = time_axis(rows);
  const std::vector<Tick> ticks = time_ticks(axis);
  const std::size_t limit = std::clamp(most_dots / rows.size(), fewest_dots, dots_of_a_trial);
  Markup out;
  for (const Row& row : rows) {
    const std::string id = text_field(*row.trial, "id");
    const std::string name = names.name(id);
    Markup plot = markup("<title>{}</title><desc>{}</desc>", name, long_text(description(row)));
    plot += grid_lines(ticks, axis);
    if (row.samples) plot += dots(*row.samples, axis, limit);
    plot += marks(row, axis);
    if (row.samples) plot += beyond(*row.samples, axis);
    out += markup(
        R"(<div class="strip series-{}">{}<svg class="plot" width="100%" height="{}" role="img">{}</svg></div>)",
        names.runtime_index(id) % 6, row_label(row, name, limit), row_height, plot);
  }
  Markup labels;
  for (const Tick& tick : ticks) {
    labels +=
        markup(R"(<text class="{}" x="{}" y="14" text-anchor="middle">{}</text>)",
               tick.minor ? "minor" : "major", percent(axis.position(tick.value)), tick.label);
  }
  out += markup(
      R"(<div class="strip axis" aria-hidden="true"><div></div><svg class="plot" width="100%" height="20">{}</svg></div>)",
      labels);
  return markup(R"(<div class="strips">{}</div>)", out);
}

}  // namespace ponte::report
