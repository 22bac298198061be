#include "base/file_writer.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

#include "base/check.h"
#include "base/error.h"
#include "base/paths.h"
#include "base/text.h"

namespace ponte {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t buffer_size = std::size_t{1} << 20;
// What the kernel copies at once: a stop waits for no more.
constexpr std::uint64_t copied_at_once = std::uint64_t{64} << 20;

fs::path temporary_name(const fs::path& target) {
  std::uint64_t number = 0;
  if (::getrandom(&number, sizeof(number), 0) != static_cast<ssize_t>(sizeof(number))) {
    number =
        static_cast<std::uint64_t>(::getpid()) << 32 ^ reinterpret_cast<std::uintptr_t>(&target);
  }
  return folder_of(target) / fmt::format(".ponte-{:016x}.part", number);
}

std::string name_of(const Descriptor& descriptor) {
  return fmt::format("/proc/self/fd/{}", descriptor.get());
}

// Errors of copy_file_range that say "not between these two files" rather than "not at all".
bool means_copy_elsewhere(int error) {
  return error == EXDEV || error == EINVAL || error == ENOSYS || error == EOPNOTSUPP ||
         error == EPERM || error == EBADF;
}

}  // namespace

FileWriter::FileWriter(fs::path target, StopToken stop)
    : target_(std::move(target)), resolved_(follow_links(target_)), stop_(std::move(stop)) {
  if (!target_.has_filename()) {
    throw Error(Code::CannotWriteFile, fmt::format("`{}` names no file", target_.native()));
  }
  look_at_existing();
  buffer_.reserve(buffer_size);
  create();
}

void FileWriter::look_at_existing() {
  struct stat existing {};
  if (::stat(resolved_.c_str(), &existing) != 0) return;
  if (!S_ISREG(existing.st_mode))
    throw Error(Code::CannotWriteFile, fmt::format("`{}` is not a regular file", target_.native()));
  // The folder would let it be replaced; whoever took away the right to write wants to keep it.
  if ((existing.st_mode & S_IWUSR) == 0) {
    throw Error(Code::CannotWriteFile, fmt::format("`{}` is read-only", target_.native()),
                "name another file, or make this one writable with `chmod u+w`");
  }
  mode_ = existing.st_mode & 0777;
}

