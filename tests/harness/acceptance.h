// How many experiments a simulation makes of each kind of noise, and what it accepts.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>

#include "statistics/distributions.h"

namespace ponte::harness {

inline constexpr int full_experiments = 2000;

// $PONTE_EXPERIMENTS (`make simulation` sets it to full_experiments), or as many as fit into a test
// that runs with all others.
inline int experiments_of_each_kind(int few) {
  const char* given = std::getenv("PONTE_EXPERIMENTS");
  return given ? std::atoi(given) : few;
}

// Whether `count` of `all` experiments agree with a share within [low, high]. From full_experiments
// on the share itself must lie there. Of fewer, it fails where so few or so many have a probability
// under 1 in 10,000 although the true share is the nearer bound: a procedure that keeps the bounds
// is hardly ever refused, however many kinds of noise there are, and one that is far from them is.
inline testing::AssertionResult share_within(int count, int all, double low, double high) {
  constexpr double improbable = 1e-4;
  const double share = static_cast<double>(count) / all;
  bool is_accepted = low <= share && share <= high;
  if (all < full_experiments && !is_accepted) {
    const double probability = share < low ? statistics::binomial_cdf(count, all, low)
                                           : 1 - statistics::binomial_cdf(count - 1, all, high);
    is_accepted = probability >= improbable;
  }
  if (is_accepted) return testing::AssertionSuccess();
  return testing::AssertionFailure() << count << " of " << all << " is a share of " << share
                                     << ", which should lie within " << low << " and " << high;
}

}  // namespace ponte::harness
