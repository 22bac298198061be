#include "base/bytes.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <array>
#include <limits>

#include "expect_error.h"
#include "temporary_folder.h"

namespace ponte {
namespace {

using test::expect_error;
using test::TemporaryFolder;
namespace fs = std::filesystem;

std::string read_text(const std::shared_ptr<const ByteSource>& source) {
  return whole(source).read_text();
}

TEST(Bytes, APartOfARangeLiesInsideIt) {
  const ByteRange range = whole(buffer_source("0123456789")).part(2, 6);
  EXPECT_EQ(range.read_text(), "234567");
  EXPECT_EQ(range.part(1, 3).read_text(), "345");
  EXPECT_EQ(range.part(6, 0).read_text(), "");
  constexpr auto most = std::numeric_limits<std::uint64_t>::max();
  expect_error(Code::TruncatedFile, [&] { range.part(4, 3); });
  expect_error(Code::TruncatedFile, [&] { range.part(7, 0); });
  expect_error(Code::TruncatedFile, [&] { range.part(1, most); });
  expect_error(Code::TruncatedFile, [&] { range.part(most, 1); });
}

TEST(Bytes, NothingIsReservedForARangeThatItsSourceCannotHold) {
  const ByteRange range{buffer_source("abc"), 1, std::uint64_t{1} << 60};
  expect_error(Code::TruncatedFile, [&] { range.read_all(); });
  expect_error(Code::TruncatedFile, [&] { range.read_text(); });
}

TEST(Bytes, AnEmptyRangeNeedsNoSource) { EXPECT_TRUE(ByteRange().read_all().empty()); }

TEST(FileSource, ReadsAtAnyOffsetAndRefusesMore) {
  const TemporaryFolder folder;
  const auto source = open_file(folder.write("a.bin", "hello world"));
  EXPECT_EQ(source->size(), 11u);
  EXPECT_EQ(whole(source).part(6, 5).read_text(), "world");
  EXPECT_GE(source->descriptor(), 0);
  std::array<std::byte, 4> out{};
  expect_error(Code::TruncatedFile, [&] { source->read(8, out); });
  expect_error(Code::TruncatedFile, [&] { source->read(~0ull, out); });
}

TEST(FileSource, AFileThatGrowsShrinksOrIsWrittenAgainHasChanged) {
  const TemporaryFolder folder;
  for (const std::string_view text : {"hello world!", "hello", "HELLO WORLD"}) {
    const auto file = folder.write("a.bin", "hello world");
    fs::last_write_time(file, fs::file_time_type::clock::now() - std::chrono::hours(1));
    const auto source = open_file(file);
    EXPECT_EQ(read_text(source), "hello world");
    folder.write("a.bin", text);
    expect_error(Code::FileChanged, [&] { read_text(source); });
    expect_error(Code::FileChanged, [&] { source->read(0, {}); });
  }
}

TEST(FileSource, AFileThatIsReplacedStaysReadable) {
  const TemporaryFolder folder;
  const auto source = open_file(folder.write("a.bin", "old"));
  fs::rename(folder.write("b.bin", "new text"), folder / "a.bin");
  EXPECT_EQ(read_text(source), "old");
}

TEST(FileSource, OnlyRegularFilesAreOpened) {
  const TemporaryFolder folder;
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  expect_error(Code::CannotOpenFile, [&] { open_file(folder / "pipe"); });
  expect_error(Code::CannotOpenFile, [&] { open_file(folder.path()); });
  expect_error(Code::CannotOpenFile, [&] { open_file("/dev/zero"); });
  const auto error = test::error_of([&] { open_file(folder / "absent"); });
  ASSERT_TRUE(error);
  EXPECT_NE(std::string(error->what()).find("No such file or directory"), std::string::npos)
      << error->what();
  EXPECT_EQ(error->where().file, (folder / "absent").native());
}

class OpenBeneath : public ::testing::Test {
 protected:
  OpenBeneath() {
    folder.write("model/weights.bin", "weights");
    folder.write("model/sub/more.bin", "more");
    folder.write("secret.bin", "secret");
  }

  void expect_refused(std::string_view relative) const {
    SCOPED_TRACE(relative);
    expect_error(Code::PathOutsideModel, [&] { open_beneath(model, relative); });
  }

