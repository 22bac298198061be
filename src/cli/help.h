// -h and --help, from the tables of flags.
#pragma once

#include <string>

#include "cli/arguments.h"

namespace ponte::cli {

// What `ponte` alone prints: ten lines.
std::string overview();

// About a command, or about ponte where it is null.
std::string help_text(const Command* command, HelpLevel level);

// "ponte inspect MODEL [flags]"
std::string usage_line(const Command& command);

// One paragraph each.
std::string_view configuration_text();
std::string_view exit_codes_text();

// Prose broken into lines at spaces.
std::string wrapped(std::string_view text, std::size_t indent);

// "-o, --output FILE"
std::string flag_heading(const Flag& flag);

}  // namespace ponte::cli
