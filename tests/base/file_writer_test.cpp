#include "base/file_writer.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "expect_error.h"
#include "temporary_folder.h"

namespace ponte {
namespace {

using test::expect_error;
using test::TemporaryFolder;
using test::text_of;
namespace fs = std::filesystem;

std::size_t files_in(const fs::path& folder) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

std::string pattern(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 31 % 251);
  return text;
}

TEST(FileWriter, CommitReplacesTheTarget) {
  const TemporaryFolder folder;
  const auto target = folder.write("out", "old");
  FileWriter writer(target);
  writer.write("new ");
  writer.write("text");
  EXPECT_EQ(text_of(target), "old");
  writer.commit();
  EXPECT_EQ(text_of(target), "new text");
  EXPECT_EQ(files_in(folder.path()), 1u);
}

TEST(FileWriter, WithoutCommitTheOldFileStaysAndNothingIsLeft) {
  const TemporaryFolder folder;
  const auto target = folder.write("out", "old");
  {
    FileWriter writer(target);
    writer.write(pattern(3 << 20));
  }
  EXPECT_EQ(text_of(target), "old");
  EXPECT_EQ(files_in(folder.path()), 1u);
}

TEST(FileWriter, AStopEndsWritingAndCopying) {
  const TemporaryFolder folder;
  const auto source = open_file(folder.write("in", pattern(3 << 20)));
  std::stop_source stop;
  FileWriter writer(folder / "out", stop.get_token());
  writer.write(pattern(3 << 20));
  stop.request_stop();
  expect_error(Code::Interrupted, [&] { writer.write(pattern(3 << 20)); });
  expect_error(Code::Interrupted, [&] { writer.copy(whole(source)); });
  EXPECT_EQ(files_in(folder.path()), 1u);
}

TEST(FileWriter, MoreThanTheDiskHasIsRefusedAtOnce) {
  const TemporaryFolder folder;
  const FileWriter writer(folder / "out");
  writer.require_space(1);
  expect_error(Code::CannotWriteFile, [&] { writer.require_space(std::uint64_t{1} << 60); });
}

TEST(FileWriter, PiecesOfAnySizeArriveInOrder) {
  const TemporaryFolder folder;
  const std::string text = pattern((5 << 20) + 17);
  FileWriter writer(folder / "out");
  std::size_t at = 0;
  for (const std::size_t size : {1u, 1000u, 1u << 20, 7u, (2u << 20) + 1, 0u, 1048575u}) {
    writer.write(std::string_view(text).substr(at, size));
    at += size;
    EXPECT_EQ(writer.position(), at);
  }
  writer.write(std::string_view(text).substr(at));
  writer.commit();
  EXPECT_EQ(text_of(folder / "out"), text);
}

TEST(FileWriter, CopiesRangesOfFilesAndOfMemory) {
  const TemporaryFolder folder;
  const std::string text = pattern((4 << 20) + 5);
  const ByteRange file = whole(open_file(folder.write("in", text)));
  FileWriter writer(folder / "out");
  writer.write("head");
  writer.copy(file.part(3, (3 << 20) + 1));  // by the kernel
  writer.copy(file.part(10, 100));           // too small for that
  writer.copy(whole(buffer_source("memory")).part(1, 3));
  writer.copy(ByteRange());
  writer.write("tail");
  const std::uint64_t position = writer.position();
  writer.commit();
  const std::string expected =
      "head" + text.substr(3, (3 << 20) + 1) + text.substr(10, 100) + "emo" + "tail";
  EXPECT_EQ(position, expected.size());
  EXPECT_TRUE(text_of(folder / "out") == expected);
}

// A file whose descriptor the kernel can't copy from.
class NotCopyable final : public ByteSource {
 public:
  explicit NotCopyable(std::string text) : text_(std::move(text)) { EXPECT_EQ(::pipe(pipe_), 0); }
  ~NotCopyable() override {
    ::close(pipe_[0]);
    ::close(pipe_[1]);
  }
  std::uint64_t size() const override { return text_.size(); }
  int descriptor() const override { return pipe_[0]; }
  std::string describe() const override { return "pipe"; }
  void read(std::uint64_t offset, std::span<std::byte> out) const override {
    std::ranges::copy(std::as_bytes(std::span(text_)).subspan(offset, out.size()), out.begin());
  }

