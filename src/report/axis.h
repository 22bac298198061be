// A logarithmic axis: equal distances are equal ratios.
#pragma once

#include <string>
#include <vector>

namespace ponte::report {

struct Tick {
  double value;
  std::string label;
  bool minor;  // may go where there is little room
};

class LogAxis {
 public:
  // 0 < low <= high; too narrow a span is widened to 4 %.
  LogAxis(double low, double high);

  double low() const { return low_; }
  double high() const { return high_; }

  // 0 at the low end, 1 at the high end; values beyond the ends lie beyond.
  double position(double value) const;
  double value(double position) const;

  // Round values inside the axis, at most about eight.
  std::vector<double> round_values() const;

 private:
  double low_;
  double high_;
};

// Ticks labelled as durations; the values are nanoseconds.
std::vector<Tick> time_ticks(const LogAxis& axis);

// Ticks labelled as plain factors, 1 always among them where it lies inside.
std::vector<Tick> factor_ticks(const LogAxis& axis);

}  // namespace ponte::report
