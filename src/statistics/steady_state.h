// Is a worker warm?
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace ponte::statistics {

enum class WarmUp {
  GoOn,
  Steady,
  LimitReached,  // measured all the same, and marked
};

struct WarmUpState {
  WarmUp status = WarmUp::GoOn;
  std::vector<double> window_medians_ns;  // of the windows that are complete
};

// Judges the executions of a warm-up so far, in the order of time. A window is closed once it holds
// 10 executions and 100 ms, or 3 executions and 2 s, so that also a model of a second has three
// windows before the limit. Steady: the largest and the smallest of the last three window medians
// differ by at most 2 % of their median, or by two median absolute deviations of the executions
// from the median of their own window, whichever is more; and the first of the three is not the
// largest. The limit is 10 s, or 500 executions once five windows are closed.
WarmUpState judge_warm_up(std::span<const double> executions_ns);

}  // namespace ponte::statistics
