// Rank correlation.
#include "statistics/correlation.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/check.h"
#include "statistics/descriptive.h"

namespace ponte::statistics {

std::vector<double> ranks(std::span<const double> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return values[i]; });
  std::vector<double> result(values.size());
  for (std::size_t first = 0; first < order.size();) {
    std::size_t end = first + 1;
    while (end < order.size() && values[order[end]] == values[order[first]]) ++end;
    const double shared = static_cast<double>(first + 1 + end) / 2;
    for (; first < end; ++first) result[order[first]] = shared;
  }
  return result;
}

double rank_correlation(std::span<const double> x, std::span<const double> y) {
  PONTE_CHECK(x.size() == y.size() && x.size() >= 2);
  const std::vector<double> rank_x = ranks(x);
  const std::vector<double> rank_y = ranks(y);
  const double centre = mean(rank_x);
  double products = 0;
  double squares_x = 0;
  double squares_y = 0;
  for (std::size_t i = 0; i < rank_x.size(); ++i) {
    products += (rank_x[i] - centre) * (rank_y[i] - centre);
    squares_x += (rank_x[i] - centre) * (rank_x[i] - centre);
    squares_y += (rank_y[i] - centre) * (rank_y[i] - centre);
  }
  if (squares_x == 0 || squares_y == 0) return 0;
  return products / std::sqrt(squares_x * squares_y);
}

}  // namespace ponte::statistics
