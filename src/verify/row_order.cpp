#include "verify/row_order.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace ponte::verify {
namespace {

constexpr std::size_t most_rows = 4096;

double distance(const double* a, const double* b, std::size_t size) {
  double sum = 0;
  for (std::size_t i = 0; i < size; ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sum;
}

}  // namespace

std::optional<ops::Datum> in_row_order_of(const ops::Datum& given, const ops::Datum& reference) {
  const ops::Array& array = given.array();
  if (array.rank() < 2 || array.count() == 0) return std::nullopt;
  const auto size = static_cast<std::size_t>(array.shape().back());
  const auto rows = static_cast<std::size_t>(array.count()) / size;
  if (rows > most_rows) return std::nullopt;
  const std::vector<double> from = array.to_f64(), to = reference.array().to_f64();
  const auto is_finite = [](double value) { return std::isfinite(value); };
  if (!std::ranges::all_of(from, is_finite) || !std::ranges::all_of(to, is_finite))
    return std::nullopt;
  std::vector<bool> taken(rows);
  std::vector<double> ordered;
  bool has_moved = false;
  for (std::size_t row = 0; row < rows; ++row) {
    std::size_t nearest = 0;
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t other = 0; other < rows; ++other) {
      if (taken[other]) continue;
      const double d = distance(&from[other * size], &to[row * size], size);
      if (d < least) least = d, nearest = other;
    }
    taken[nearest] = true;
    has_moved = has_moved || nearest != row;
    ordered.insert(ordered.end(), &from[nearest * size], &from[nearest * size] + size);
  }
  if (!has_moved) return std::nullopt;
  return ops::Datum{ops::Array(array.dtype(), array.shape(), std::move(ordered))};
}

}  // namespace ponte::verify
