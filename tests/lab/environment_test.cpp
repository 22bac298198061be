// A machine's description, from files that stand for /proc and /sys.
#include "lab/environment.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>

#include "base/json.h"

namespace ponte::lab {
namespace {

class Machine : public testing::Test {
 protected:
  Machine() {
    std::string name = (std::filesystem::temp_directory_path() / "ponte-machine-XXXXXX").string();
    root_ = ::mkdtemp(name.data());
  }
  ~Machine() override {
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }
  void write(const std::string& path, const std::string& text) {
    std::filesystem::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << text;
  }

  std::filesystem::path root_;
};

TEST_F(Machine, TellsWhatCanChangeTheResult) {
  for (int i = 0; i < 4; ++i) {
    const std::string topology = "sys/devices/system/cpu/cpu" + std::to_string(i) + "/topology/";
    write(topology + "core_id", std::to_string(i / 2) + "\n");
    write(topology + "physical_package_id", "0\n");
  }
  std::string cpuinfo;
  for (int i = 0; i < 4; ++i)
    cpuinfo += "processor\t: " + std::to_string(i) +
               "\nmodel name\t: Test CPU\ncpu MHz\t\t: 2000.5\nflags\t\t: avx2 hypervisor\n\n";
  write("proc/cpuinfo", cpuinfo);
  write("proc/meminfo", "MemTotal:       1000 kB\nMemFree: 1 kB\n");
  const std::string cache = "sys/devices/system/cpu/cpu0/cache/index";
  write(cache + "0/level", "1\n");
  write(cache + "0/type", "Data\n");
  write(cache + "0/size", "32K\n");
  write(cache + "1/level", "1\n");
  write(cache + "1/type", "Instruction\n");
  write(cache + "1/size", "64K\n");
  write(cache + "2/level", "2\n");
  write(cache + "2/type", "Unified\n");
  write(cache + "2/size", "2M\n");
  write("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "performance\n");
  write("sys/devices/system/cpu/intel_pstate/no_turbo", "1\n");
  write("sys/devices/system/cpu/smt/active", "1\n");
  write("proc/self/cgroup", "0::/user/job\n");
  write("sys/fs/cgroup/user/memory.max", "500000\n");
  write("sys/fs/cgroup/user/job/memory.max", "max\n");
  write("sys/fs/cgroup/user/job/cpu.max", "150000 100000\n");
  write("proc/1/cgroup", "0::/kubepods/x\n");

  const Json machine = describe_machine(root_);
  EXPECT_EQ(machine["cpu"]["model"], "Test CPU");
  EXPECT_EQ(machine["cpu"]["processors"], 4);
  EXPECT_EQ(machine["cpu"]["cores"], 2);
  EXPECT_EQ(machine["cpu"]["threads_per_core"], 2);
  EXPECT_EQ(machine["cpu"]["flags"], (Json{"avx2", "hypervisor"}));
  EXPECT_EQ(machine["cpu"]["l1d_bytes"], 32 * 1024);
  EXPECT_EQ(machine["cpu"]["l2_bytes"], 2 * 1024 * 1024);
  EXPECT_TRUE(machine["cpu"]["l3_bytes"].is_null());
  EXPECT_EQ(machine["virtual_machine"], true);
  EXPECT_EQ(machine["governor"], "performance");
  EXPECT_EQ(machine["turbo"], false);
  EXPECT_EQ(machine["smt"], true);
  EXPECT_EQ(machine["cgroup"]["cpu.max"], "150000 100000");
  EXPECT_EQ(machine["memory_bytes"], 1'024'000);
  EXPECT_EQ(machine["container"], "kubernetes");
  EXPECT_EQ(memory_limit_bytes(root_), 500'000U);
  EXPECT_GT(machine["clock"]["resolution_ns"], 0);
}

TEST_F(Machine, OfTheFirstVersionOfControlGroupsHasLimitsToo) {
  write("proc/meminfo", "MemTotal:       1000 kB\n");
  write("proc/self/cgroup", "4:cpu,cpuacct:/a\n3:memory:/a/b\n");
  write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  write("sys/fs/cgroup/memory/a/b/memory.limit_in_bytes", "4096\n");
  write("sys/fs/cgroup/cpu/a/cpu.cfs_quota_us", "-1\n");
  write("sys/fs/cgroup/cpu/a/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(memory_limit_bytes(root_), 4096U);
  EXPECT_EQ(describe_machine(root_)["cgroup"]["cpu.max"], "max 100000");
}

TEST_F(Machine, ThatTellsNothingIsNulls) {
  const Json machine = describe_machine(root_);
  EXPECT_TRUE(machine["cpu"]["model"].is_null());
  EXPECT_TRUE(machine["cpu"]["cores"].is_null());
  EXPECT_TRUE(machine["governor"].is_null());
  EXPECT_TRUE(machine["turbo"].is_null());
  EXPECT_TRUE(machine["memory_bytes"].is_null());
  EXPECT_EQ(machine["container"], "none");
  EXPECT_EQ(memory_limit_bytes(root_), 0U);
}

TEST(Environment, SeparatesTheLoadOfOthersFromItsOwn) {
  const MachineState before{.time = std::chrono::seconds(10),
                            .frequency_mhz = 2000.0,
                            .busy_seconds = 100.0,
                            .own_seconds = 5};
  const MachineState after{.time = std::chrono::seconds(20),
                           .frequency_mhz = 1800.4,
                           .busy_seconds = 117.0,
                           .own_seconds = 17};
  const Json json = describe_environment(before, after);
  EXPECT_DOUBLE_EQ(json["load_of_others"], 0.5);
  EXPECT_EQ(json["frequency_mhz"]["before"], 2000);
  EXPECT_EQ(json["frequency_mhz"]["after"], 1800);
  EXPECT_TRUE(json["load_average"]["before"].is_null());
}

TEST(Environment, OfThisMachineIsWhole) {
  const MachineState state = look_at_machine();
  EXPECT_GT(state.own_seconds, 0);
  const Json json = describe_environment(state, look_at_machine());
  for (const char* key : {"host", "cpu", "governor", "turbo", "smt", "cgroup", "memory_bytes",
                          "kernel", "container", "clock", "frequency_mhz", "load_of_others"}) {
    EXPECT_TRUE(json.contains(key)) << key;
  }
}

}  // namespace
}  // namespace ponte::lab
