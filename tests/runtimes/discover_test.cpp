// Discovery in folders made for the test: environments, system folders, several versions, nothing
// at all.
#include "runtimes/discover.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <set>

#include "runtimes/libraries.h"

namespace ponte::runtimes {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class DiscoverTest : public testing::Test {
 protected:
  void SetUp() override {
    root_ =
        fs::canonical(fs::temp_directory_path()) / ("ponte-discover-" + std::to_string(::getpid()));
    fs::remove_all(root_);
    search_.worker_folder = root_ / "bin";
    touch("bin/ponte-worker-onnxruntime");
  }
  void TearDown() override { fs::remove_all(root_); }

  void touch(const std::string& path) {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << "x";
  }

  void environment(const std::string& name, const std::string& version) {
    touch(name + "/lib/python3.11/site-packages/onnxruntime/capi/libonnxruntime.so." + version);
    search_.places.push_back({.path = root_ / name, .origin = name});
  }

  Discovery find(const std::string& spec) { return discover(parse_runtime_spec(spec), search_); }

  fs::path root_;
  SearchPath search_;
};

TEST_F(DiscoverTest, FindsAPackageInAPythonEnvironment) {
  environment("active", "1.32.0");
  const Discovery discovery = find("onnxruntime");
  ASSERT_TRUE(discovery.found);
  EXPECT_EQ(discovery.found->version, "1.32.0");
  EXPECT_EQ(discovery.found->origin, "active");
  EXPECT_EQ(worker_command(*discovery.adapter, *discovery.found, search_).arguments.back(),
            discovery.found->library.string());
}

TEST_F(DiscoverTest, TheFirstPlaceWinsAndAVersionChoosesAmongAll) {
  environment("active", "1.20.1");
  environment("project", "1.32.0");
  EXPECT_EQ(find("onnxruntime").found->version, "1.20.1");
  EXPECT_EQ(find("onnxruntime@1.32.0").found->origin, "project");
  EXPECT_EQ(find("onnxruntime@1.32").found->version, "1.32.0");
  EXPECT_EQ(find("onnxruntime").all.size(), 2U);
  const Discovery missing = find("onnxruntime@1.3");
  EXPECT_FALSE(missing.found);
  EXPECT_THAT(missing.why_not, HasSubstr("1.20.1, 1.32.0"));
}

TEST_F(DiscoverTest, TheNewestOfOnePlaceComesFirst) {
  touch("usr/lib/libonnxruntime.so.1.9.0");
  touch("usr/lib/libonnxruntime.so.1.21.0");
  fs::create_symlink("libonnxruntime.so.1.21.0", root_ / "usr/lib/libonnxruntime.so");
  search_.places.push_back({.path = root_ / "usr", .origin = "the system"});
  const Discovery discovery = find("onnxruntime");
  ASSERT_EQ(discovery.all.size(), 2U);
  EXPECT_EQ(discovery.found->version, "1.21.0");
}

TEST_F(DiscoverTest, APathNamesALibraryAFolderOrAnEnvironment) {
  environment("elsewhere", "1.25.0");
  search_.places.clear();
  const std::string folder = (root_ / "elsewhere").string();
  EXPECT_EQ(find("onnxruntime@" + folder).found->version, "1.25.0");
  EXPECT_EQ(find("onnxruntime@" + folder + "/lib/python3.11/site-packages/onnxruntime/capi")
                .found->version,
            "1.25.0");
  EXPECT_EQ(find("onnxruntime@" + folder +
                 "/lib/python3.11/site-packages/onnxruntime/capi/libonnxruntime.so.1.25.0")
                .found->version,
            "1.25.0");
  const Discovery nothing = find("onnxruntime@" + folder + "/nowhere");
  EXPECT_FALSE(nothing.found);
  EXPECT_THAT(nothing.why_not, HasSubstr("nowhere"));
}

TEST_F(DiscoverTest, OtherLibrariesOfThePackageAreNotTheRuntime) {
  touch("env/lib/python3.11/site-packages/onnxruntime/capi/libonnxruntime_providers_shared.so");
  touch("env/lib/python3.11/site-packages/onnxruntime/capi/libonnxruntime.so.debug");
  search_.places.push_back({.path = root_ / "env", .origin = "env"});
  EXPECT_FALSE(find("onnxruntime").found);
}

TEST_F(DiscoverTest, SaysWhatIsMissingAndHowToGetIt) {
  const Discovery no_library = find("onnxruntime");
  EXPECT_FALSE(no_library.found);
  EXPECT_FALSE(no_library.how_to_get.empty());
  EXPECT_THROW(
      {
        try {
          require(no_library);
        } catch (const Error& error) {
          EXPECT_EQ(error.code(), Code::MissingRuntime);
          throw;
        }
      },
      Error);
  environment("active", "1.32.0");
  fs::remove(root_ / "bin/ponte-worker-onnxruntime");
  EXPECT_THROW(
      {
        try {
          require(find("onnxruntime"));
        } catch (const Error& error) {
          EXPECT_EQ(error.code(), Code::MissingWorker);
          EXPECT_FALSE(error.help().empty());
          throw;
        }
      },
      Error);
}

TEST_F(DiscoverTest, ListsEveryRuntimeForUsersFoundOrNot) {
  std::set<std::string_view> names;
  for (const Discovery& discovery : discover_all(search_)) names.insert(discovery.adapter->name);
  EXPECT_EQ(names, (std::set<std::string_view>{"onnxruntime", "opencv", "reference"}));
}

TEST(RuntimeSpecTest, HasANameAndPerhapsAVersionOrAPath) {
  EXPECT_EQ(parse_runtime_spec("onnxruntime").name, "onnxruntime");
  EXPECT_EQ(parse_runtime_spec("onnxruntime@1.20.0").version, "1.20.0");
  EXPECT_EQ(parse_runtime_spec("onnxruntime@/opt/a").path, "/opt/a");
  EXPECT_THROW(parse_runtime_spec("onnxruntime@"), Error);
  try {
    parse_runtime_spec("onxruntime");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::UnknownName);
    EXPECT_THAT(error.help(), HasSubstr("onnxruntime"));
  }
}

