// Archives of cases among the models that tests may read.
#pragma once

#include <fmt/format.h>
#include <stdlib.h>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace ponte::test {

// A folder of its own that goes away with the test.
class UnpackedArchive {
 public:
  explicit UnpackedArchive(const std::filesystem::path& archive) {
    std::string name = (std::filesystem::temp_directory_path() / "ponte_backend_XXXXXX").string();
    if (!mkdtemp(name.data())) throw std::runtime_error("no temporary folder");
    folder_ = name;
    const std::string command = fmt::format("tar -xf '{}' -C '{}'", archive.string(), name);
    if (std::system(command.c_str()) != 0)
      throw std::runtime_error("the archive can't be unpacked");
  }
  ~UnpackedArchive() { std::filesystem::remove_all(folder_); }
  UnpackedArchive(const UnpackedArchive&) = delete;
  UnpackedArchive& operator=(const UnpackedArchive&) = delete;
  const std::filesystem::path& folder() const { return folder_; }

 private:
  std::filesystem::path folder_;
};

}  // namespace ponte::test