  TemporaryFolder folder;
  fs::path model = folder / "model";
};

TEST_F(OpenBeneath, OpensFilesInTheFolderAndBelow) {
  EXPECT_EQ(read_text(open_beneath(model, "weights.bin")), "weights");
  EXPECT_EQ(read_text(open_beneath(model, "./sub//more.bin")), "more");
}

TEST_F(OpenBeneath, RefusesPathsThatAreNotPlainlyRelative) {
  expect_refused("");
  expect_refused("/etc/passwd");
  expect_refused((model / "weights.bin").native());
  expect_refused("../secret.bin");
  expect_refused("sub/../weights.bin");
  expect_refused("..");
  expect_refused("sub\\more.bin");
  expect_refused(std::string_view("weights.bin\0.txt", 16));
}

TEST_F(OpenBeneath, AllowsDotsInNames) {
  folder.write("model/..weights", "dots");
  EXPECT_EQ(read_text(open_beneath(model, "..weights")), "dots");
}

TEST_F(OpenBeneath, RefusesLinksThatLeaveTheFolder) {
  fs::create_symlink("../secret.bin", model / "relative");
  fs::create_symlink(folder / "secret.bin", model / "absolute");
  fs::create_symlink(model / "weights.bin", model / "absolute_inside");
  fs::create_directory_symlink("..", model / "up");
  fs::create_symlink("loop", model / "loop");
  fs::create_directory_symlink("/proc/self/root", model / "magic");
  expect_refused("relative");
  expect_refused("absolute");
  expect_refused("absolute_inside");
  expect_refused("up/secret.bin");
  expect_refused("loop");
  expect_refused("magic/etc/passwd");
}

TEST_F(OpenBeneath, FollowsLinksThatStayInside) {
  fs::create_symlink("sub/more.bin", model / "link");
  EXPECT_EQ(read_text(open_beneath(model, "link")), "more");
}

TEST_F(OpenBeneath, OpensRegularFilesOnly) {
  ASSERT_EQ(::mkfifo((model / "pipe").c_str(), 0600), 0);
  expect_error(Code::PathOutsideModel, [&] { open_beneath(model, "pipe"); });
  expect_error(Code::PathOutsideModel, [&] { open_beneath(model, "sub"); });
  expect_error(Code::CannotOpenFile, [&] { open_beneath(model, "absent"); });
  expect_error(Code::CannotOpenFile, [&] { open_beneath(folder / "nowhere", "weights.bin"); });
}

// A model cache: snapshots/main/model.onnx and its data file are links into blobs/.
class OpenBeside : public ::testing::Test {
 protected:
  OpenBeside() {
    folder.write("blobs/1111", "model");
    folder.write("blobs/2222", "data");
    folder.write("elsewhere/secret", "secret");
    fs::create_directories(folder / "snapshots/main/sub");
    fs::create_symlink("../../blobs/1111", folder / "snapshots/main/model.onnx");
    fs::create_symlink("../../blobs/2222", folder / "snapshots/main/model.data");
  }

  TemporaryFolder folder;
  fs::path model = folder / "snapshots/main/model.onnx";
};

TEST_F(OpenBeside, ALinkBesideALinkedModelMayLeadToTheModelsRealFolder) {
  EXPECT_EQ(read_text(open_beside(model, "model.data")), "data");
}

TEST_F(OpenBeside, PlainFilesBesideTheModelAreOpened) {
  folder.write("snapshots/main/plain.data", "plain");
  EXPECT_EQ(read_text(open_beside(model, "plain.data")), "plain");
  EXPECT_EQ(read_text(open_beside(folder / "blobs/1111", "2222")), "data");
}

TEST_F(OpenBeside, AModelThatIsNoLinkGetsNoSuchException) {
  folder.write("snapshots/main/real.onnx", "model");
  expect_error(Code::PathOutsideModel,
               [&] { open_beside(folder / "snapshots/main/real.onnx", "model.data"); });
}

TEST_F(OpenBeside, NoOtherLinkMayLeave) {
  fs::create_symlink("../../elsewhere/secret", folder / "snapshots/main/other");
  fs::create_symlink("../../../blobs/2222", folder / "snapshots/main/sub/deep");
  expect_error(Code::PathOutsideModel, [&] { open_beside(model, "other"); });
  expect_error(Code::PathOutsideModel, [&] { open_beside(model, "sub/deep"); });
  expect_error(Code::PathOutsideModel, [&] { open_beside(model, "../main/model.data"); });
}

TEST_F(OpenBeside, ALinkedModelFindsItsDataWhereItReallyLies) {
  folder.write("blobs/model.bin", "real");
  EXPECT_EQ(read_text(open_beside(model, "model.bin")), "real");
  folder.write("snapshots/main/model.bin", "nearer");
  EXPECT_EQ(read_text(open_beside(model, "model.bin")), "nearer");
  expect_error(Code::PathOutsideModel, [&] { open_beside(model, "../elsewhere/secret"); });
}

TEST_F(OpenBeside, DataThatIsNotThereIsMissing) {
  expect_error(Code::MissingWeights, [&] { open_beside(model, "absent"); });
  expect_error(Code::MissingWeights, [&] { open_beside(folder / "blobs/1111", "absent"); });
}

TEST_F(OpenBeside, WorksForAModelNamedWithoutAFolder) {
  const fs::path before = fs::current_path();
  fs::current_path(folder / "snapshots/main");
  EXPECT_EQ(read_text(open_beside("model.onnx", "model.data")), "data");
  fs::current_path(before);
}

}  // namespace
}  // namespace ponte
