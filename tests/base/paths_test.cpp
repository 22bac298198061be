#include "base/paths.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include "expect_error.h"
#include "temporary_folder.h"

namespace ponte {
namespace {

namespace fs = std::filesystem;

// Works in a folder that is gone until the end of the test.
class WithoutWorkingFolder {
 public:
  WithoutWorkingFolder() : before_(fs::current_path()) {
    const test::TemporaryFolder gone;
    fs::current_path(gone.path());
  }
  ~WithoutWorkingFolder() { fs::current_path(before_); }
  WithoutWorkingFolder(const WithoutWorkingFolder&) = delete;
  WithoutWorkingFolder& operator=(const WithoutWorkingFolder&) = delete;

 private:
  fs::path before_;
};

TEST(Paths, are_absolute_from_the_working_folder_on) {
  EXPECT_EQ(absolute_path("a/b"), fs::current_path() / "a/b");
  EXPECT_EQ(absolute_path("/a"), "/a");
}

TEST(Paths, without_a_working_folder_only_absolute_ones_lead_somewhere) {
  const WithoutWorkingFolder gone;
  EXPECT_EQ(absolute_path("/a"), "/a");
  const auto error = test::error_of([] { absolute_path("a"); });
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->code(), Code::CannotOpenFile);
  EXPECT_FALSE(error->help().empty());
}

TEST(Paths, entries_are_those_of_a_folder_that_can_be_read) {
  const test::TemporaryFolder folder;
  folder.write("a", "");
  folder.write("b/c", "");
  fs::create_symlink("loop", folder / "loop");
  std::error_code error;
  EXPECT_THAT(entries_of(folder.path(), error),
              testing::UnorderedElementsAre(folder / "a", folder / "b", folder / "loop"));
  EXPECT_FALSE(error);
  for (const fs::path& path : {folder / "loop", folder / std::string(300, 'n'), folder / "a"}) {
    EXPECT_TRUE(entries_of(path, error).empty()) << path;
    EXPECT_TRUE(error) << path;
  }
}

}  // namespace
}  // namespace ponte
