// When a measurement ends.
#include "statistics/stopping.h"

#include <array>

namespace ponte::statistics {

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

Stop should_stop(const RatioEstimate& estimate, const StoppingRule& rule,
                 std::chrono::nanoseconds elapsed) {
  const bool is_look =
      estimate.process_pairs > 0 && next_look(estimate.process_pairs - 1) == estimate.process_pairs;
  if (is_look && relative_width(estimate) <= rule.precision) return Stop::Precision;
  return elapsed >= rule.max_time ? Stop::Time : Stop::GoOn;
}

}  // namespace ponte::statistics
