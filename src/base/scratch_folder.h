// A folder for what is made on the way.
#pragma once

#include <filesystem>
#include <string_view>

namespace ponte {

// Removed with everything in it.
class ScratchFolder {
 public:
  // `purpose` is for the message: "converted models". Throws CannotWriteFile.
  explicit ScratchFolder(std::string_view purpose);
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace ponte