TEST(LibrariesTest, ComparesVersionsNumberByNumber) {
  EXPECT_TRUE(is_newer("1.32.0", "1.9.0"));
  EXPECT_FALSE(is_newer("1.9.0", "1.32.0"));
  EXPECT_FALSE(is_newer("1.9.0", "1.9.0"));
  EXPECT_TRUE(is_newer("1.9.0.1", "1.9.0"));
}

TEST(AdapterTest, EveryRuntimeDescribesItself) {
  for (const Adapter* adapter : all_runtimes()) {
    EXPECT_FALSE(adapter->title.empty()) << adapter->name;
    EXPECT_FALSE(adapter->formats.empty()) << adapter->name;
    EXPECT_FALSE(adapter->how_to_get.empty()) << adapter->name;
    EXPECT_FALSE(adapter->how_to_get_worker.empty()) << adapter->name;
    EXPECT_EQ(find_runtime(adapter->name), adapter);
  }
}

TEST(AdapterTest, DeclaresTheArithmeticOfDeviceAndSettings) {
  const Adapter& onnxruntime = *find_runtime("onnxruntime");
  EXPECT_EQ(onnxruntime.arithmetic("cpu", {}).name, "f32");
  EXPECT_EQ(onnxruntime.arithmetic("cuda:0", {}).name, "tf32");
  EXPECT_EQ(onnxruntime.arithmetic("cuda:0", {{"provider.use_tf32", "0"}}).name, "f32");
  EXPECT_EQ(find_runtime("opencv")->arithmetic("opencl_fp16", {}).name, "f16");
  EXPECT_EQ(find_runtime("reference")->arithmetic("cpu", {}).name, "f64");
}

TEST(AdapterTest, OpenCvFromElsewhereComesFirstInTheLoadersPath) {
  const Installation own{.runtime = "opencv",
                         .version = "4.6.0",
                         .library = "/opt/cv/libopencv_dnn.so.4.6.0",
                         .origin = "the path given"};
  const WorkerCommand command = worker_command(*find_runtime("opencv"), own, {});
  ASSERT_EQ(command.environment.size(), 1U);
  EXPECT_THAT(*command.environment[0].second, testing::StartsWith("/opt/cv"));
}

TEST(Runtimes, each_format_has_one_that_it_was_made_for) {
  EXPECT_EQ(own_runtime("caffe").name, "opencv");
  EXPECT_EQ(own_runtime("onnx").name, "onnxruntime");
  EXPECT_EQ(own_runtime("none of ours").name, "onnxruntime");
}

}  // namespace
}  // namespace ponte::runtimes
