#include "report/typical_time.h"

#include "report/fields.h"
#include "report/figures.h"

namespace ponte::report {
namespace {

std::optional<TimeRange> range_of(const Json& trial, std::string_view low_key,
                                  std::string_view high_key) {
  const auto low = number_field(trial, low_key);
  const auto high = number_field(trial, high_key);
  if (!low || !high || *low <= 0 || *high < *low) return std::nullopt;
  return TimeRange{*low, *high};
}

// None for a steady trial, and for the documents of versions that did not write it.
std::optional<TimeRange> range_over_processes(const Json& trial) {
  if (field(trial, "steady") != false) return std::nullopt;
  return range_of(trial, "process_low_ns", "process_high_ns");
}

// At another time than the median; none where the trial has no rate.
std::string rate_at(const Json& trial, double time_ns) {
  const auto rate = number_field(trial, "items_per_s"), median = number_field(trial, "median_ns");
  return rate_text(rate && median ? std::optional(*rate * *median / time_ns) : std::nullopt);
}

}  // namespace

TypicalTime typical_time(const Json& trial) {
  if (const auto range = range_over_processes(trial)) {
    const std::string fastest = rate_at(trial, range->low_ns);
    if (range->low_ns == range->high_ns)
      return {time_text(range->low_ns), "of one process", fastest};
    const std::string slowest = rate_at(trial, range->high_ns);
    return {time_interval(range->low_ns, range->high_ns), "range over processes",
            slowest == fastest ? fastest : slowest + " to " + fastest};
  }
  return {time_text(number_field(trial, "median_ns")),
          time_interval(number_field(trial, "ci_low_ns"), number_field(trial, "ci_high_ns")),
          rate_text(number_field(trial, "items_per_s"))};
}

std::optional<TimeRange> range_around_median(const Json& trial) {
  const auto range = range_over_processes(trial);
  return range ? range : range_of(trial, "ci_low_ns", "ci_high_ns");
}

}  // namespace ponte::report
