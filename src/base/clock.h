// Time for measurements, behind a seam so that the lab can be tested without it passing.
#pragma once

#include <chrono>
#include <vector>

namespace ponte {

using Nanoseconds = std::chrono::nanoseconds;

// CLOCK_MONOTONIC_RAW: not slewed by time synchronisation. The epoch is arbitrary, and the same for
// all processes.
Nanoseconds monotonic_raw_now();

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Nanoseconds now() = 0;
  // Returns at once for a time that has passed.
  virtual void sleep_until(Nanoseconds time) = 0;
};

// monotonic_raw_now and real sleep.
class RealClock final : public Clock {
 public:
  Nanoseconds now() override { return monotonic_raw_now(); }
  void sleep_until(Nanoseconds time) override;
};

// Time that passes only when it is told to, or by sleeping, or by a fixed amount with each look at
// it.
class FakeClock final : public Clock {
 public:
  explicit FakeClock(Nanoseconds start = Nanoseconds(0), Nanoseconds per_look = Nanoseconds(0))
      : now_(start), per_look_(per_look) {}

  Nanoseconds now() override;
  void sleep_until(Nanoseconds time) override;
  void advance(Nanoseconds duration) { now_ += duration; }
  // The lengths of all sleeps so far.
  const std::vector<Nanoseconds>& sleeps() const { return sleeps_; }

 private:
  Nanoseconds now_;
  Nanoseconds per_look_;
  std::vector<Nanoseconds> sleeps_;
};

struct ClockResolution {
  Nanoseconds step;  // the smallest difference above zero that two looks can show
  std::chrono::duration<double, std::nano> cost;  // of one look
};

// Measured on the clock itself, in about 2 ms.
ClockResolution clock_resolution(Clock& clock);

}  // namespace ponte
