// The samples of one trial as its pictures need them: quartiles, outliers, a density, and a thinned
// set of dots.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "report/axis.h"

namespace ponte::report {

struct TrialSamples;

struct Sample {
  double latency_ns;
  std::size_t order;  // of execution
  std::size_t lane;   // which process, counted from 0 in order of appearance
};

// Positive, and less than thirty years.
bool is_plausible_latency(double latency_ns);

class SampleSet {
 public:
  // Leaves out latencies that are not plausible.
  explicit SampleSet(const TrialSamples& samples);

  const std::string& trial_id() const { return trial_id_; }
  bool empty() const { return sorted_.empty(); }
  std::size_t size() const { return sorted_.size(); }
  std::size_t lanes() const { return lane_medians_.size(); }
  std::span<const double> lane_medians() const { return lane_medians_; }

  // Of a set that is not empty, 0 <= probability <= 1; linear between order statistics (Hyndman and
  // Fan 1996, type 7).
  double quantile(double probability) const;

  // The ends of what isn't a far outlier.
  double bulk_low() const;
  double bulk_high() const;

  // Beyond Tukey's fences of 1.5 and of 3 interquartile ranges.
  bool is_outlier(double latency_ns) const;
  bool is_far_outlier(double latency_ns) const;
  std::size_t outliers() const;
  std::size_t far_outliers() const;

  // All samples where there are at most `limit`; otherwise evenly spaced order statistics, both
  // ends among them, so that the quantiles stay the same. In order of execution.
  std::vector<Sample> dots(std::size_t limit) const;

  // A Gaussian kernel density over the logarithm at `points` even positions of the axis, the
  // highest being 1.
  std::vector<double> density(const LogAxis& axis, std::size_t points) const;

 private:
  std::string trial_id_;
  std::vector<Sample> sorted_;
  std::vector<double> lane_medians_;
};

}  // namespace ponte::report
