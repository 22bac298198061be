// Is a worker warm?
#include "statistics/steady_state.h"

#include <algorithm>
#include <cmath>

#include "statistics/descriptive.h"

namespace ponte::statistics {
namespace {

constexpr std::size_t window_executions = 10;
constexpr double window_ns = 100e6;
constexpr std::size_t slow_window_executions = 3;
constexpr double slow_window_ns = 2e9;
constexpr double limit_ns = 10e9;
constexpr std::size_t limit_executions = 500;
constexpr std::size_t limit_windows = 5;
constexpr double relative_tolerance = 0.02;

using Window = std::span<const double>;

bool is_closed(std::size_t executions, double elapsed_ns) {
  return (executions >= window_executions && elapsed_ns >= window_ns) ||
         (executions >= slow_window_executions && elapsed_ns >= slow_window_ns);
}

std::vector<Window> closed_windows(std::span<const double> executions_ns) {
  std::vector<Window> windows;
  std::size_t begin = 0;
  double elapsed = 0;
  for (std::size_t i = 0; i < executions_ns.size(); ++i) {
    elapsed += executions_ns[i];
    if (!is_closed(i + 1 - begin, elapsed)) continue;
    windows.push_back(executions_ns.subspan(begin, i + 1 - begin));
    begin = i + 1;
    elapsed = 0;
  }
  return windows;
}

bool is_steady(std::span<const Window> last_three, std::span<const double> medians) {
  if (medians[0] > medians[1] && medians[0] > medians[2]) return false;
  std::vector<double> deviations;
  for (std::size_t i = 0; i < last_three.size(); ++i) {
    for (const double value : last_three[i]) deviations.push_back(std::abs(value - medians[i]));
  }
  const auto [smallest, largest] = std::ranges::minmax(medians);
  const double tolerance = std::max(relative_tolerance * median(medians), 2 * median(deviations));
  return largest - smallest <= tolerance;
}

}  // namespace

WarmUpState judge_warm_up(std::span<const double> executions_ns) {
  require_durations(executions_ns);
  const std::vector<Window> windows = closed_windows(executions_ns);
  WarmUpState state;
  for (const Window& window : windows) state.window_medians_ns.push_back(median(window));
  if (windows.size() >= 3 &&
      is_steady(std::span(windows).last(3), std::span(state.window_medians_ns).last(3))) {
    state.status = WarmUp::Steady;
    return state;
  }
  double elapsed = 0;
  for (const double duration : executions_ns) elapsed += duration;
  const bool many = executions_ns.size() >= limit_executions && windows.size() >= limit_windows;
  if (many || elapsed >= limit_ns) state.status = WarmUp::LimitReached;
  return state;
}

}  // namespace ponte::statistics
