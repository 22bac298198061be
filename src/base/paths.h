// Where a path leads.
#pragma once

#include <filesystem>
#include <system_error>
#include <vector>

namespace ponte {

// The folder that a file lies in: `.` for a name alone.
std::filesystem::path folder_of(const std::filesystem::path& file);

// The file that a symbolic link leads to; any other path, and a link to nothing, as it is.
std::filesystem::path follow_links(const std::filesystem::path& path);

// Throws CannotOpenFile where the path is relative and the working folder is gone.
std::filesystem::path absolute_path(const std::filesystem::path& path);

// What lies in a folder, in no order; up to the error where there is one.
std::vector<std::filesystem::path> entries_of(const std::filesystem::path& folder,
                                              std::error_code& error);

}  // namespace ponte
