// The values of flags and the positional arguments of one invocation.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command.h"

namespace ponte::cli {

enum class HelpLevel : std::uint8_t { None, Short, Long };

class Arguments {
 public:
  const Command* command = nullptr;
  HelpLevel help = HelpLevel::None;
  std::vector<std::string> positionals;

  // `flag` is spelled as in the table ("--dim"); asking for one that the command has not is a
  // defect.
  bool has(std::string_view flag) const;
  std::optional<std::string> text(std::string_view flag) const;
  std::string text_or(std::string_view flag, std::string_view fallback) const;
  std::optional<std::uint64_t> count(std::string_view flag) const;
  const std::vector<std::string>& all(std::string_view flag) const;
  // The same, each of them split at its commas, but not at those behind a backslash. Throws
  // UsageError for an empty part.
  std::vector<std::string> listed(std::string_view flag) const;

  bool is_set(const Flag& flag) const { return values_.contains(flag.name); }
  // Checks the value against the flag; `origin` says who set it: "`--dim`", "`$PONTE_DIM`". Throws
  // UsageError. A switch takes "true" and "false" and what means the same.
  void set(const Flag& flag, const std::string& value, const std::string& origin);

 private:
  const std::vector<std::string>& values_of(std::string_view flag) const;
  std::map<std::string_view, std::vector<std::string>> values_;
};

// Reads the command line alone, without the program's name. Throws UsageError and UnknownName; what
// was read before stays in `arguments`.
void parse_command_line(const std::vector<std::string>& words, Arguments& arguments);

// Throws UsageError where a flag that must be there is not, or the number of positional arguments
// is wrong.
void require_complete(const Arguments& arguments);

}  // namespace ponte::cli
