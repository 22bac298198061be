// Pictures as inline SVG. They fit any width: positions across are percentages, and curves are
// stretched.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/json_fwd.h"
#include "report/axis.h"
#include "report/comparison.h"
#include "report/markup.h"
#include "report/names.h"
#include "report/sample_set.h"

namespace ponte::report {

// The trials' distributions on one axis: a density, a dot per sample in one lane per process,
// median, interval, p90 and p99. Trials without samples show median and interval alone; those
// without a median are left out.
Markup distribution_chart(const Json& bench, std::span<const SampleSet> samples,
                          const TrialNames& names);

// Each trial on its own axis in order of execution.
Markup order_charts(std::span<const SampleSet> samples, const TrialNames& names);

// The interval of one comparison around 1 on an axis shared with the others.
LogAxis speed_axis(std::span<const SpeedComparison> comparisons);
Markup interval_plot(const SpeedComparison& comparison, const LogAxis& axis);
Markup speed_axis_labels(const LogAxis& axis);

// Bits that agree, with a mark where the perturbed runs predict them.
Markup bits_bar(std::optional<double> bits, std::optional<double> expected, double full_scale);

// A share between 0 and 1.
Markup share_bar(double share);

}  // namespace ponte::report
