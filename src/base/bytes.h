// Sources of bytes that are read in chunks: constants share them and never copy them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ponte {

// A fixed sequence of bytes that can be read at any offset, from any thread.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  virtual std::uint64_t size() const = 0;
  // Fills `out` from `offset`; throws TruncatedFile past the end, CannotReadFile or FileChanged
  // from the system.
  virtual void read(std::uint64_t offset, std::span<std::byte> out) const = 0;
  // The bytes themselves where they lie in memory; empty otherwise.
  virtual std::span<const std::byte> in_memory() const { return {}; }
  // A descriptor and its offset for copy_file_range; -1 where there is none.
  virtual int descriptor() const { return -1; }
  virtual std::string describe() const = 0;  // for messages: usually the file's name
};

// A part of a source. Copying it copies a reference.
struct ByteRange {
  std::shared_ptr<const ByteSource> source;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;

  // [first, first + count) of this range; throws TruncatedFile when it does not lie inside.
  ByteRange part(std::uint64_t first, std::uint64_t count) const;
  void read(std::uint64_t first, std::span<std::byte> out) const;
  std::vector<std::byte> read_all() const;
  std::string read_text() const;
};

// Opens a regular file for reading with pread; it is never mapped. Every read verifies that size
// and modification time are still those at opening.
std::shared_ptr<const ByteSource> open_file(const std::filesystem::path& path);

// Opens `relative` beneath `folder` as SAFETY.md demands: no absolute path, no `..`, no link that
// leaves, regular files only. Throws PathOutsideModel or CannotOpenFile.
std::shared_ptr<const ByteSource> open_beneath(const std::filesystem::path& folder,
                                               std::string_view relative);

// Opens a data file that the model at `model_path` names: beneath the model's folder as
// open_beneath does. If `model_path` itself is a symbolic link, the file may also lie in the folder
// where the model really lies, and a link directly beside `model_path` may lead there. Throws
// MissingWeights where there is no such file.
std::shared_ptr<const ByteSource> open_beside(const std::filesystem::path& model_path,
                                              std::string_view relative);

std::shared_ptr<const ByteSource> buffer_source(std::vector<std::byte> bytes,
                                                std::string name = "memory");
std::shared_ptr<const ByteSource> buffer_source(std::string_view text, std::string name = "memory");

// The whole of a source as one range.
ByteRange whole(std::shared_ptr<const ByteSource> source);

}  // namespace ponte
