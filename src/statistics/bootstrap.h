// Intervals for figures that have no formula.
#pragma once

#include <functional>
#include <span>

#include "base/random.h"
#include "statistics/interval.h"

namespace ponte::statistics {

// Percentile bootstrap (Efron and Tibshirani, "An Introduction to the Bootstrap", 1993,
// section 13.3): the central `confidence` share of the statistic over lists drawn with replacement.
// `summaries` holds one value per process or per block, never pooled samples: those depend on each
// other, and the interval would be too narrow.
Interval bootstrap_interval(std::span<const double> summaries,
                            const std::function<double(std::span<const double>)>& statistic,
                            double confidence, Random& random, int resamples = 2000);

}  // namespace ponte::statistics
