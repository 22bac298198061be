#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/charts.h"
#include "report/figures.h"

namespace ponte::report {
namespace {

constexpr std::size_t most_dots = 16000;  // in all pictures
constexpr std::size_t fewest_dots = 200;  // of a trial
constexpr std::size_t dots_of_a_trial = 1500;
constexpr std::size_t most_bands = 64;
constexpr double height = 120;
constexpr double view_width = 1000;

LogAxis own_axis(const SampleSet& samples) {
  const double low = samples.bulk_low();
  const double high = samples.bulk_high();
  const double margin = std::max(std::pow(high / low, 0.15), 1.002);
  return {std::max(samples.quantile(0), low / margin),
          std::min(samples.quantile(1), high * margin)};
}

double y_of(const LogAxis& axis, double latency_ns) {
  return 6 + (1 - std::clamp(axis.position(latency_ns), 0.0, 1.0)) * (height - 12);
}

// Where one process ends and another begins, every other one shaded.
Markup process_bands(const std::vector<Sample>& dots, double last) {
  Markup out;
  std::size_t bands = 0;
  for (std::size_t start = 0; start < dots.size() && bands < most_bands;) {
    std::size_t end = start;
    while (end < dots.size() && dots[end].lane == dots[start].lane) ++end;
    if (bands % 2 == 1) {
      const double x = view_width * static_cast<double>(dots[start].order) / last;
      const double to =
          end < dots.size() ? view_width * static_cast<double>(dots[end].order) / last : view_width;
      out += markup(R"(<rect class="process" x="{}" width="{}" y="0" height="{}"/>)", x, to - x,
                    height);
    }
    ++bands;
    start = end;
  }
  return out;
}

Markup chart(const SampleSet& samples, std::string_view name, std::size_t series,
             std::size_t limit) {
  const LogAxis axis = own_axis(samples);
  const std::vector<Sample> dots = samples.dots(limit);
  const double last = std::max<double>(1, static_cast<double>(dots.back().order));
  std::string path;
  Markup edge;
  std::size_t edges = 0;
  for (const Sample& sample : dots) {
    const double x = static_cast<double>(sample.order) / last;
    const double y = y_of(axis, sample.latency_ns);
    const double position = axis.position(sample.latency_ns);
    if (position > 1.0001 || position < -0.0001) {
      if (++edges > 80) continue;
      edge += markup(R"(<circle class="far" cx="{}%" cy="{}" r="2.4"><title>{}</title></circle>)",
                     x * 100, position > 1 ? 4 : height - 4, time_text(sample.latency_ns));
    } else {
      path += fmt::format("M{:.0f} {:.1f}h0", x * view_width, y);
    }
  }
  Markup lines;
  Markup labels;
  const std::vector<double> values = axis.round_values();
  for (const Tick& tick : time_ticks(axis)) {
    if (tick.minor && values.size() > 4) continue;
    const double y = y_of(axis, tick.value);
    lines += markup(R"(<line class="grid" x1="0" x2="100%" y1="{}" y2="{}"/>)", y, y);
    labels += markup(R"(<text class="major" x="-6" y="{}" text-anchor="end">{}</text>)", y + 4,
                     tick.label);
  }
  const double median = y_of(axis, samples.quantile(0.5));
  Markup out = markup("<title>{}</title><desc>{}</desc>", name,
                      "Latency of each execution in the order in which they ran, median " +
                          time_text(samples.quantile(0.5)));
  out += markup(
      R"(<svg viewBox="0 0 1000 {}" width="100%" height="{}" preserveAspectRatio="none">{}</svg>{})",
      height, height, process_bands(dots, last), lines);
  out += markup(
      R"(<svg viewBox="0 0 1000 {}" width="100%" height="{}" preserveAspectRatio="none"><path class="{}" d="{}"/></svg>)",
      height, height, dots.size() > 500 ? "dots many" : "dots", long_path(path));
  out += markup(R"(<line class="median" x1="0" x2="100%" y1="{}" y2="{}"/>{}{})", median, median,
                edge, labels);
  return markup(
      R"(<figure class="order series-{}"><figcaption>{}</figcaption><svg class="plot" width="100%" height="{}" role="img">{}</svg></figure>)",
      series, shortened(name), height, out);
}

}  // namespace

Markup order_charts(std::span<const SampleSet> samples, const TrialNames& names) {
  std::vector<const SampleSet*> drawn;
  for (const SampleSet& set : samples) {
    if (set.size() > 1) drawn.push_back(&set);
  }
  if (drawn.empty()) return {};
  const std::size_t limit = std::clamp(most_dots / drawn.size(), fewest_dots, dots_of_a_trial);
  Markup out;
  for (const SampleSet* set : drawn)
    out +=
        chart(*set, names.name(set->trial_id()), names.runtime_index(set->trial_id()) % 6, limit);
  return markup(R"(<div class="orders">{}</div>)", out);
}

}  // namespace ponte::report
