// Does a series drift?
#include "statistics/mann_kendall.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/check.h"
#include "statistics/correlation.h"
#include "statistics/descriptive.h"
#include "statistics/distributions.h"

namespace ponte::statistics {
namespace {

double median_slope(std::span<const double> series) {
  std::vector<double> slopes;
  slopes.reserve(series.size() * (series.size() - 1) / 2);
  for (std::size_t i = 0; i < series.size(); ++i) {
    for (std::size_t j = i + 1; j < series.size(); ++j) {
      slopes.push_back((series[j] - series[i]) / static_cast<double>(j - i));
    }
  }
  return median(slopes);
}

double rising_minus_falling(std::span<const double> series) {
  double s = 0;
  for (std::size_t i = 0; i < series.size(); ++i) {
    for (std::size_t j = i + 1; j < series.size(); ++j) {
      s += static_cast<double>(series[j] > series[i]) - static_cast<double>(series[j] < series[i]);
    }
  }
  return s;
}

// Of independent values, less what groups of equal values take away (Kendall 1975).
double independent_variance(std::span<const double> series) {
  const auto term = [](double n) { return n * (n - 1) * (2 * n + 5) / 18; };
  double result = term(static_cast<double>(series.size()));
  const std::vector<double> ascending = sorted(series);
  for (auto first = ascending.begin(); first != ascending.end();) {
    const auto end = std::upper_bound(first, ascending.end(), *first);
    result -= term(static_cast<double>(end - first));
    first = end;
  }
  return result;
}

double variance_correction(std::span<const double> series, double slope) {
  const auto n = static_cast<double>(series.size());
  std::vector<double> detrended(series.begin(), series.end());
  for (std::size_t i = 0; i < series.size(); ++i) detrended[i] -= slope * static_cast<double>(i);
  const std::vector<double> rank = ranks(detrended);
  const double centre = mean(rank);
  const auto product = [&](std::size_t lag) {
    double sum = 0;
    for (std::size_t i = lag; i < rank.size(); ++i) {
      sum += (rank[i] - centre) * (rank[i - lag] - centre);
    }
    return sum;
  };
  const double square = product(0);
  if (square == 0) return 1;
  const double significant = normal_quantile(0.975) / std::sqrt(n);
  double sum = 0;
  for (std::size_t lag = 1; lag < series.size(); ++lag) {
    const double correlation = product(lag) / square;
    const double left = n - static_cast<double>(lag);
    if (std::abs(correlation) > significant) sum += left * (left - 1) * (left - 2) * correlation;
  }
  return std::max(1.0, 1 + 2 / (n * (n - 1) * (n - 2)) * sum);
}

}  // namespace

Trend mann_kendall(std::span<const double> series) {
  PONTE_CHECK(series.size() >= 4);
  Trend trend{.s = rising_minus_falling(series), .slope = median_slope(series)};
  const double independent = independent_variance(series);
  if (independent <= 0) return trend;
  trend.correction = variance_correction(series, trend.slope);
  const double deviation = std::sqrt(independent * trend.correction);
  if (trend.s != 0) trend.z = (trend.s > 0 ? trend.s - 1 : trend.s + 1) / deviation;
  trend.p_value = 2 * normal_cdf(-std::abs(trend.z));
  return trend;
}

}  // namespace ponte::statistics
