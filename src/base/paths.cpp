#include "base/paths.h"

#include <fmt/format.h>

#include "base/error.h"

namespace ponte {

namespace fs = std::filesystem;

fs::path folder_of(const fs::path& file) {
  fs::path folder = file.parent_path();
  return folder.empty() ? fs::path(".") : folder;
}

fs::path follow_links(const fs::path& path) {
  std::error_code error;
  if (!fs::is_symlink(path, error)) return path;
  fs::path real = fs::canonical(path, error);
  return error ? path : real;
}

fs::path absolute_path(const fs::path& path) {
  std::error_code error;
  fs::path absolute = fs::absolute(path, error);
  if (!error) return absolute;
  throw Error(
      Code::CannotOpenFile,
      fmt::format("`{}` leads nowhere from the working folder: {}", path.native(), error.message()),
      "change to a folder that exists, or give the path from `/` on");
}

std::vector<fs::path> entries_of(const fs::path& folder, std::error_code& error) {
  std::vector<fs::path> entries;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    entries.push_back(it->path());
  return entries;
}

}  // namespace ponte
