#include "report/run_comparison.h"

#include <gmock/gmock.h>

#include "base/json.h"
#include "report/report.h"

namespace ponte::report {
namespace {

using testing::HasSubstr;

Json trial(const char* settings, double median, double low, double high) {
  return {{"id", "t1"},          {"runtime", "onnxruntime"},
          {"version", "1.32.0"}, {"device", "cpu"},
          {"batch", 1},          {"scenario", "single-stream"},
          {"median_ns", median}, {"ci_low_ns", low},
          {"ci_high_ns", high},  {"settings", Json::parse(settings)}};
}

Json run(int id, const Json& trials, const char* verdict = "equivalent") {
  return {{"schema", "ponte/analyze/1"},
          {"run", id},
          {"inspect", {{"nodes", 18}}},
          {"verify", {{"verdict", verdict}}},
          {"bench", {{"trials", trials}}}};
}

TEST(RunComparison, ClaimsOnlyWhatIntervalsThatLieApartShow) {
  const Json a = run(1, Json::array({trial("{}", 100, 98, 102)}));
  EXPECT_EQ(
      compare_runs(a, run(2, Json::array({trial("{}", 120, 118, 122)})))["trials"][0]["verdict"],
      "slower");
  EXPECT_EQ(compare_runs(a, run(2, Json::array({trial("{}", 90, 88, 92)})))["trials"][0]["verdict"],
            "faster");
  EXPECT_EQ(
      compare_runs(a, run(2, Json::array({trial("{}", 103, 101, 105)})))["trials"][0]["verdict"],
      "no difference seen");
}

TEST(RunComparison, ShowsTheRangeOverProcessesOfWhatIsNotSteady) {
  Json unsteady = trial("{}", 2e6, 1.9e6, 2.1e6);
  unsteady.update({{"ci_low_ns", nullptr},
                   {"ci_high_ns", nullptr},
                   {"steady", false},
                   {"process_low_ns", 1.8e6},
                   {"process_high_ns", 2.4e6}});
  const Json comparison = compare_runs(run(1, Json::array({trial("{}", 1e6, 0.98e6, 1.02e6)})),
                                       run(2, Json::array({unsteady})));
  EXPECT_THAT(terminal(comparison, {}), HasSubstr("1.80 to 2.40 ms (range over processes)"));
}

TEST(RunComparison, MatchesTrialsBySettingsAndNamesTheOthers) {
  const Json a = run(1, Json::array({trial("{}", 100, 98, 102)}));
  const Json b = run(2, Json::array({trial(R"({"intra_threads": "1"})", 100, 98, 102)}));
  const Json comparison = compare_runs(a, b);
  EXPECT_EQ(comparison["trials"], Json::array());
  EXPECT_EQ(comparison["only_a"], Json::array({"ONNX Runtime"}));
  EXPECT_EQ(comparison["only_b"], Json::array({"ONNX Runtime"}));
}

TEST(RunComparison, ListsOnlyFactsThatDiffer) {
  const Json comparison = compare_runs(run(1, {}), run(2, {}, "different"));
  EXPECT_EQ(comparison["facts"],
            Json::parse(R"([{"what": "same network", "a": "equivalent", "b": "different"}])"));
}

TEST(RunComparison, IsShownOnATerminalAndAsMarkdown) {
  const Json comparison = compare_runs(run(1, Json::array({trial("{}", 1e6, 0.98e6, 1.02e6)})),
                                       run(2, Json::array({trial("{}", 2e6, 1.9e6, 2.1e6)})));
  EXPECT_THAT(terminal(comparison, {}), HasSubstr("2.000  slower"));
  EXPECT_THAT(comparison_markdown(comparison), HasSubstr("| 2.000 | slower |"));
  EXPECT_THAT(comparison_markdown(comparison), HasSubstr("## run 2 against run 1"));
}

}  // namespace
}  // namespace ponte::report
