// An interval of values, both ends included.
#pragma once

namespace ponte::statistics {

struct Interval {
  double low = 0;
  double high = 0;

  bool contains(double value) const { return low <= value && value <= high; }
};

}  // namespace ponte::statistics
