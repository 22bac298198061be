// The regularised incomplete beta function.
#include "statistics/incomplete_beta.h"

#include <array>
#include <cmath>
#include <limits>
#include <numbers>

#include "base/check.h"

namespace ponte::statistics {
namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();
constexpr double tiny = std::numeric_limits<double>::min() / epsilon;
constexpr int max_steps = 1'000'000;

double away_from_zero(double value) { return std::abs(value) < tiny ? tiny : value; }

// DLMF 8.17.22: the fraction by which x^a y^b / (a B(a, b)) is divided.
double continued_fraction(double a, double b, double x) {
  double numerator = 1;
  double denominator = 0;
  double value = 1;
  for (int step = 1; step <= max_steps; ++step) {
    const double m =
        step / 2;  // NOLINT(bugprone-integer-division): the pair that this step belongs to
    const double coefficient = step % 2 == 0
                                   ? m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
                                   : -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    denominator = 1 / away_from_zero(1 + coefficient * denominator);
    numerator = away_from_zero(1 + coefficient / numerator);
    const double factor = numerator * denominator;
    value *= factor;
    if (std::abs(factor - 1) <= epsilon) break;
  }
  return value;
}

}  // namespace

double log_gamma(double x) {
  PONTE_CHECK(x > 0);
  double shift = 1;
  while (x < 10) shift *= x++;
  constexpr std::array coefficients = {1.0 / 12,   -1.0 / 360,      1.0 / 1260, -1.0 / 1680,
                                       1.0 / 1188, -691.0 / 360360, 1.0 / 156};
  double series = 0;
  double power = 1 / x;
  for (const double coefficient : coefficients) {
    series += coefficient * power;
    power /= x * x;
  }
  return (x - 0.5) * std::log(x) - x + 0.5 * std::log(2 * std::numbers::pi) + series -
         std::log(shift);
}

BetaTails incomplete_beta(double a, double b, double x, double y) {
  PONTE_CHECK(a > 0 && b > 0 && x >= 0 && y >= 0);
  if (x == 0) return {0, 1};
  if (y == 0) return {1, 0};
  const double log_beta = log_gamma(a) + log_gamma(b) - log_gamma(a + b);
  const double front = std::exp(a * std::log(x) + b * std::log(y) - log_beta);
  if (x < (a + 1) / (a + b + 2)) {
    const double lower = front / (a * continued_fraction(a, b, x));
    return {lower, 1 - lower};
  }
  const double upper = front / (b * continued_fraction(b, a, y));
  return {1 - upper, upper};
}

}  // namespace ponte::statistics
