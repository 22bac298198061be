// Expected values: mpmath 1.4 at 40 digits (betainc, erfc, loggamma, sums of binomial terms),
// cross-checked with scipy 1.17.
#include "statistics/distributions.h"

#include <gtest/gtest.h>

#include <cmath>

#include "statistics/incomplete_beta.h"

namespace ponte::statistics {
namespace {

void expect_close(double actual, double expected, double relative = 1e-12) {
  EXPECT_NEAR(actual, expected, relative * std::abs(expected));
}

TEST(Distributions, LogGammaMatchesHighPrecisionValues) {
  expect_close(log_gamma(0.5), 0.57236494292470009);
  EXPECT_NEAR(log_gamma(1), 0, 1e-14);
  expect_close(log_gamma(3.7), 1.4280723266653879);
  expect_close(log_gamma(10), 12.80182748008147);
  expect_close(log_gamma(1234.5), 7550.5509010778949);
}

TEST(Distributions, IncompleteBetaMatchesHighPrecisionValues) {
  struct Case {
    double a, b, x, lower;
  };
  for (const Case& c :
       {Case{2, 3, 0.4, 0.5248}, Case{0.5, 0.5, 0.1, 0.20483276469913345},
        Case{5, 0.5, 0.9, 0.31664291502001226}, Case{1, 1, 0.7, 0.7},
        Case{300, 200, 0.61, 0.67416269352637754}, Case{12.5, 0.5, 0.2, 3.2064109208925188e-10}}) {
    const BetaTails tails = incomplete_beta(c.a, c.b, c.x, 1 - c.x);
    expect_close(tails.lower, c.lower, 1e-11);
    EXPECT_NEAR(tails.lower + tails.upper, 1, 1e-14);
    EXPECT_NEAR(incomplete_beta(c.b, c.a, 1 - c.x, c.x).upper, tails.lower, 1e-14);
  }
}

TEST(Distributions, NormalProbabilitiesAndQuantilesMatchHighPrecisionValues) {
  expect_close(normal_cdf(1.96), 0.97500210485177957);
  expect_close(normal_cdf(-3), 0.0013498980316300945);
  expect_close(normal_cdf(-10), 7.6198530241605261e-24);
  expect_close(normal_quantile(0.75), 0.67448975019608174);
  expect_close(normal_quantile(0.9), 1.2815515655446005);
  expect_close(normal_quantile(0.975), 1.9599639845400542);
  expect_close(normal_quantile(0.995), 2.5758293035489008);
  expect_close(normal_quantile(0.9999), 3.7190164854556806);
  expect_close(normal_quantile(0.3), -0.52440051270804078);
  expect_close(normal_quantile(1e-10), -6.3613409024040562);
  expect_close(normal_quantile(1e-300), -37.047096299361199);
  EXPECT_EQ(normal_quantile(0.5), 0);
}

TEST(Distributions, StudentTQuantilesMatchHighPrecisionValues) {
  expect_close(student_t_quantile(0.975, 1), 12.706204736174705);
  expect_close(student_t_quantile(0.975, 2), 4.3026527297494639);
  expect_close(student_t_quantile(0.975, 5), 2.5705818356363155);
  expect_close(student_t_quantile(0.975, 9), 2.2621571627982055);
  expect_close(student_t_quantile(0.975, 29), 2.0452296421327043);
  expect_close(student_t_quantile(0.975, 1000), 1.9623390808264085);
  expect_close(student_t_quantile(0.995, 5), 4.0321429835552281);
  expect_close(student_t_quantile(0.995, 9), 3.2498355415921263);
  expect_close(student_t_quantile(0.997, 5), 4.5703474433788656);
  expect_close(student_t_quantile(0.90, 5), 1.4758840488244811);
  expect_close(student_t_quantile(0.9995, 9), 4.7809125859311391);
  expect_close(student_t_quantile(0.99995, 2), 99.992499843744531, 1e-11);
  expect_close(student_t_quantile(0.999999, 1), 318309.88618274347, 1e-9);
  EXPECT_EQ(student_t_quantile(0.5, 3), 0);
}

TEST(Distributions, StudentTProbabilitiesMatchHighPrecisionValues) {
  expect_close(student_t_cdf(0.5, 1), 0.64758361765043327);
  expect_close(student_t_cdf(2, 3), 0.93033701572057841);
  expect_close(student_t_cdf(-1.5, 7), 0.088649243494985017);
  expect_close(student_t_cdf(1e-3, 10), 0.50038910831262951);
  expect_close(student_t_cdf(-40, 4), 1.1670081613006343e-6);
  expect_close(student_t_cdf(6, 100), 0.99999998413754249);
}

TEST(Distributions, QuantilesInvertProbabilities) {
  for (const double p : {1e-6, 0.01, 0.2, 0.4999, 0.6, 0.9, 0.995, 0.99999}) {
    expect_close(normal_cdf(normal_quantile(p)), p);
    for (const double df : {1.0, 2.0, 3.0, 5.0, 9.5, 29.0, 1e4}) {
      expect_close(student_t_cdf(student_t_quantile(p, df), df), p, 1e-11);
    }
  }
}

TEST(Distributions, BinomialTailsMatchExactSums) {
  expect_close(binomial_cdf(0, 44, 0.1), 0.009697737297875236);
  expect_close(binomial_cdf(1, 64, 0.1), 0.0095631497130546286);
  expect_close(binomial_cdf(3, 10, 0.25), 0.77587509155273438);
  expect_close(binomial_cdf(950, 1000, 0.9), 0.9999999972132897);
  expect_close(binomial_cdf(6, 6636, 0.001), 0.50517726882198294, 1e-10);
  expect_close(binomial_upper_tail(30, 1000, 0.01), 2.0599888509719577e-7, 1e-11);
}

TEST(Distributions, BinomialTailsAddUpAndEndAtTheBorders) {
  for (int k = 0; k < 20; ++k) {
    EXPECT_NEAR(binomial_cdf(k, 20, 0.3) + binomial_upper_tail(k + 1, 20, 0.3), 1, 1e-14);
  }
  EXPECT_EQ(binomial_cdf(-1, 20, 0.3), 0);
  EXPECT_EQ(binomial_cdf(20, 20, 0.3), 1);
  EXPECT_EQ(binomial_upper_tail(0, 20, 0.3), 1);
  EXPECT_EQ(binomial_upper_tail(21, 20, 0.3), 0);
  EXPECT_EQ(binomial_cdf(5, 20, 0), 1);
  EXPECT_EQ(binomial_cdf(5, 20, 1), 0);
}

}  // namespace
}  // namespace ponte::statistics
