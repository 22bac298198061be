#include "base/scratch_folder.h"

#include <fmt/format.h>
#include <stdlib.h>

#include <cerrno>
#include <string>

#include "base/descriptor.h"
#include "base/error.h"

namespace ponte {

ScratchFolder::ScratchFolder(std::string_view purpose) {
  std::string name = (std::filesystem::temp_directory_path() / "ponte-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr)
    throw_system_error(Code::CannotWriteFile, fmt::format("make a folder for {}", purpose), errno);
  path_ = name;
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace ponte
