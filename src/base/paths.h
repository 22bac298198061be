// Where a path leads.
#pragma once

#include <filesystem>

namespace ponte {

// The folder that a file lies in: `.` for a name alone.
std::filesystem::path folder_of(const std::filesystem::path& file);

// The file that a symbolic link leads to; any other path, and a link to nothing, as it is.
std::filesystem::path follow_links(const std::filesystem::path& path);

}  // namespace ponte