 private:
  std::string text_;
  int pipe_[2] = {-1, -1};
};

TEST(FileWriter, CopiesThroughMemoryWhereTheKernelCannot) {
  const TemporaryFolder folder;
  const std::string text = pattern((3 << 20) + 5);
  FileWriter writer(folder / "out");
  writer.copy(whole(std::make_shared<NotCopyable>(text)));
  writer.commit();
  EXPECT_TRUE(text_of(folder / "out") == text);
}

TEST(FileWriter, ACopyOfAFileThatChangedFails) {
  const TemporaryFolder folder;
  const auto in = folder.write("in", pattern(2 << 20));
  fs::last_write_time(in, fs::file_time_type::clock::now() - std::chrono::hours(1));
  const ByteRange range = whole(open_file(in));
  folder.write("in", pattern((2 << 20) + 1));
  FileWriter writer(folder / "out");
  expect_error(Code::FileChanged, [&] { writer.copy(range); });
}

TEST(FileWriter, ACopyBeyondTheEndOfItsSourceFails) {
  const TemporaryFolder folder;
  FileWriter writer(folder / "out");
  expect_error(Code::TruncatedFile, [&] { writer.copy({buffer_source("abc"), 1, 3}); });
}

TEST(FileWriter, PadsToAMultiple) {
  const TemporaryFolder folder;
  FileWriter writer(folder / "out");
  writer.pad_to(64);
  EXPECT_EQ(writer.position(), 0u);
  writer.write("abc");
  writer.pad_to(64);
  writer.pad_to(64);
  EXPECT_EQ(writer.position(), 64u);
  writer.pad_to((3 << 20) + 1);
  writer.commit();
  EXPECT_EQ(text_of(folder / "out"), "abc" + std::string((3 << 20) - 2, '\0'));
}

TEST(FileWriter, TheModeIsThatOfANewFile) {
  const TemporaryFolder folder;
  const mode_t before = ::umask(027);
  write_file(folder / "out", "text");
  ::umask(before);
  struct stat state {};
  ASSERT_EQ(::stat((folder / "out").c_str(), &state), 0);
  EXPECT_EQ(state.st_mode & 0777, 0640u);
}

TEST(FileWriter, AFileThatIsReplacedKeepsItsMode) {
  const TemporaryFolder folder;
  const auto target = folder.write("out", "old");
  ASSERT_EQ(::chmod(target.c_str(), 0604), 0);
  write_file(target, "new");
  struct stat state {};
  ASSERT_EQ(::stat(target.c_str(), &state), 0);
  EXPECT_EQ(state.st_mode & 0777, 0604u);
}

TEST(FileWriter, AReadOnlyFileIsKept) {
  const TemporaryFolder folder;
  const auto target = folder.write("out", "old");
  ASSERT_EQ(::chmod(target.c_str(), 0444), 0);
  expect_error(Code::CannotWriteFile, [&] { write_file(target, "new"); });
  EXPECT_EQ(text_of(target), "old");
  EXPECT_EQ(files_in(folder.path()), 1u);
}

TEST(FileWriter, ATargetThatIsALinkStaysOne) {
  const TemporaryFolder folder;
  folder.write("real/file", "old");
  fs::create_symlink("real/file", folder / "link");
  write_file(folder / "link", "new");
  EXPECT_TRUE(fs::is_symlink(folder / "link"));
  EXPECT_EQ(text_of(folder / "real/file"), "new");
  EXPECT_EQ(files_in(folder / "real"), 1u);
}

TEST(FileWriter, TargetsThatAreNoFilesAreRefused) {
  const TemporaryFolder folder;
  expect_error(Code::CannotWriteFile, [&] { FileWriter(folder.path()); });
  expect_error(Code::CannotWriteFile, [] { FileWriter("/dev/null"); });
  expect_error(Code::CannotWriteFile, [] { FileWriter(""); });
  const auto error = test::error_of([&] { FileWriter(folder / "absent/out"); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), Code::CannotWriteFile);
  EXPECT_NE(std::string(error->what()).find("No such file or directory"), std::string::npos)
      << error->what();
}

// Runs `action` in a child whose files may not pass 1 MiB, which fails like a full disk; true where
// it threw CannotWriteFile.
template <typename Action>
bool fails_where_files_are_limited(Action action) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    const struct rlimit limit { 1 << 20, 1 << 20 };
    ::setrlimit(RLIMIT_FSIZE, &limit);
    try {
      action();
    } catch (const Error& error) {
      ::_exit(error.code() == Code::CannotWriteFile ? 7 : 8);
    }
    ::_exit(0);
  }
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return WIFEXITED(status) && WEXITSTATUS(status) == 7;
}

TEST(FileWriter, AFullDiskLeavesTheOldFileAndNothingElse) {
  const TemporaryFolder folder;
  const auto target = folder.write("out", "old");
  const std::string text = pattern(3 << 20);
  const auto in = folder.write("in", text);
  EXPECT_TRUE(fails_where_files_are_limited([&] { write_file(target, text); }));
  EXPECT_TRUE(fails_where_files_are_limited([&] {
    FileWriter writer(target);
    writer.copy(whole(open_file(in)));
    writer.commit();
  }));
  EXPECT_EQ(text_of(target), "old");
  EXPECT_EQ(files_in(folder.path()), 2u);
}

TEST(FileWriter, AProcessThatIsKilledLeavesNothing) {
  const TemporaryFolder folder;
  const auto target = folder.write("out", "old");
  const pid_t child = ::fork();
  if (child == 0) {
    FileWriter writer(target);
    writer.write(pattern(3 << 20));
    ::raise(SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(text_of(target), "old");
  EXPECT_EQ(files_in(folder.path()), 1u);
}

}  // namespace
}  // namespace ponte
