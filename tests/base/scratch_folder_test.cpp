#include "base/scratch_folder.h"

#include <gtest/gtest.h>

#include <fstream>

namespace ponte {
namespace {

TEST(ScratchFolder, IsRemovedWithEverythingInIt) {
  std::filesystem::path path;
  {
    const ScratchFolder folder("the test");
    path = folder.path();
    std::filesystem::create_directory(path / "inner");
    std::ofstream(path / "inner/file") << "text";
    EXPECT_TRUE(std::filesystem::exists(path / "inner/file"));
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace ponte
