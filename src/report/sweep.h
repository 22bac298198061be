// Settings against each other: trials of one runtime that differ in one or two settings, as a grid.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json_fwd.h"

namespace ponte::report {

struct SweepCell {
  std::string trial_id;
  std::optional<double> median_ns;  // none where the trial failed
  std::string time;                 // its typical time
  double relative = 1;              // to the fastest of the grid
};

struct Sweep {
  std::string title;
  std::string row_setting;
  std::string column_setting;  // empty where only one setting varies; then there is one column
  std::vector<std::string> rows;
  std::vector<std::string> columns;
  std::vector<std::vector<std::optional<SweepCell>>> cells;  // [row][column]
  std::optional<SweepCell>
      defaults;  // the trial without either setting, where it would be alone in its row and column
};

// One grid per runtime, model, device, batch and values of further settings, where at least two
// values were tried.
std::vector<Sweep> sweeps(const Json& bench);

}  // namespace ponte::report
