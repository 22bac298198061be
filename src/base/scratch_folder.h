// A folder for what is made on the way.
#pragma once

#include <filesystem>
#include <string_view>

#include "base/descriptor.h"

namespace ponte {

// Removed with everything in it. What a killed process left behind is removed by the next one that
// makes such a folder.
class ScratchFolder {
 public:
  // `purpose` is for the message: "converted models". Throws CannotWriteFile and
  // CannotOpenFile.
  explicit ScratchFolder(std::string_view purpose);
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  Descriptor lock_;
};

}  // namespace ponte
