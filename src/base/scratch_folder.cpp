#include "base/scratch_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>
#include <utility>

#include "base/environment.h"
#include "base/error.h"
#include "base/paths.h"

namespace ponte {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view prefix = "ponte-scratch-";

Descriptor open_folder(const fs::path& path) {
  return Descriptor(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

// The kernel gives a process's locks back when it ends, however that is.
bool is_taken(const Descriptor& folder) {
  return ::flock(folder.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

// Only what is surely abandoned: this user's own, and locked by nobody.
void remove_if_abandoned(const fs::path& path) {
  const Descriptor folder = open_folder(path);
  struct stat status {};
  if (!folder || ::fstat(folder.get(), &status) != 0 || status.st_uid != ::geteuid()) return;
  if (::flock(folder.get(), LOCK_EX | LOCK_NB) != 0) return;
  std::error_code ignored;
  fs::remove_all(path, ignored);
}

void remove_abandoned(const fs::path& parent) {
  std::error_code error;
  for (const fs::path& entry : entries_of(parent, error)) {
    if (entry.filename().native().starts_with(prefix)) remove_if_abandoned(entry);
  }
}

// What temp_directory_path() goes by: a variable and its value.
std::pair<std::string_view, std::string> chosen_place() {
  for (const char* name : {"TMPDIR", "TMP", "TEMP", "TEMPDIR"}) {
    if (auto value = environment_variable(name)) return {name, std::move(*value)};
  }
  return {"TMPDIR", P_tmpdir};
}

constexpr auto remedy = "name a folder that can be written with the variable `TMPDIR`";

fs::path folder_for_temporary_files(std::string_view purpose) {
  std::error_code error;
  fs::path folder = fs::temp_directory_path(error);
  if (!error) return folder;
  const auto [name, value] = chosen_place();
  throw Error(Code::CannotWriteFile,
              fmt::format("no place for {}: `{}={}` is no folder that can be used: {}", purpose,
                          name, value, error.message()),
              remedy)
      .at({.file = value, .node = {}, .op = {}, .byte = {}});
}

[[noreturn]] void cannot_make(std::string_view purpose, const fs::path& parent, int error) {
  throw Error(Code::CannotWriteFile,
              fmt::format("no folder for {} can be made in `{}`: {}", purpose, parent.string(),
                          system_message(error)),
              remedy)
      .at({.file = parent.string(), .node = {}, .op = {}, .byte = {}});
}

}  // namespace

ScratchFolder::ScratchFolder(std::string_view purpose) {
  const fs::path parent = folder_for_temporary_files(purpose);
  remove_abandoned(parent);
  // Between making it and locking it another process may take it for abandoned.
  do {
    std::string name = (parent / fmt::format("{}XXXXXX", prefix)).string();
    if (::mkdtemp(name.data()) == nullptr) cannot_make(purpose, parent, errno);
    path_ = name;
    lock_ = open_folder(path_);
    if (!lock_)
      throw_system_error(Code::CannotOpenFile, fmt::format("open a folder for {}", purpose), errno);
  } while (is_taken(lock_) || ::access(path_.c_str(), F_OK) != 0);
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

}  // namespace ponte
