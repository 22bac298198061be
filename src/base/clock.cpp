#include "base/clock.h"

#include <algorithm>
#include <cerrno>
#include <ctime>

namespace ponte {

Nanoseconds monotonic_raw_now() {
  struct timespec time {};
  ::clock_gettime(CLOCK_MONOTONIC_RAW, &time);
  return std::chrono::seconds(time.tv_sec) + Nanoseconds(time.tv_nsec);
}

void RealClock::sleep_until(Nanoseconds time) {
  // Nothing sleeps on CLOCK_MONOTONIC_RAW itself, so the rest is looked up again after each sleep.
  for (Nanoseconds left = time - now(); left > Nanoseconds(0); left = time - now()) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(left);
    struct timespec duration {};
    duration.tv_sec = static_cast<time_t>(seconds.count());
    duration.tv_nsec = static_cast<long>((left - seconds).count());
    ::clock_nanosleep(CLOCK_MONOTONIC, 0, &duration, nullptr);
  }
}

Nanoseconds FakeClock::now() {
  now_ += per_look_;
  return now_;
}

void FakeClock::sleep_until(Nanoseconds time) {
  if (time <= now_) return;
  sleeps_.push_back(time - now_);
  now_ = time;
}

ClockResolution clock_resolution(Clock& clock) {
  constexpr int batches = 20;
  constexpr int looks = 1000;
  ClockResolution resolution{Nanoseconds::max(), std::chrono::hours(1)};
  for (int batch = 0; batch < batches; ++batch) {
    const Nanoseconds start = clock.now();
    Nanoseconds last = start;
    for (int look = 0; look < looks; ++look) {
      const Nanoseconds now = clock.now();
      if (now > last) resolution.step = std::min(resolution.step, now - last);
      last = now;
    }
    resolution.cost =
        std::min(resolution.cost, std::chrono::duration<double, std::nano>(last - start) / looks);
  }
  // A clock that is coarser than a whole batch: its next step is the resolution.
  if (resolution.step == Nanoseconds::max()) {
    const Nanoseconds start = clock.now();
    for (int look = 0; look < 100'000'000; ++look) {
      if (const Nanoseconds now = clock.now(); now > start) {
        return {now - start, std::chrono::duration<double, std::nano>(now - start) / (look + 1)};
      }
    }
  }
  return resolution;
}

}  // namespace ponte