void FileWriter::create() {
  descriptor_ =
      Descriptor(::open(folder_of(resolved_).c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666));
  // A file without a name gets one through /proc.
  if (descriptor_ && ::access(name_of(descriptor_).c_str(), F_OK) == 0) return;
  do {
    temporary_ = temporary_name(resolved_);
    descriptor_ =
        Descriptor(::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
  } while (!descriptor_ && errno == EEXIST);
  if (descriptor_) return;
  const int error = errno;
  temporary_.clear();
  fail("create", error);
}

// A link can't replace a file, so it gets a temporary name first.
void FileWriter::give_name() {
  if (!temporary_.empty()) return;
  const std::string unnamed = name_of(descriptor_);
  fs::path name;
  int error = 0;
  do {
    name = temporary_name(resolved_);
    error = ::linkat(AT_FDCWD, unnamed.c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW) == 0
                ? 0
                : errno;
  } while (error == EEXIST);
  if (error != 0) fail("create", error);
  temporary_ = std::move(name);
}

FileWriter::~FileWriter() {
  if (descriptor_ && !temporary_.empty()) ::unlink(temporary_.c_str());
}

void FileWriter::fail(std::string_view action, int error) const {
  throw Error(Code::CannotWriteFile,
              fmt::format("cannot {} `{}`: {}", action, target_.native(), system_message(error)));
}

void FileWriter::require_space(std::uint64_t bytes) const {
  struct statvfs disk {};
  // A file system that says nothing of its size has no blocks.
  if (::fstatvfs(descriptor_.get(), &disk) != 0 || disk.f_blocks == 0) return;
  const std::uint64_t free = std::uint64_t{disk.f_bavail} * disk.f_frsize;
  if (bytes <= free) return;
  throw Error(Code::CannotWriteFile,
              fmt::format("cannot write `{}`: {} bytes are to come, and {} are free",
                          target_.native(), grouped(bytes), grouped(free)));
}

void FileWriter::write_through(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    throw_if_stopped(stop_);
    const ssize_t count = ::write(descriptor_.get(), bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail("write", errno);
    flushed_ += static_cast<std::uint64_t>(count);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
}

void FileWriter::flush() {
  write_through(buffer_);
  buffer_.clear();
}

void FileWriter::write(std::span<const std::byte> bytes) {
  PONTE_CHECK(descriptor_.get() >= 0);
  if (bytes.size() > buffer_size - buffer_.size()) flush();
  if (bytes.size() >= buffer_size) {
    write_through(bytes);
  } else {
    buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
  }
}

void FileWriter::write(std::string_view text) { write(std::as_bytes(std::span(text))); }

// Advances `done`; false when the rest has to be copied through memory.
bool FileWriter::copy_in_kernel(const ByteRange& range, std::uint64_t& done) {
  const int from = range.source->descriptor();
  while (done < range.size) {
    throw_if_stopped(stop_);
    off_t offset = static_cast<off_t>(range.offset + done);
    const ssize_t count = ::copy_file_range(from, &offset, descriptor_.get(), nullptr,
                                            std::min(range.size - done, copied_at_once), 0);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && means_copy_elsewhere(errno)) return false;
    if (count < 0) fail("write", errno);
    if (count == 0) return false;
    flushed_ += static_cast<std::uint64_t>(count);
    done += static_cast<std::uint64_t>(count);
  }
  return true;
}

void FileWriter::copy(const ByteRange& range) {
  PONTE_CHECK(descriptor_.get() >= 0);
  if (range.size == 0) return;
  const ByteRange checked = whole(range.source).part(range.offset, range.size);
  if (const auto memory = range.source->in_memory(); !memory.empty()) {
    write(memory.subspan(checked.offset, checked.size));
    return;
  }
  std::uint64_t done = 0;
  if (range.source->descriptor() >= 0 && range.size >= buffer_size) {
    flush();
    if (copy_in_kernel(checked, done)) {
      checked.source->read(checked.offset,
                           {});  // the copy is worth nothing if the file changed under it
      return;
    }
  }
  std::vector<std::byte> chunk(std::min<std::uint64_t>(buffer_size, range.size - done));
  while (done < range.size) {
    const auto part =
        std::span(chunk).first(std::min<std::uint64_t>(chunk.size(), range.size - done));
    checked.read(done, part);
    write(part);
    done += part.size();
  }
}

void FileWriter::pad_to(std::uint64_t alignment) {
  PONTE_CHECK(alignment > 0);
  const std::uint64_t rest = position() % alignment;
  if (rest == 0) return;
  const std::vector<std::byte> zeros(std::min<std::uint64_t>(alignment - rest, buffer_size));
  for (std::uint64_t left = alignment - rest; left > 0;) {
    const auto count = std::min<std::uint64_t>(left, zeros.size());
    write(std::span(zeros).first(count));
    left -= count;
  }
}

void FileWriter::commit() {
  PONTE_CHECK(descriptor_.get() >= 0);
  flush();
  if (mode_ && ::fchmod(descriptor_.get(), *mode_) != 0) fail("set the mode of", errno);
  if (::fsync(descriptor_.get()) != 0) fail("write", errno);
  give_name();
  if (::rename(temporary_.c_str(), resolved_.c_str()) != 0) fail("replace", errno);
  temporary_.clear();
  descriptor_.reset();
  const Descriptor folder(::open(folder_of(resolved_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  // Some file systems have no fsync of folders; the rename is in order there without it.
  if (folder && ::fsync(folder.get()) != 0 && errno != EINVAL)
    fail("make durable the folder of", errno);
}

void write_file(const fs::path& target, std::string_view text) {
  FileWriter writer(target);
  writer.write(text);
  writer.commit();
}

}  // namespace ponte
