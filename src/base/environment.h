// Where things lie on this machine: the user's folders, programs, the running executable.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace ponte {

std::optional<std::string> environment_variable(const char* name);

// $XDG_DATA_HOME/ponte, $XDG_CONFIG_HOME/ponte and $XDG_CACHE_HOME/ponte with the defaults of the
// XDG Base Directory Specification, which also says that a relative path in these variables counts
// as unset. They are not created. Throws SystemCallFailed where there is no home folder either.
std::filesystem::path data_folder();
std::filesystem::path config_folder();
std::filesystem::path cache_folder();

// The file of the running program.
std::filesystem::path executable_path();

// A name with a slash as it is; any other is looked up in PATH. None where there is no such
// executable file.
std::optional<std::filesystem::path> find_program(std::string_view name);

}  // namespace ponte
