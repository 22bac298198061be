// Normal, Student t and binomial probabilities and quantiles.
#include "statistics/distributions.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "base/check.h"
#include "statistics/incomplete_beta.h"

namespace ponte::statistics {
namespace {

constexpr double convergence = 2 * std::numeric_limits<double>::epsilon();
constexpr int max_steps = 2000;

double normal_upper_tail(double z) { return 0.5 * std::erfc(z / std::numbers::sqrt2); }

double normal_density(double z) { return std::exp(-0.5 * z * z) / std::sqrt(2 * std::numbers::pi); }

// The logarithm of the tail is concave, so Newton's steps descend monotonically from the right,
// where the bound tail <= exp(-z^2 / 2) / 2 lets them start.
double normal_upper_quantile(double tail) {
  double z = std::sqrt(-2 * std::log(2 * tail));
  for (int step = 0; step < max_steps; ++step) {
    const double here = normal_upper_tail(z);
    const double change = here / normal_density(z) * std::log(here / tail);
    z += change;
    if (std::abs(change) <= convergence * std::max(1.0, z)) break;
  }
  return z;
}

double student_t_upper_tail(double t, double df) {
  const double square = t * t;
  return 0.5 * incomplete_beta(df / 2, 0.5, df / (df + square), square / (df + square)).lower;
}

// The tail is convex and lies above the normal one, so Newton's steps from the normal quantile
// climb monotonically.
double student_t_upper_quantile(double tail, double df) {
  const double log_scale =
      log_gamma((df + 1) / 2) - log_gamma(df / 2) - 0.5 * std::log(df * std::numbers::pi);
  double t = normal_upper_quantile(tail);
  for (int step = 0; step < max_steps; ++step) {
    const double density = std::exp(log_scale - (df + 1) / 2 * std::log1p(t * t / df));
    const double change = (student_t_upper_tail(t, df) - tail) / density;
    t += change;
    if (change <= convergence * std::max(1.0, t)) break;
  }
  return t;
}

}  // namespace

double normal_cdf(double z) { return normal_upper_tail(-z); }

double normal_quantile(double probability) {
  PONTE_CHECK(probability > 0 && probability < 1);
  if (probability == 0.5) return 0;
  return probability < 0.5 ? -normal_upper_quantile(probability)
                           : normal_upper_quantile(1 - probability);
}

double student_t_cdf(double t, double degrees_of_freedom) {
  PONTE_CHECK(degrees_of_freedom >= 1);
  return t < 0 ? student_t_upper_tail(-t, degrees_of_freedom)
               : 1 - student_t_upper_tail(t, degrees_of_freedom);
}

double student_t_quantile(double probability, double degrees_of_freedom) {
  PONTE_CHECK(probability > 0 && probability < 1 && degrees_of_freedom >= 1);
  if (probability == 0.5) return 0;
  return probability < 0.5 ? -student_t_upper_quantile(probability, degrees_of_freedom)
                           : student_t_upper_quantile(1 - probability, degrees_of_freedom);
}

double binomial_cdf(std::int64_t successes, std::int64_t trials, double probability) {
  PONTE_CHECK(trials >= 0 && probability >= 0 && probability <= 1);
  if (successes < 0) return 0;
  if (successes >= trials) return 1;
  return incomplete_beta(static_cast<double>(trials - successes),
                         static_cast<double>(successes + 1), 1 - probability, probability)
      .lower;
}

double binomial_upper_tail(std::int64_t successes, std::int64_t trials, double probability) {
  PONTE_CHECK(trials >= 0 && probability >= 0 && probability <= 1);
  if (successes <= 0) return 1;
  if (successes > trials) return 0;
  return incomplete_beta(static_cast<double>(successes),
                         static_cast<double>(trials - successes + 1), probability, 1 - probability)
      .lower;
}

}  // namespace ponte::statistics
