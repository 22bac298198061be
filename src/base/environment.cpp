#include "base/environment.h"

#include <pwd.h>
#include <unistd.h>

#include <cstdlib>
#include <ranges>
#include <system_error>
#include <vector>

#include "base/error.h"

namespace ponte {
namespace {

namespace fs = std::filesystem;

fs::path home_folder() {
  if (const auto home = environment_variable("HOME"); home && fs::path(*home).is_absolute())
    return *home;
  std::vector<char> buffer(16384);
  struct passwd entry {};
  struct passwd* found = nullptr;
  if (::getpwuid_r(::getuid(), &entry, buffer.data(), buffer.size(), &found) == 0 &&
      found != nullptr && fs::path(found->pw_dir).is_absolute()) {
    return found->pw_dir;
  }
  throw Error(Code::SystemCallFailed, "there is no home folder",
              "set `HOME` or the `XDG_*_HOME` variables");
}

fs::path xdg_folder(const char* variable, const char* below_home) {
  const auto value = environment_variable(variable);
  if (value && fs::path(*value).is_absolute()) return fs::path(*value) / "ponte";
  return home_folder() / below_home / "ponte";
}

bool is_program(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error) && ::access(path.c_str(), X_OK) == 0;
}

}  // namespace

std::optional<std::string> environment_variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

fs::path data_folder() { return xdg_folder("XDG_DATA_HOME", ".local/share"); }
fs::path config_folder() { return xdg_folder("XDG_CONFIG_HOME", ".config"); }
fs::path cache_folder() { return xdg_folder("XDG_CACHE_HOME", ".cache"); }

fs::path executable_path() {
  std::error_code error;
  fs::path path = fs::read_symlink("/proc/self/exe", error);
  if (error)
    throw Error(Code::SystemCallFailed, "cannot read `/proc/self/exe`: " + error.message());
  return path;
}

std::optional<fs::path> find_program(std::string_view name) {
  if (name.find('/') != std::string_view::npos) {
    return is_program(name) ? std::optional<fs::path>(name) : std::nullopt;
  }
  if (name.empty()) return std::nullopt;
  const std::string folders = environment_variable("PATH").value_or("/usr/local/bin:/usr/bin:/bin");
  for (const auto folder : folders | std::views::split(':')) {
    if (folder.empty()) continue;  // would be the current folder
    const fs::path candidate = fs::path(std::string_view(folder.begin(), folder.end())) / name;
    if (is_program(candidate)) return candidate;
  }
  return std::nullopt;
}

}  // namespace ponte
