// All case files of tests/data/ops.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "harness/case_runner.h"
#include "ops/all_ops.h"
#include "paths.h"

namespace ponte::harness {
namespace {

class OpCases : public testing::Test {
 public:
  explicit OpCases(OpCase op_case) : op_case_(std::move(op_case)) {}
  void TestBody() override { run_case(op_case_); }

 private:
  OpCase op_case_;
};

class UnreadableFile : public testing::Test {
 public:
  explicit UnreadableFile(std::string problem) : problem_(std::move(problem)) {}
  void TestBody() override { FAIL() << problem_; }

 private:
  std::string problem_;
};

std::string sentence(const OpCase& op_case) {
  std::string result = fmt::format("{}_{}_", op_case.op, op_case.line);
  for (const char c : op_case.title)
    result += std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  return result;
}

// Ops with a body, which these files can't say: loops_test.cpp and evaluator_test.cpp have them.
const std::set<std::string_view> with_bodies{"If", "Loop", "Scan"};

TEST(Gate, Every_op_has_a_case) {
  std::set<std::pair<std::string, std::string>> covered;
  for (const auto& entry : std::filesystem::directory_iterator(test::data_folder() / "ops")) {
    if (entry.path().extension() != ".txt") continue;
    for (const OpCase& op_case : read_cases(entry.path(), ops::all_ops()))
      covered.emplace(op_case.domain, op_case.op);
  }
  for (const ir::Op* op : ops::all_ops().ops()) {
    const bool has_case = covered.contains({std::string(op->domain), std::string(op->name)});
    EXPECT_NE(has_case, with_bodies.contains(op->name)) << op->name;
  }
}

// Run before main: each case becomes a test of its own.
const bool registered = [] {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(test::data_folder() / "ops")) {
    if (entry.path().extension() == ".txt") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  for (const auto& path : files) {
    const std::string suite = "OpCases";
    try {
      for (const OpCase& op_case : read_cases(path, ops::all_ops())) {
        testing::RegisterTest(suite.c_str(), sentence(op_case).c_str(), nullptr, nullptr,
                              path.c_str(), op_case.line,
                              [op_case]() -> testing::Test* { return new OpCases(op_case); });
      }
    } catch (const Error& error) {
      const std::string problem = error.what();
      testing::RegisterTest("UnreadableCases", path.stem().c_str(), nullptr, nullptr, path.c_str(),
                            1,
                            [problem]() -> testing::Test* { return new UnreadableFile(problem); });
    }
  }
  return true;
}();

}  // namespace
}  // namespace ponte::harness
