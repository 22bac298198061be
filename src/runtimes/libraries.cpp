#include "runtimes/libraries.h"

#include <algorithm>
#include <charconv>

#include "base/paths.h"

namespace ponte::runtimes {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> entries(const fs::path& folder) {
  std::error_code ignored;
  std::vector<fs::path> result = entries_of(folder, ignored);
  std::ranges::sort(result);
  return result;
}

// lib/python3.X/site-packages of an environment, dist-packages of Debian's own Python.
std::vector<fs::path> python_folders(const fs::path& root) {
  std::vector<fs::path> folders;
  for (const fs::path& library : {root / "lib", root / "lib64"}) {
    for (const fs::path& python : entries(library)) {
      if (!python.filename().string().starts_with("python3")) continue;
      folders.push_back(python / "site-packages");
      folders.push_back(python / "dist-packages");
    }
  }
  return folders;
}

std::vector<fs::path> candidate_folders(const fs::path& root, const LibraryName& name) {
  std::vector<fs::path> folders = {root, root / "lib", root / "lib64"};
#if defined(__x86_64__)
  folders.push_back(root / "lib" / "x86_64-linux-gnu");
#elif defined(__aarch64__)
  folders.push_back(root / "lib" / "aarch64-linux-gnu");
#endif
  if (name.python_folder.empty()) return folders;
  folders.push_back(root / name.python_folder);
  for (const fs::path& python : python_folders(root))
    folders.push_back(python / name.python_folder);
  return folders;
}

bool is_library(const fs::path& path, std::string_view stem) {
  const std::string file = path.filename().string();
  if (file == stem) return true;
  if (!file.starts_with(stem) || file.size() < stem.size() + 2 || file[stem.size()] != '.')
    return false;
  return std::all_of(file.begin() + static_cast<std::ptrdiff_t>(stem.size()), file.end(),
                     [](char c) { return c == '.' || (c >= '0' && c <= '9'); });
}

std::uint64_t take_number(std::string_view& version) {
  std::uint64_t number = 0;
  const auto [end, error] =
      std::from_chars(version.data(), version.data() + version.size(), number);
  version.remove_prefix(static_cast<std::size_t>(end - version.data()));
  if (!version.empty()) version.remove_prefix(1);
  return error == std::errc() ? number : 0;
}

}  // namespace

bool is_newer(std::string_view a, std::string_view b) {
  while (!a.empty() || !b.empty()) {
    const std::uint64_t left = take_number(a);
    const std::uint64_t right = take_number(b);
    if (left != right) return left > right;
  }
  return false;
}

std::string version_of(const fs::path& library, std::string_view stem) {
  const std::string file = library.filename().string();
  return file.size() > stem.size() + 1 ? file.substr(stem.size() + 1) : "";
}

std::vector<Installation> find_libraries(const Place& place, const LibraryName& name,
                                         std::string_view runtime) {
  std::vector<fs::path> files;
  const auto add = [&](const fs::path& path) {
    std::error_code error;
    if (!is_library(path, name.stem) || !fs::is_regular_file(path, error)) return;
    const fs::path real = fs::canonical(path, error);
    // A link may lead to a name of another kind; then the link's own name says more.
    const fs::path& best = !error && is_library(real, name.stem) ? real : path;
    if (std::ranges::find(files, best) == files.end()) files.push_back(best);
  };
  add(place.path);
  for (const fs::path& folder : candidate_folders(place.path, name)) {
    for (const fs::path& path : entries(folder)) {
      if (path.filename().string().starts_with(name.stem)) add(path);
    }
  }
  std::vector<Installation> found;
  for (const fs::path& file : files) {
    found.push_back({.runtime = std::string(runtime),
                     .version = version_of(file, name.stem),
                     .library = file,
                     .origin = place.origin});
  }
  std::ranges::stable_sort(found, [](const Installation& a, const Installation& b) {
    return is_newer(a.version, b.version);
  });
  return found;
}

}  // namespace ponte::runtimes
