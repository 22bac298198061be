// The regularised incomplete beta function, from which the Student t and binomial distributions
// follow.
#pragma once

namespace ponte::statistics {

// Both tails, each to full relative precision: lower = I_x(a, b), upper = 1 - lower = I_y(b, a).
struct BetaTails {
  double lower = 0;
  double upper = 0;
};

// ln Gamma(x) for x > 0 by Stirling's series (DLMF 5.11.1) after shifting x above 10.
double log_gamma(double x);

// Regularised incomplete beta function at x with y = 1 - x given separately, so that neither loses
// digits; a, b > 0. By the continued fraction DLMF 8.17.22, evaluated by Lentz's method.
BetaTails incomplete_beta(double a, double b, double x, double y);

}  // namespace ponte::statistics
