// When a measurement ends: by precision or by time. Whether the difference is significant has no
// say.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>

#include "statistics/ratio.h"

namespace ponte::statistics {

enum class Stop { GoOn, Precision, Time };
std::string_view to_string(Stop stop);

struct StoppingRule {
  double precision = 0.02;  // widest relative 95 % interval that is good enough
  std::chrono::nanoseconds max_time = std::chrono::seconds(60);  // per comparison
};

// Where one comparison, or a trial that stands alone, has come to.
struct RunSoFar {
  std::size_t process_pairs = 0;           // or processes of the only trial
  std::optional<double> relative_width{};  // of its 95 % interval, where it has one
  std::chrono::nanoseconds elapsed{0};
  std::chrono::nanoseconds set_up{0};  // of `elapsed`: starting, loading and warming up
};

// Time ends no run with fewer process pairs, unless setting up takes more than a fifth of it: then
// least_process_pairs are enough.
inline constexpr std::size_t enough_process_pairs = 6;

// The first look at the intervals that lies after this many process pairs: 6, 10, 14, 20, 30, and
// from there on each time half as many again.
std::size_t next_look(std::size_t process_pairs);

// Width of the printed interval over the ratio.
double relative_width(const RatioEstimate& estimate);

// Precision: this is a look, and the 95 % interval is narrower than asked. Time: max_time is over.
Stop should_stop(const RunSoFar& run, const StoppingRule& rule);

}  // namespace ponte::statistics
