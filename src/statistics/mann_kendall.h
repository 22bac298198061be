// Does a series drift? A test that survives autocorrelation, used for warnings only.
#pragma once

#include <span>

namespace ponte::statistics {

struct Trend {
  double s = 0;           // pairs that rise minus pairs that fall
  double slope = 0;       // median over all pairs (Theil and Sen), unit of the values per step
  double correction = 1;  // n / n*: the factor by which autocorrelation widens the variance of s
  double z = 0;           // s, corrected for continuity, over its standard deviation
  double p_value = 1;     // two-sided
};

// Mann-Kendall test of a series of at least 4 values with the variance correction of Hamed and Rao,
// "A modified Mann-Kendall trend test for autocorrelated data", Journal of Hydrology 204 (1998):
// the autocorrelations of the ranks of the detrended series that are significant at 5 % count. The
// correction only widens: sample autocorrelations at long lags are negative by construction, and
// would turn noise into warnings. Takes time and memory of n^2: give it the medians of windows or
// blocks.
Trend mann_kendall(std::span<const double> series);

}  // namespace ponte::statistics
