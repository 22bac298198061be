#include "report/axis.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include "base/check.h"
#include "report/figures.h"

namespace ponte::report {
namespace {

constexpr double narrowest_ratio = 1.04;
constexpr double decade_ratio = 8;    // beyond this, ticks at 1, 2 and 5 of each decade
constexpr double ladder_ratio = 1.7;  // beyond this, ticks whose ratios are about the same
constexpr double many_decades = 2000;

// Multiples of powers of ten by the given steps.
std::vector<double> ladder(double low, double high, std::span<const double> steps_of_decade) {
  std::vector<double> out;
  for (double power = std::pow(10, std::floor(std::log10(low))); power <= high; power *= 10) {
    for (const double step : steps_of_decade) {
      const double value = step * power;
      if (value >= low && value <= high) out.push_back(value);
    }
  }
  return out;
}

std::vector<double> steps(double low, double high) {
  const double rough = (high - low) / 5;
  const double power = std::pow(10, std::floor(std::log10(rough)));
  const double scaled = rough / power;
  const double step = power * (scaled < 1.5 ? 1 : scaled < 3.5 ? 2 : scaled < 7.5 ? 5 : 10);
  std::vector<double> out;
  for (double index = std::ceil(low / step); index * step <= high && out.size() < 12; ++index) {
    out.push_back(index * step);
  }
  return out;
}

}  // namespace

LogAxis::LogAxis(double low, double high) : low_(low), high_(high) {
  PONTE_CHECK(low > 0 && low <= high && std::isfinite(high / low));
  if (high_ / low_ < narrowest_ratio) {
    const double middle = std::sqrt(low_) * std::sqrt(high_);
    low_ = middle / std::sqrt(narrowest_ratio);
    high_ = middle * std::sqrt(narrowest_ratio);
  }
}

double LogAxis::position(double value) const {
  return std::log(value / low_) / std::log(high_ / low_);
}

double LogAxis::value(double position) const {
  return low_ * std::exp(position * std::log(high_ / low_));
}

std::vector<double> LogAxis::round_values() const {
  constexpr std::array coarsest = {1.0};
  constexpr std::array coarse = {1.0, 2.0, 5.0};
  constexpr std::array fine = {1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0};
  const double ratio = high_ / low_;
  if (ratio > many_decades) return ladder(low_, high_, coarsest);
  if (ratio > decade_ratio) return ladder(low_, high_, coarse);
  return ratio > ladder_ratio ? ladder(low_, high_, fine) : steps(low_, high_);
}

std::vector<Tick> time_ticks(const LogAxis& axis) {
  const std::vector<double> values = axis.round_values();
  struct Unit {
    double nanoseconds;
    const char* name;
  };
  constexpr std::array<Unit, 4> units = {{{1, "ns"}, {1e3, "µs"}, {1e6, "ms"}, {1e9, "s"}}};
  std::vector<Tick> out;
  for (std::size_t i = 0; i < values.size(); ++i) {
    Unit unit = units[0];
    for (const Unit& candidate : units) {
      if (values[i] >= candidate.nanoseconds * 0.9999) unit = candidate;
    }
    out.push_back(
        {values[i], fmt::format("{:.4g} {}", values[i] / unit.nanoseconds, unit.name), i % 2 == 1});
  }
  return out;
}

std::vector<Tick> factor_ticks(const LogAxis& axis) {
  std::vector<double> values = axis.round_values();
  const bool has_one =
      std::ranges::any_of(values, [](double value) { return std::abs(value - 1) < 1e-9; });
  if (!has_one && axis.low() < 1 && axis.high() > 1) values.push_back(1);
  std::ranges::sort(values);
  const auto one =
      std::ranges::find_if(values, [](double value) { return std::abs(value - 1) < 1e-9; });
  const auto start = one - values.begin();
  std::vector<Tick> out;
  for (std::size_t i = 0; i < values.size(); ++i) {
    out.push_back({values[i], fmt::format("{:.4g}×", values[i]),
                   (static_cast<std::ptrdiff_t>(i) - start) % 2 != 0});
  }
  return out;
}

}  // namespace ponte::report
