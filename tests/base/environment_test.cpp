#include "base/environment.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include "base/error.h"
#include "temporary_folder.h"

namespace ponte {
namespace {

namespace fs = std::filesystem;

// Sets or removes a variable until the end of the test.
class WithVariable {
 public:
  WithVariable(const char* name, const char* value)
      : name_(name), before_(environment_variable(name)) {
    value == nullptr ? ::unsetenv(name) : ::setenv(name, value, 1);
  }
  ~WithVariable() { before_ ? ::setenv(name_, before_->c_str(), 1) : ::unsetenv(name_); }
  WithVariable(const WithVariable&) = delete;
  WithVariable& operator=(const WithVariable&) = delete;

 private:
  const char* name_;
  std::optional<std::string> before_;
};

TEST(Environment, FoldersFollowTheXdgVariables) {
  const WithVariable data("XDG_DATA_HOME", "/x/data");
  const WithVariable config("XDG_CONFIG_HOME", "/x/config");
  const WithVariable cache("XDG_CACHE_HOME", "/x/cache");
  EXPECT_EQ(data_folder(), "/x/data/ponte");
  EXPECT_EQ(config_folder(), "/x/config/ponte");
  EXPECT_EQ(cache_folder(), "/x/cache/ponte");
}

TEST(Environment, UnsetEmptyAndRelativeVariablesMeanTheDefault) {
  const WithVariable home("HOME", "/home/somebody");
  const WithVariable data("XDG_DATA_HOME", nullptr);
  const WithVariable config("XDG_CONFIG_HOME", "");
  const WithVariable cache("XDG_CACHE_HOME", "relative/path");
  EXPECT_EQ(data_folder(), "/home/somebody/.local/share/ponte");
  EXPECT_EQ(config_folder(), "/home/somebody/.config/ponte");
  EXPECT_EQ(cache_folder(), "/home/somebody/.cache/ponte");
}

TEST(Environment, WithoutHomeTheUserDatabaseKnows) {
  const WithVariable home("HOME", nullptr);
  const WithVariable data("XDG_DATA_HOME", nullptr);
  try {
    EXPECT_TRUE(data_folder().is_absolute());
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::SystemCallFailed);
  }
}

TEST(Environment, TheExecutableIsThisTest) { EXPECT_EQ(executable_path().filename(), "test_base"); }

TEST(Environment, ProgramsAreFoundInPathOnly) {
  const test::TemporaryFolder folder;
  const auto program = folder.write("bin/tool", "#!/bin/sh\n");
  folder.write("bin/data", "no program");
  fs::permissions(program, fs::perms::owner_all);
  fs::permissions(folder / "bin/data", fs::perms::owner_read);
  const WithVariable path("PATH", ("/nonexistent::" + (folder / "bin").native()).c_str());
  EXPECT_EQ(find_program("tool"), program);
  EXPECT_EQ(find_program(program.native()), program);
  EXPECT_EQ(find_program("absent"), std::nullopt);
  EXPECT_EQ(find_program("data"), std::nullopt);
  EXPECT_EQ(find_program(""), std::nullopt);
  EXPECT_EQ(find_program(folder.path().native()), std::nullopt);
}

}  // namespace
}  // namespace ponte
