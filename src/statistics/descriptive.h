// Summaries of a list of values: location, spread, outliers.
// All of them need at least one value, and throw Error(InvalidSample) where one is not finite.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace ponte::statistics {

// Throws Error(InvalidSample) unless all values are positive and finite, as durations are.
void require_durations(std::span<const double> values_ns);

// Ascending copy of the values.
std::vector<double> sorted(std::span<const double> values);

// Arithmetic mean, in the unit of the values.
double mean(std::span<const double> values);

// Unbiased sample variance, sum (x - mean)^2 / (n - 1), in the squared unit; at least two values.
double variance(std::span<const double> values);

// The middle value, or the mean of the two middle ones: the same as quantile(values, 0.5).
double median(std::span<const double> values);

// The share-quantile by linear interpolation between order statistics at (n - 1) share: type 7 of
// Hyndman and Fan, "Sample quantiles in statistical packages", The American Statistician 50 (1996).
// 0 <= share <= 1.
double quantile(std::span<const double> values, double share);
double quantile_of_sorted(std::span<const double> ascending, double share);

// Median of |x - median(x)|, unscaled, in the unit of the values.
double median_absolute_deviation(std::span<const double> values);

// 1.4826 times the median absolute deviation: it estimates the standard deviation of normal values
// (1 / normal_quantile(0.75); Rousseeuw and Croux, JASA 88, 1993).
double normal_consistent_mad(std::span<const double> values);

// Values beyond 1.5 (mild) and 3 (severe) interquartile ranges from the quartiles (Tukey,
// "Exploratory Data Analysis", 1977). A severe outlier is not counted as a mild one.
struct OutlierCounts {
  std::size_t low_severe = 0;
  std::size_t low_mild = 0;
  std::size_t high_mild = 0;
  std::size_t high_severe = 0;
};
OutlierCounts count_outliers(std::span<const double> values);

}  // namespace ponte::statistics
