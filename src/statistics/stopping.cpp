// When a measurement ends.
#include "statistics/stopping.h"

#include <array>

namespace ponte::statistics {

namespace {
constexpr int costly_set_up = 5;  // the part of the time, as a divisor
}

std::string_view to_string(Stop stop) {
  switch (stop) {
    case Stop::GoOn:
      return "go on";
    case Stop::Precision:
      return "precision";
    case Stop::Time:
      break;
  }
  return "time";
}

std::size_t next_look(std::size_t process_pairs) {
  constexpr std::array<std::size_t, 5> looks = {6, 10, 14, 20, 30};
  for (const std::size_t look : looks) {
    if (look > process_pairs) return look;
  }
  std::size_t look = looks.back();
  while (look <= process_pairs) look += look / 2;
  return look;
}

double relative_width(const RatioEstimate& estimate) {
  return (estimate.interval_95.high - estimate.interval_95.low) / estimate.ratio;
}

Stop should_stop(const RunSoFar& run, const StoppingRule& rule) {
  const std::size_t pairs = run.process_pairs;
  if (pairs < least_process_pairs) return Stop::GoOn;
  const bool is_look = next_look(pairs - 1) == pairs;
  if (is_look && run.relative_width && *run.relative_width <= rule.precision)
    return Stop::Precision;
  const bool is_costly = run.set_up > rule.max_time / costly_set_up;
  const bool is_over = run.elapsed >= rule.max_time;
  return is_over && (pairs >= enough_process_pairs || is_costly) ? Stop::Time : Stop::GoOn;
}

}  // namespace ponte::statistics
