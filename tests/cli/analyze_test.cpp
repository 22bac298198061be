// The whole way, on the network of examples/digits and the runtimes of this machine.
#include <gmock/gmock.h>

#include "base/json.h"
#include "cli/program.h"

namespace ponte::cli {
namespace {

using test::Outcome;
using test::Playground;
using testing::HasSubstr;
using testing::Not;

// Null where both are here.
std::string missing_runtime(const Playground& playground) {
  const Outcome outcome = playground.run("ponte runtimes --look-only --json");
  const Json known = parse_json(outcome.output);
  for (const Json& runtime : known["runtimes"]) {
    const std::string name = runtime["name"];
    if ((name == "onnxruntime" || name == "opencv") && runtime["found"] == false)
      return name + " is not here: " + runtime["why_not"].get<std::string>();
  }
  return {};
}

std::string digits(std::string_view file) {
  return (test::source_folder() / "examples/digits" / file).string();
}

class AnalyzeDigits : public testing::Test {
 protected:
  void SetUp() override {
    if (const std::string why = missing_runtime(playground_); !why.empty()) GTEST_SKIP() << why;
  }

  Playground playground_;
};

TEST_F(AnalyzeDigits, ends_with_a_verdict_a_comparison_and_the_accuracy_of_both_runtimes) {
  const Outcome outcome = playground_.run(
      "ponte analyze " + digits("digits.prototxt") + " --weights " + digits("digits.caffemodel") +
      " --quick --json --inputs " + digits("test_set.npz") + " --labels labels");
  ASSERT_EQ(outcome.exit_code, 0) << outcome.messages;
  const Json json = parse_json(outcome.output);
  EXPECT_EQ(json["schema"], "ponte/analyze/1");
  EXPECT_EQ(json["run"], 1);
  EXPECT_THAT(outcome.messages, HasSubstr("`ponte report 1`"));
  EXPECT_EQ(json["inspect"]["format"], "caffe");
  EXPECT_EQ(json["convert"]["target"], "digits.onnx");
  EXPECT_GT(json["convert"]["nodes"], 0);
  EXPECT_EQ(json["verify"]["verdict"], "equivalent");
  ASSERT_FALSE(json["bench"]["comparisons"].empty());
  EXPECT_TRUE(json["bench"]["comparisons"][0]["ci_low"].is_number());
  EXPECT_FALSE(json["bench"]["profile"].empty());

  const Json expected = parse_json(test::text_of(digits("accuracy.json")));
  ASSERT_EQ(json["accuracy"].size(), 2U);
  for (const Json& row : json["accuracy"]) {
    EXPECT_EQ(row["samples"], expected["test_samples"]) << row["runtime"];
    EXPECT_EQ(row["accuracy"], expected["accuracy"]) << row["runtime"];
  }

  ASSERT_EQ(json["files"].size(), 1U);
  EXPECT_EQ(json["files"][0]["path"], "digits.report.html");
  const std::string page = test::text_of(playground_.path() / "digits.report.html");
  EXPECT_THAT(page.substr(0, page.find("<nav")), HasSubstr("The same network"));
}

TEST_F(AnalyzeDigits, can_be_shown_again_and_compared_with_a_second_time) {
  const std::string command = "ponte analyze -q " + digits("digits.onnx") + " --quick -o ";
  ASSERT_EQ(playground_.run(command + "first.html").exit_code, 0);
  ASSERT_EQ(playground_.run(command + "second.md").exit_code, 0);
  EXPECT_EQ(playground_.run("ponte report 1 -o again.html").exit_code, 0);
  EXPECT_EQ(test::text_of(playground_.path() / "again.html"),
            test::text_of(playground_.path() / "first.html"));
  EXPECT_THAT(playground_.run("ponte report --to csv").output, HasSubstr("trial,t1,"));
  const Json comparison = parse_json(playground_.run("ponte report 1 2 --json").output);
  EXPECT_EQ(comparison["schema"], "ponte/comparison/1");
  EXPECT_FALSE(comparison["trials"].empty());
}

TEST(AnalyzeCommand, says_what_is_wrong_with_its_flags) {
  const Playground playground;
  const auto error_of = [&](const std::string& flags) {
    const Outcome outcome = playground.run("ponte analyze models/scaled.onnx " + flags);
    EXPECT_EQ(outcome.exit_code, 2) << flags;
    return outcome.messages;
  };
  EXPECT_THAT(error_of("--labels classes"), HasSubstr("`--labels` needs `--inputs FILE.npz`"));
  EXPECT_THAT(error_of("-o report.txt"), HasSubstr("the name `report.txt` does not say a form"));
  EXPECT_THAT(error_of("--fail-on hihg"), HasSubstr("did you mean `high`?"));
  EXPECT_THAT(error_of("--budget soon"), HasSubstr("write --budget 30s"));
  EXPECT_THAT(error_of("--threads 1,60000"), HasSubstr("`--threads` goes up to"));
  EXPECT_THAT(error_of("-o - --json"), HasSubstr("both want standard output"));
}

TEST(AnalyzeCommand, writes_no_report_of_what_makes_no_sense) {
  const Playground playground;
  const Outcome outcome = playground.run(
      "echo old >old.html; ponte analyze models/counted.onnx --runtime nosuch -o old.html; "
      "code=$?; cat old.html; exit $code");
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.output, HasSubstr("old"));
  EXPECT_THAT(outcome.messages, HasSubstr("nosuch"));
}

TEST(AnalyzeCommand, says_that_there_are_no_findings_to_fail_on) {
  const Playground playground;
  const std::string command = "ponte analyze models/mismatch.onnx ";
  EXPECT_THAT(playground.run(command + "--fail-on low").messages,
              HasSubstr("warning[PT1001]: `--fail-on` never fails"));
  const Json json = parse_json(playground.run(command + "--json --fail-on high").output);
  EXPECT_THAT(json_line(json["problems"]), HasSubstr("`--fail-on` never fails"));
  EXPECT_THAT(playground.run(command).messages, Not(HasSubstr("--fail-on")));
}

}  // namespace
}  // namespace ponte::cli
