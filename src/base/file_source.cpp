// Files as sources of bytes, and the rules for opening files that a model names (openat2(2)).
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ranges>
#include <system_error>

#include "base/bytes.h"
#include "base/descriptor.h"
#include "base/error.h"
#include "base/paths.h"
#include "base/text.h"

namespace ponte {
namespace {

namespace fs = std::filesystem;

// O_NONBLOCK keeps a named pipe from hanging the program before fstat can refuse it.
constexpr int open_flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;

bool same_state(const struct stat& a, const struct stat& b) {
  return a.st_size == b.st_size && a.st_mtim.tv_sec == b.st_mtim.tv_sec &&
         a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

class FileSource final : public ByteSource {
 public:
  FileSource(Descriptor descriptor, std::string name)
      : descriptor_(std::move(descriptor)), name_(std::move(name)) {
    if (::fstat(descriptor_.get(), &opened_) != 0) fail(Code::CannotOpenFile, "open", errno);
    if (!S_ISREG(opened_.st_mode)) {
      throw Error(Code::CannotOpenFile, fmt::format("`{}` is not a regular file", name_))
          .at(place());
    }
  }

  std::uint64_t size() const override { return static_cast<std::uint64_t>(opened_.st_size); }
  int descriptor() const override { return descriptor_.get(); }
  std::string describe() const override { return name_; }

  void read(std::uint64_t offset, std::span<std::byte> out) const override {
    if (offset > size() || out.size() > size() - offset) {
      throw Error(Code::TruncatedFile,
                  fmt::format("{} bytes are needed at byte {}, and there are {} in all",
                              grouped(out.size()), grouped(offset), grouped(size())))
          .at({.file = name_, .node = {}, .op = {}, .byte = offset});
    }
    while (!out.empty()) {
      const ssize_t count =
          ::pread(descriptor_.get(), out.data(), out.size(), static_cast<off_t>(offset));
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) fail(Code::CannotReadFile, "read", errno);
      if (count == 0) break;
      out = out.subspan(static_cast<std::size_t>(count));
      offset += static_cast<std::uint64_t>(count);
    }
    require_unchanged();
    if (!out.empty())
      throw Error(Code::CannotReadFile, fmt::format("`{}` ended early", name_)).at(place());
  }

 private:
  Location place() const { return {.file = name_, .node = {}, .op = {}, .byte = {}}; }

  [[noreturn]] void fail(Code code, std::string_view verb, int error) const {
    throw Error(code, fmt::format("cannot {} `{}`: {}", verb, name_, system_message(error)))
        .at(place());
  }

  void require_unchanged() const {
    struct stat now {};
    if (::fstat(descriptor_.get(), &now) != 0) fail(Code::CannotReadFile, "read", errno);
    if (!same_state(opened_, now)) {
      throw Error(Code::FileChanged, fmt::format("`{}` changed after it was opened", name_))
          .at(place());
    }
  }

  Descriptor descriptor_;
  std::string name_;
  struct stat opened_ {};
};

[[noreturn]] void refuse(std::string_view relative, std::string_view reason) {
  throw Error(Code::PathOutsideModel,
              fmt::format("the model names the data file `{}`, which {}", relative, reason));
}

void require_plain_relative(std::string_view relative) {
  if (relative.empty()) refuse(relative, "is empty");
  if (relative.find('\0') != std::string_view::npos) refuse(relative, "has a NUL byte");
  if (relative.find('\\') != std::string_view::npos) refuse(relative, "has a backslash");
  if (relative.front() == '/') refuse(relative, "is an absolute path");
  if (relative.starts_with("*/")) refuse(relative, "stands for an address in memory");
  for (const auto component : relative | std::views::split('/')) {
    if (std::string_view(component.begin(), component.end()) == "..")
      refuse(relative, "goes up with `..`");
  }
}

[[noreturn]] void fail_to_open(const fs::path& path, int error) {
  throw Error(Code::CannotOpenFile,
              fmt::format("cannot open `{}`: {}", path.native(), system_message(error)))
      .at({.file = path.native(), .node = {}, .op = {}, .byte = {}});
}

int open_resolving_beneath(int folder, const std::string& relative) {
  struct open_how how {};
  how.flags = static_cast<std::uint64_t>(open_flags);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  // EAGAIN: a rename happened while the kernel walked the path.
  for (int attempt = 0; attempt < 16; ++attempt) {
    const long result = ::syscall(SYS_openat2, folder, relative.c_str(), &how, sizeof(how));
    if (result >= 0) return static_cast<int>(result);
    if (errno != EAGAIN && errno != EINTR) break;
  }
  return -1;
}

bool is_link(const fs::path& path) {
  std::error_code error;
  return fs::is_symlink(path, error);
}

bool is_there(const fs::path& path) {
  std::error_code error;
  return fs::exists(fs::symlink_status(path, error));
}

// Where links lead in the end; empty when they lead nowhere.
fs::path real_path(const fs::path& path) {
  std::error_code error;
  fs::path real = fs::canonical(path, error);
  return error ? fs::path() : real;
}

}  // namespace

std::shared_ptr<const ByteSource> open_file(const fs::path& path) {
  if (path.native().find('\0') != std::string::npos) fail_to_open(path, EINVAL);
  Descriptor descriptor(::open(path.c_str(), open_flags));
  if (!descriptor) fail_to_open(path, errno);
  return std::make_shared<FileSource>(std::move(descriptor), path.native());
}

std::shared_ptr<const ByteSource> open_beneath(const fs::path& folder, std::string_view relative) {
  require_plain_relative(relative);
  const fs::path base = folder.empty() ? fs::path(".") : folder;
  const Descriptor folder_descriptor(::open(base.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!folder_descriptor) fail_to_open(base, errno);
  Descriptor descriptor(open_resolving_beneath(folder_descriptor.get(), std::string(relative)));
  if (!descriptor) {
    const int error = errno;
    if (error == EXDEV) refuse(relative, "leaves the model's folder through a link");
    if (error == ELOOP) refuse(relative, "is a link that leads to no file");
    if (error == ENOSYS) throw_system_error(Code::SystemCallFailed, "openat2", error);
    fail_to_open(base / relative, error);
  }
  struct stat opened {};
  if (::fstat(descriptor.get(), &opened) == 0 && !S_ISREG(opened.st_mode))
    refuse(relative, "is not a regular file");
  return std::make_shared<FileSource>(std::move(descriptor), (base / relative).native());
}

std::shared_ptr<const ByteSource> open_beside(const fs::path& model_path,
                                              std::string_view relative) {
  require_plain_relative(relative);
  const fs::path folder = folder_of(model_path);
  const fs::path beside = folder / relative;
  if (is_link(model_path)) {
    const fs::path real_folder = folder_of(follow_links(model_path));
    if (!is_there(beside) && is_there(real_folder / relative))
      return open_beneath(real_folder, relative);
    const bool is_directly_beside = relative.find('/') == std::string_view::npos;
    const fs::path real_file = real_path(beside);
    if (is_directly_beside && is_link(beside) && !real_file.empty() &&
        real_file.parent_path() == real_folder) {
      return open_beneath(real_folder, real_file.filename().native());
    }
  }
  if (!is_there(beside)) {
    throw Error(Code::MissingWeights,
                fmt::format("`{}`, which holds weights of the model, is not in `{}`", relative,
                            folder.native()),
                "put it there: a model and its data files belong together");
  }
  return open_beneath(folder, relative);
}

}  // namespace ponte
