#include <algorithm>
#include <cmath>

#include "report/charts.h"
#include "report/figures.h"

namespace ponte::report {
namespace {

constexpr double widest = 32;  // intervals beyond this factor are cut
constexpr int interval_height = 26;
constexpr int bar_height = 10;

std::string percent(double position) { return coordinate(position * 100) + "%"; }

std::string_view outcome_class(Outcome outcome) {
  switch (outcome) {
    case Outcome::Faster:
      return "faster";
    case Outcome::Slower:
      return "slower";
    case Outcome::Undetected:
      return "undetected";
  }
  return "undetected";
}

}  // namespace

LogAxis speed_axis(std::span<const SpeedComparison> comparisons) {
  double low = 1 / 1.05;
  double high = 1.05;
  for (const SpeedComparison& comparison : comparisons) {
    low = std::min({low, comparison.speed, comparison.low.value_or(1)});
    high = std::max({high, comparison.speed, comparison.high.value_or(1)});
  }
  low = std::max(low, 1 / widest);
  high = std::min(high, widest);
  const double margin = std::pow(high / low, 0.06);
  return {low / margin, high * margin};
}

Markup interval_plot(const SpeedComparison& comparison, const LogAxis& axis) {
  const auto at = [&axis](double value) {
    return percent(std::clamp(axis.position(value), 0.0, 1.0));
  };
  const double middle = interval_height / 2.0;
  Markup out = markup("<title>{}</title><desc>{}</desc>", speed_phrase(comparison),
                      speed_interval(comparison).empty()
                          ? "no interval"
                          : interval_name(comparison) + " " + speed_interval(comparison));
  for (const Tick& tick : factor_ticks(axis)) {
    out += markup(R"(<line class="{}" x1="{}" x2="{}" y1="0" y2="{}"/>)",
                  std::abs(tick.value - 1) < 1e-9 ? "one" : "grid", at(tick.value), at(tick.value),
                  interval_height);
  }
  if (comparison.low && comparison.high) {
    out += markup(R"(<line class="interval" x1="{}" x2="{}" y1="{}" y2="{}"/>)",
                  at(*comparison.low), at(*comparison.high), middle, middle);
    for (const double end : {*comparison.low, *comparison.high}) {
      out += markup(R"(<line class="interval" x1="{}" x2="{}" y1="{}" y2="{}"/>)", at(end), at(end),
                    middle - 4, middle + 4);
    }
  }
  out +=
      markup(R"(<circle class="estimate" cx="{}" cy="{}" r="4.5"/>)", at(comparison.speed), middle);
  return markup(R"(<svg class="plot {}" width="100%" height="{}" role="img">{}</svg>)",
                outcome_class(comparison.outcome), interval_height, out);
}

Markup speed_axis_labels(const LogAxis& axis) {
  Markup out;
  for (const Tick& tick : factor_ticks(axis)) {
    out += markup(R"(<text class="{}" x="{}" y="13" text-anchor="middle">{}</text>)",
                  tick.minor ? "minor" : "major", percent(axis.position(tick.value)), tick.label);
  }
  return markup(R"(<svg class="plot axis" width="100%" height="18" aria-hidden="true">{}</svg>)",
                out);
}

Markup bits_bar(std::optional<double> bits, std::optional<double> expected, double full_scale) {
  if (!bits) return {};
  Markup out =
      markup("<title>{}</title>", bits_text(bits) + " bits" +
                                      (expected ? ", " + bits_text(expected) + " predicted" : ""));
  out += markup(R"(<rect class="track" width="100%" height="{}" rx="2"/>)", bar_height);
  out += markup(R"(<rect class="fill" width="{}" height="{}" rx="2"/>)",
                percent(std::clamp(*bits / full_scale, 0.0, 1.0)), bar_height);
  if (expected) {
    const std::string x = percent(std::clamp(*expected / full_scale, 0.0, 1.0));
    out +=
        markup(R"(<line class="expected" x1="{}" x2="{}" y1="-3" y2="{}"/>)", x, x, bar_height + 3);
  }
  return markup(R"(<svg class="plot gauge" width="100%" height="{}" role="img">{}</svg>)",
                bar_height, out);
}

Markup share_bar(double share) {
  return markup(
      R"(<svg class="plot gauge" width="100%" height="{}" aria-hidden="true"><rect class="fill" width="{}" height="{}" rx="2"/></svg>)",
      bar_height, percent(std::clamp(share, 0.0, 1.0)), bar_height);
}

}  // namespace ponte::report
