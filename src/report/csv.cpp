// Trials, comparisons and problems as one table of comma-separated values (RFC 4180).
#include <fmt/format.h>

#include <array>
#include <string>
#include <string_view>

#include "base/text.h"
#include "report/fields.h"
#include "report/report.h"
#include "report/warnings.h"

namespace ponte::report {
namespace {

constexpr std::size_t longest_cell = 1000;

constexpr auto trial_columns = std::to_array<std::string_view>(
    {"id",         "model",          "runtime",        "version",   "device",    "settings",
     "scenario",   "batch",          "status",         "why",       "processes", "samples",
     "stopped_by", "cpu_ns",         "items_per_s",    "median_ns", "ci_low_ns", "ci_high_ns",
     "p90_ns",     "p99_ns",         "p99_bound_ns",   "load_ns",   "first_ns",  "peak_rss_bytes",
     "steady",     "process_low_ns", "process_high_ns"});

constexpr auto comparison_columns = std::to_array<std::string_view>(
    {"a", "b", "metric", "ratio", "ci_low", "ci_high", "claim_low", "claim_high", "confidence",
     "min_detectable", "process_pairs", "block_pairs", "adjusted_for", "reason", "verdict"});

constexpr auto problem_columns =
    std::to_array<std::string_view>({"severity", "code", "message", "count", "help"});

// Spreadsheets read text that starts with one of these as a formula.
bool looks_like_formula(std::string_view text) {
  const auto start = text.find_first_not_of(" \t");
  if (start == std::string_view::npos) return false;
  return std::string_view("=+-@|").find(text[start]) != std::string_view::npos ||
         text.starts_with("＝") || text.starts_with("＋") || text.starts_with("－") ||
         text.starts_with("＠");
}

std::string text_cell(std::string_view text) {
  std::string shown = escape_control(text, longest_cell);
  if (looks_like_formula(shown)) shown.insert(0, 1, '\'');
  if (shown.find_first_of("\",;") == std::string::npos) return shown;
  std::string out = "\"";
  for (const char c : shown) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + '"';
}

std::string cell(const Json& value) {
  if (value.is_number() || value.is_boolean()) return json_line(value);
  return text_cell(text_of(value));
}

std::string joined_warnings(const Json& trial) {
  return fmt::format("{}", fmt::join(trial_warnings(trial), "; "));
}

template <std::size_t Size>
std::string cells(const Json& row, const std::array<std::string_view, Size>& columns) {
  std::string out;
  for (const std::string_view column : columns) out += ',' + cell(field(row, column));
  return out;
}

}  // namespace

std::string csv(const Json& document) {
  const Json analysis = as_analysis(document);
  const Json& bench = field(analysis, "bench");
  std::string out = "record";
  for (const std::string_view column : trial_columns) out += ',' + std::string(column);
  for (const std::string_view column : comparison_columns) out += ',' + std::string(column);
  out += ",warnings";
  for (const std::string_view column : problem_columns) out += ',' + std::string(column);
  out += "\r\n";
  // The cells of the columns that a record does not have.
  const std::string no_trial(trial_columns.size(), ',');
  const std::string no_comparison(comparison_columns.size(), ',');
  const std::string no_problem(problem_columns.size(), ',');
  for (const Json& trial : items(field(bench, "trials"))) {
    out += "trial" + cells(trial, trial_columns) + no_comparison + ',' +
           text_cell(joined_warnings(trial)) + no_problem + "\r\n";
  }
  for (const Json& comparison : items(field(bench, "comparisons"))) {
    out +=
        "comparison" + no_trial + cells(comparison, comparison_columns) + ',' + no_problem + "\r\n";
  }
  for (const Json& problem : problems_of(analysis)) {
    out += "problem" + no_trial + no_comparison + ',' + cells(problem, problem_columns) + "\r\n";
  }
  return out;
}

}  // namespace ponte::report
