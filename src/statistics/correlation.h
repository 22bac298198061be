// Rank correlation.
#pragma once

#include <span>
#include <vector>

namespace ponte::statistics {

// Rank of each value among all, from 1; equal values share the mean of their ranks.
std::vector<double> ranks(std::span<const double> values);

// Spearman's rank correlation, -1 to 1; 0 where either list is constant. Same length, at least two
// values.
double rank_correlation(std::span<const double> x, std::span<const double> y);

}  // namespace ponte::statistics
