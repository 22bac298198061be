#include "report/sample_set.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "base/check.h"
#include "report/report.h"

namespace ponte::report {
namespace {

constexpr double near_fence = 1.5;
constexpr double far_fence = 3;

double interpolated(std::span<const double> sorted, double probability) {
  const double position = probability * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (position - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

// Silverman's rule with the smaller of the two spreads (Density Estimation, 1986, 3.31), in units
// of `values`.
double bandwidth(std::span<const double> sorted) {
  const auto count = static_cast<double>(sorted.size());
  double mean = 0;
  for (const double value : sorted) mean += value / count;
  double variance = 0;
  for (const double value : sorted) variance += (value - mean) * (value - mean) / count;
  const double range = (interpolated(sorted, 0.75) - interpolated(sorted, 0.25)) / 1.34;
  const double spread = range > 0 ? std::min(std::sqrt(variance), range) : std::sqrt(variance);
  return 0.9 * spread * std::pow(count, -0.2);
}

}  // namespace

bool is_plausible_latency(double latency_ns) { return latency_ns >= 1e-3 && latency_ns <= 1e18; }

SampleSet::SampleSet(const TrialSamples& samples) : trial_id_(samples.trial_id) {
  std::map<int, std::size_t> lanes;
  std::vector<std::vector<double>> by_lane;
  for (std::size_t i = 0; i < samples.latencies_ns.size(); ++i) {
    const double latency = samples.latencies_ns[i];
    if (!is_plausible_latency(latency)) continue;
    const int process = i < samples.process.size() ? samples.process[i] : 0;
    const std::size_t lane = lanes.try_emplace(process, lanes.size()).first->second;
    if (lane == by_lane.size()) by_lane.emplace_back();
    by_lane[lane].push_back(latency);
    sorted_.push_back({latency, i, lane});
  }
  std::ranges::stable_sort(sorted_, {}, &Sample::latency_ns);
  for (std::vector<double>& lane : by_lane) {
    std::ranges::sort(lane);
    lane_medians_.push_back(interpolated(lane, 0.5));
  }
}

double SampleSet::quantile(double probability) const {
  PONTE_CHECK(!sorted_.empty());
  const double position = probability * static_cast<double>(sorted_.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  const std::size_t above = std::min(below + 1, sorted_.size() - 1);
  const double low = sorted_[below].latency_ns;
  return low + (position - static_cast<double>(below)) * (sorted_[above].latency_ns - low);
}

double SampleSet::bulk_low() const {
  return std::max(quantile(0), quantile(0.25) - far_fence * (quantile(0.75) - quantile(0.25)));
}

double SampleSet::bulk_high() const {
  return std::min(quantile(1), quantile(0.75) + far_fence * (quantile(0.75) - quantile(0.25)));
}

bool SampleSet::is_outlier(double latency_ns) const {
  const double reach = near_fence * (quantile(0.75) - quantile(0.25));
  return latency_ns < quantile(0.25) - reach || latency_ns > quantile(0.75) + reach;
}

bool SampleSet::is_far_outlier(double latency_ns) const {
  return latency_ns < bulk_low() || latency_ns > bulk_high();
}

std::size_t SampleSet::outliers() const {
  return static_cast<std::size_t>(std::ranges::count_if(
      sorted_, [&](const Sample& sample) { return is_outlier(sample.latency_ns); }));
}

std::size_t SampleSet::far_outliers() const {
  return static_cast<std::size_t>(std::ranges::count_if(
      sorted_, [&](const Sample& sample) { return is_far_outlier(sample.latency_ns); }));
}

std::vector<Sample> SampleSet::dots(std::size_t limit) const {
  std::vector<Sample> out;
  if (sorted_.size() <= limit || limit < 2) {
    out = sorted_;
  } else {
    const double step = static_cast<double>(sorted_.size() - 1) / static_cast<double>(limit - 1);
    for (std::size_t i = 0; i < limit; ++i) {
      out.push_back(sorted_[static_cast<std::size_t>(std::lround(step * static_cast<double>(i)))]);
    }
  }
  std::ranges::sort(out, {}, &Sample::order);
  return out;
}

std::vector<double> SampleSet::density(const LogAxis& axis, std::size_t points) const {
  std::vector<double> positions;
  positions.reserve(sorted_.size());
  for (const Sample& sample : sorted_) positions.push_back(axis.position(sample.latency_ns));
  std::vector<double> out(points, 0);
  if (positions.empty() || points < 2) return out;
  const double spacing = 1 / static_cast<double>(points - 1);
  const double width = std::max(bandwidth(positions), spacing * 0.8);
  // Binned first: the cost does not grow with samples times points.
  std::vector<double> bins(points, 0);
  for (const double position : positions) {
    const double bin = std::round(position / spacing);
    if (bin >= 0 && bin < static_cast<double>(points)) bins[static_cast<std::size_t>(bin)] += 1;
  }
  for (std::size_t i = 0; i < points; ++i) {
    for (std::size_t j = 0; j < points; ++j) {
      const double distance = (static_cast<double>(i) - static_cast<double>(j)) * spacing / width;
      if (bins[j] > 0 && std::abs(distance) < 5)
        out[i] += bins[j] * std::exp(-distance * distance / 2);
    }
  }
  const double highest = *std::ranges::max_element(out);
  if (highest > 0) {
    for (double& value : out) value /= highest;
  }
  return out;
}

}  // namespace ponte::report
