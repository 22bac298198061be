// When a measurement ends: by precision or by time. Whether the difference is significant has no
// say.
#pragma once

#include <chrono>
#include <cstddef>
#include <string_view>

#include "statistics/ratio.h"

namespace ponte::statistics {

enum class Stop { GoOn, Precision, Time };
std::string_view to_string(Stop stop);

struct StoppingRule {
  double precision = 0.02;  // widest relative 95 % interval of the ratio that is good enough
  std::chrono::nanoseconds max_time = std::chrono::seconds(60);  // per comparison
};

// The first look at the intervals that lies after this many process pairs: 6, 10, 14, 20, 30, and
// from there on each time half as many again.
std::size_t next_look(std::size_t process_pairs);

// Width of the printed interval over the ratio.
double relative_width(const RatioEstimate& estimate);

// Precision: this is a look, and the 95 % interval is narrower than asked. Time: `elapsed` has
// reached max_time.
Stop should_stop(const RatioEstimate& estimate, const StoppingRule& rule,
                 std::chrono::nanoseconds elapsed);

}  // namespace ponte::statistics
