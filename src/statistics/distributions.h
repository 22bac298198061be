// Normal, Student t and binomial probabilities and quantiles.
#pragma once

#include <cstdint>

namespace ponte::statistics {

// P(Z <= z) for a standard normal Z (DLMF 7.17: erfc(-z / sqrt 2) / 2).
double normal_cdf(double z);

// The z with normal_cdf(z) = probability, 0 < probability < 1, by Newton steps on the logarithm of
// the tail.
double normal_quantile(double probability);

// P(T <= t) for Student's T: I_x(df / 2, 1 / 2) / 2 beyond |t|, x = df / (df + t^2) (DLMF 8.17). df
// >= 1.
double student_t_cdf(double t, double degrees_of_freedom);

// The t with student_t_cdf(t, df) = probability, 0 < probability < 1, df >= 1.
double student_t_quantile(double probability, double degrees_of_freedom);

// P(X <= successes) for X binomial with this many trials and this probability (DLMF 8.17.5).
double binomial_cdf(std::int64_t successes, std::int64_t trials, double probability);

// P(X >= successes), to full relative precision where it is small.
double binomial_upper_tail(std::int64_t successes, std::int64_t trials, double probability);

}  // namespace ponte::statistics
