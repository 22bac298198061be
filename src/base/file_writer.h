// Files that appear whole or not at all.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/descriptor.h"
#include "base/stop.h"

namespace ponte {

// Writes to a file without a name in the target's folder; commit() makes it durable and gives it
// the name. Without commit() nothing is left, however the process ends, and the target is
// untouched. (Where the file system has no files without a name, a hidden one stays behind a
// process that is killed.) A target that is a symbolic link stays one: the file it points to is
// replaced. Throws CannotWriteFile, also for a target that exists and is no regular file, and
// Interrupted from any write once a stop is requested.
class FileWriter {
 public:
  explicit FileWriter(std::filesystem::path target, StopToken stop = {});
  ~FileWriter();
  FileWriter(const FileWriter&) = delete;
  FileWriter& operator=(const FileWriter&) = delete;

  // Throws CannotWriteFile where so many bytes more are not free: before the disk is filled.
  void require_space(std::uint64_t bytes) const;
  void write(std::span<const std::byte> bytes);
  void write(std::string_view text);
  // Copies a range, by copy_file_range where both ends are files.
  void copy(const ByteRange& range);
  void pad_to(std::uint64_t alignment);  // zero bytes up to the next multiple
  std::uint64_t position() const { return flushed_ + buffer_.size(); }
  const std::filesystem::path& target() const { return target_; }

  // fsync, rename, fsync of the folder.
  void commit();

 private:
  void look_at_existing();  // throws CannotWriteFile where it must not be replaced
  void create();
  void give_name();
  void flush();
  void write_through(std::span<const std::byte> bytes);
  bool copy_in_kernel(const ByteRange& range, std::uint64_t& done);
  [[noreturn]] void fail(std::string_view action, int error) const;

  std::filesystem::path target_;
  std::filesystem::path resolved_;   // the target with links followed
  std::filesystem::path temporary_;  // while the file has this name
  Descriptor descriptor_;
  StopToken stop_;
  std::optional<unsigned> mode_;  // of the file that is replaced
  std::uint64_t flushed_ = 0;
  std::vector<std::byte> buffer_;
};

// The whole of `text` as one file, replaced atomically.
void write_file(const std::filesystem::path& target, std::string_view text);

}  // namespace ponte
