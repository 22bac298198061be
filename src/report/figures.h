// Numbers, intervals and shapes as text.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json_fwd.h"

namespace ponte::report {

// What stands where a value is missing.
inline constexpr std::string_view missing = "–";

std::string time_text(std::optional<double> nanoseconds);
std::string size_text(std::optional<double> bytes);
std::string count_text(std::optional<double> count);     // 1,234,567
std::string rounded_count(std::optional<double> count);  // 1.23 M
// The same with a noun: "1,234 nodes", "1 node", "1.23 M parameters".
std::string count_text(std::optional<double> count, std::string_view singular,
                       std::string_view plural);
std::string rounded_count(std::optional<double> count, std::string_view singular,
                          std::string_view plural);
std::string bits_text(std::optional<double> bits);     // 18.4
std::string small_text(std::optional<double> value);   // 2.1e-07
std::string times_text(std::optional<double> factor);  // 0.31×, 37,526×
std::string rate_text(std::optional<double> per_second);
std::string percent_text(std::optional<double> fraction);

// "1.02 to 1.09 ms"; the missing mark unless both ends are known.
std::string time_interval(std::optional<double> low, std::optional<double> high);

// "1×3×224×224"; an unknown dimension is "?".
std::string shape_text(const Json& shape);

// "session.intra_op_threads" becomes "intra op threads".
std::string words(std::string_view key);

// The file's name without its folders.
std::string file_name(std::string_view path);

}  // namespace ponte::report
