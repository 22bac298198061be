// -h and --help, from the tables of flags.
#pragma once

#include <string>

#include "cli/arguments.h"

namespace ponte::cli {

// What `ponte` alone prints: ten lines.
std::string overview();

// About a command, or about ponte where it is null, in lines of at most `columns` (20 to 90) where
// words allow.
std::string help_text(const Command* command, HelpLevel level, std::size_t columns);

// "ponte inspect MODEL [flags]"
std::string usage_line(const Command& command);

// One paragraph each.
std::string_view configuration_text();
std::string_view exit_codes_text();

// Prose broken at spaces into lines of at most `columns` (20 to 90).
std::string wrapped(std::string_view text, std::size_t indent, std::size_t columns);

// "-o, --output FILE"
std::string flag_heading(const Flag& flag);

}  // namespace ponte::cli
