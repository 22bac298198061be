#include "base/scratch_folder.h"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>

#include "base/environment.h"
#include "base/expect_error.h"
#include "base/temporary_folder.h"

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

// A process that makes a folder and waits to be killed.
struct Holder {
  pid_t pid = 0;
  std::filesystem::path path;
};

Holder start_holder() {
  int ends[2];
  if (::pipe(ends) != 0) return {};
  const pid_t pid = ::fork();
  if (pid == 0) {
    const ScratchFolder folder("the test");
    const std::string path = folder.path().string();
    std::ofstream(folder.path() / "model.onnx") << "weights";
    if (::write(ends[1], path.data(), path.size()) < 0) ::_exit(1);
    while (true) ::pause();
  }
  std::string path(4096, '\0');
  const ssize_t size = ::read(ends[0], path.data(), path.size());
  path.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  ::close(ends[0]);
  ::close(ends[1]);
  return {pid, path};
}

TEST(ScratchFolder, OfAKilledProcessIsRemovedByTheNextOne) {
  const Holder holder = start_holder();
  ASSERT_FALSE(holder.path.empty());
  {
    const ScratchFolder other("the test");
    EXPECT_TRUE(std::filesystem::exists(holder.path / "model.onnx")) << "it is in use";
  }
  ::kill(holder.pid, SIGKILL);
  ::waitpid(holder.pid, nullptr, 0);
  EXPECT_TRUE(std::filesystem::exists(holder.path));
  const ScratchFolder next("the test");
  EXPECT_FALSE(std::filesystem::exists(holder.path));
}

TEST(ScratchFolder, OfTheSameProcessIsLeftAlone) {
  const ScratchFolder first("the test");
  const ScratchFolder second("the test");
  EXPECT_TRUE(std::filesystem::exists(first.path()));
  EXPECT_NE(first.path(), second.path());
}

// Without TMPDIR as it was, other tests have no place.
class TemporaryPlace {
 public:
  explicit TemporaryPlace(const std::filesystem::path& value)
      : before_(environment_variable("TMPDIR")) {
    ::setenv("TMPDIR", value.c_str(), 1);
  }
  ~TemporaryPlace() { before_ ? ::setenv("TMPDIR", before_->c_str(), 1) : ::unsetenv("TMPDIR"); }

 private:
  std::optional<std::string> before_;
};

TEST(ScratchFolder, WithoutAPlaceSaysWhatTheVariableNames) {
  const test::TemporaryFolder folder;
  std::ofstream(folder / "file") << "text";
  for (const auto& place : {folder / "absent", folder / "file"}) {
    const TemporaryPlace chosen(place);
    const auto error = test::error_of([] { const ScratchFolder none("the test"); });
    ASSERT_TRUE(error.has_value());
    EXPECT_EQ(exit_code(error->kind()), 5);
    EXPECT_THAT(error->what(), testing::HasSubstr("`TMPDIR=" + place.string() + "`"));
  }
}

}  // namespace
}  // namespace ponte
