// Flags that are not on the command line: $PONTE_* first, then ponte.toml in the project, then the
// user's own file.
#pragma once

#include <filesystem>
#include <optional>

#include "base/diagnostics.h"
#include "cli/arguments.h"

namespace ponte::cli {

// The files that take part.
struct Configuration {
  std::optional<std::filesystem::path> project;  // ponte.toml
  std::optional<std::filesystem::path> user;     // $XDG_CONFIG_HOME/ponte/config.toml
};

// The project's file lies in the working folder or in the nearest one above it, up to the one that
// has `.git`; without one, in the working folder alone.
Configuration find_configuration();

// Sets the flags of the command that are not set yet. A file that somebody else owns is left out
// with a warning: flags decide which libraries are loaded. Throws UsageError for a value that the
// flag does not take, ConfigurationError for a file that is not understood.
void apply_configuration(const Configuration& configuration, Arguments& arguments,
                         Diagnostics& warnings);

// "PONTE_INPUT_SHAPE" of "--input-shape".
std::string environment_name(std::string_view flag);

}  // namespace ponte::cli
