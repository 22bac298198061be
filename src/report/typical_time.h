// How long a trial typically takes, as people read it.
#pragma once

#include <optional>
#include <string>

#include "base/json_fwd.h"

namespace ponte::report {

struct TypicalTime {
  std::string time;  // the median, or a range
  std::string
      note;  // the median's interval, or what the range is one of; the missing mark for none
  std::string rate;  // items per second in that time, or a range of them
};

// The median with its interval. For a trial that did not become steady it is the range of its
// processes' medians: one figure would say more than was seen.
TypicalTime typical_time(const Json& trial);

// What lies around the median: its interval, or that range; none where neither is known.
struct TimeRange {
  double low_ns;
  double high_ns;
};
std::optional<TimeRange> range_around_median(const Json& trial);

}  // namespace ponte::report
