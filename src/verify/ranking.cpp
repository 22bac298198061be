#include "verify/ranking.h"

#include <algorithm>
#include <numeric>
#include <span>

namespace ponte::verify {
namespace {

using ops::Array;

constexpr std::size_t first_few = 5;

// Positions of the largest scores, the first of equals first.
std::vector<std::size_t> largest(std::span<const double> scores, std::size_t count) {
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  count = std::min(count, order.size());
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count), order.end(),
                    [&](std::size_t a, std::size_t b) {
                      return scores[a] != scores[b] ? scores[a] > scores[b] : a < b;
                    });
  order.resize(count);
  return order;
}

std::int64_t class_count(const Array& array) {
  ops::Dims dims = array.shape();
  while (dims.size() > 2 && dims.back() == 1) dims.pop_back();
  return array.holds<double>() && (dims.size() == 1 || dims.size() == 2) ? dims.back() : 0;
}

void add_row(std::span<const double> expected, std::span<const double> given, RankFlips& flips) {
  ++flips.rows;
  const auto own = largest(expected, first_few), other = largest(given, first_few);
  if (own.front() != other.front()) {
    ++flips.top1;
    flips.largest_margin =
        std::max(flips.largest_margin, expected[own.front()] - expected[other.front()]);
  }
  if (expected.size() <= first_few) return;
  flips.top5 += std::ranges::is_permutation(own, other) ? 0 : 1;
}

}  // namespace

std::optional<RankFlips> rank_flips(const std::vector<const ops::Datum*>& reference,
                                    const std::vector<const ops::Datum*>& given) {
  RankFlips flips;
  for (std::size_t set = 0; set < reference.size(); ++set) {
    const auto* expected = std::get_if<Array>(&reference[set]->held);
    const auto* array = std::get_if<Array>(&given[set]->held);
    if (!expected || !array || expected->shape() != array->shape()) return std::nullopt;
    const auto classes = static_cast<std::size_t>(class_count(*expected));
    if (classes < 2 || !array->holds<double>()) return std::nullopt;
    const auto a = expected->as<double>(), b = array->as<double>();
    for (std::size_t at = 0; at < a.size(); at += classes)
      add_row(a.subspan(at, classes), b.subspan(at, classes), flips);
  }
  return flips.rows > 0 ? std::optional(flips) : std::nullopt;
}

}  // namespace ponte::verify
