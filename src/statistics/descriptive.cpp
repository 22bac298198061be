// Summaries of a list of values: location, spread, outliers.
#include "statistics/descriptive.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "base/error.h"

namespace ponte::statistics {
namespace {

void require_finite(std::span<const double> values) {
  PONTE_CHECK(!values.empty());
  for (const double value : values) {
    if (!std::isfinite(value)) throw Error(Code::InvalidSample, "a measured value is not finite");
  }
}

std::vector<double> checked_copy(std::span<const double> values) {
  require_finite(values);
  return {values.begin(), values.end()};
}

// Reorders the values.
double median_in_place(std::vector<double>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  const double below = *std::max_element(values.begin(), middle);
  return below + (*middle - below) / 2;
}

}  // namespace

void require_durations(std::span<const double> values_ns) {
  for (const double value : values_ns) {
    if (!(std::isfinite(value) && value > 0)) {
      throw Error(Code::InvalidSample, "a measured duration is not a positive finite number");
    }
  }
}

std::vector<double> sorted(std::span<const double> values) {
  std::vector<double> ascending = checked_copy(values);
  std::ranges::sort(ascending);
  return ascending;
}

double mean(std::span<const double> values) {
  require_finite(values);
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

double variance(std::span<const double> values) {
  PONTE_CHECK(values.size() >= 2);
  const double centre = mean(values);
  double sum = 0;
  for (const double value : values) sum += (value - centre) * (value - centre);
  return sum / static_cast<double>(values.size() - 1);
}

double median(std::span<const double> values) {
  std::vector<double> copy = checked_copy(values);
  return median_in_place(copy);
}

double quantile(std::span<const double> values, double share) {
  return quantile_of_sorted(sorted(values), share);
}

double quantile_of_sorted(std::span<const double> ascending, double share) {
  PONTE_CHECK(!ascending.empty() && share >= 0 && share <= 1);
  const double position = share * static_cast<double>(ascending.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  if (below + 1 >= ascending.size()) return ascending.back();
  const double part = position - static_cast<double>(below);
  return ascending[below] + part * (ascending[below + 1] - ascending[below]);
}

double median_absolute_deviation(std::span<const double> values) {
  const double centre = median(values);
  std::vector<double> deviations(values.begin(), values.end());
  for (double& value : deviations) value = std::abs(value - centre);
  return median_in_place(deviations);
}

double normal_consistent_mad(std::span<const double> values) {
  return 1.4826022185056018 * median_absolute_deviation(values);
}

OutlierCounts count_outliers(std::span<const double> values) {
  const std::vector<double> ascending = sorted(values);
  const double lower = quantile_of_sorted(ascending, 0.25);
  const double upper = quantile_of_sorted(ascending, 0.75);
  const double range = upper - lower;
  OutlierCounts counts;
  for (const double value : ascending) {
    if (value < lower - 3 * range) {
      ++counts.low_severe;
    } else if (value < lower - 1.5 * range) {
      ++counts.low_mild;
    } else if (value > upper + 3 * range) {
      ++counts.high_severe;
    } else if (value > upper + 1.5 * range) {
      ++counts.high_mild;
    }
  }
  return counts;
}

}  // namespace ponte::statistics
