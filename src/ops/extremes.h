// The larger and the smaller of two numbers; NaN wins over all numbers, as in NumPy.
#pragma once

namespace ponte::ops {

template <typename T>
T larger(T a, T b) {
  return a != a || a > b ? a : b;
}

template <typename T>
T smaller(T a, T b) {
  return a != a || a < b ? a : b;
}

}  // namespace ponte::ops
