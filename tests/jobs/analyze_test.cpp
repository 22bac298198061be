// On the fake runtime, which computes y = 2 x + 1 as tests/data/jobs/scaled.onnx does.
#include "jobs/analyze.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "base/json.h"
#include "base/temporary_folder.h"
#include "jobs/analyze_plan.h"
#include "paths.h"
#include "store/store.h"

namespace ponte::jobs {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view right_script = R"({
  "inputs": [{"name": "x", "shape": [2, 3]}],
  "outputs": [{"name": "y", "shape": [2, 3], "copy_of": "x", "scale": 2, "add": 1}],
  "latency": {"base_ns": 100000},
  "profile": [{"node": "double", "op": "Mul", "ns": 60000}, {"node": "shift", "op": "Add", "ns": 30000}]
})";

std::string with(std::string_view script, std::string_view entry) {
  const auto end = script.rfind('}');
  return std::string(script.substr(0, end)) + ", " + std::string(entry) + "}";
}

class Analyze : public testing::Test {
 protected:
  // The name of a fake runtime that does what the script says.
  std::string runtime(std::string_view name, std::string_view script) const {
    return "fake@" + folder_.write(name, script).string();
  }

  AnalyzeOptions options(const std::vector<std::string>& runtimes) const {
    ModelOptions model;
    model.path = test::data_folder() / "jobs" / "scaled.onnx";
    AnalyzeOptions options;
    options.bench.models = {model};
    options.bench.runtimes = runtimes;
    options.bench.rules.max_time = std::chrono::milliseconds(1);
    options.bench.store = folder_ / "store.sqlite3";
    options.bench.command_line = "ponte analyze scaled.onnx";
    options.report = folder_ / "report.html";
    return options;
  }

  bool has_report() const { return std::filesystem::exists(folder_ / "report.html"); }

  test::TemporaryFolder folder_;
};

TEST_F(Analyze, puts_all_steps_into_one_document_and_one_page) {
  const AnalyzeResult result = analyze(options({runtime("right.json", right_script)}));
  EXPECT_THAT(result.problems.entries(), IsEmpty());
  EXPECT_EQ(exit_code(result, ""), 0);
  const Json json = to_json(result);
  EXPECT_EQ(json["schema"], "ponte/analyze/1");
  EXPECT_EQ(json["inspect"]["nodes"], 2);
  EXPECT_TRUE(json["convert"].is_null());
  EXPECT_EQ(json["verify"]["verdict"], "equivalent");
  EXPECT_EQ(json["bench"]["trials"][0]["status"], "ok");
  EXPECT_EQ(json["bench"]["run"], json["run"]);
  EXPECT_EQ(json["findings"], Json::array());
  EXPECT_EQ(json["files"][0]["path"], (folder_ / "report.html").string());
  EXPECT_THAT(test::text_of(folder_ / "report.html"), HasSubstr("The same network"));
}

TEST_F(Analyze, asks_runtimes_for_the_time_of_each_node) {
  const Json json = to_json(analyze(options({runtime("right.json", right_script)})));
  const Json& profile = json["bench"]["profile"];
  ASSERT_EQ(profile.size(), 2U);
  EXPECT_EQ(profile[0]["trial"], "t1");
  EXPECT_EQ(profile[0]["node"], "double");
  EXPECT_EQ(profile[0]["ns"], 60000.0);
}

TEST_F(Analyze, is_stored_as_one_run_that_can_be_shown_again) {
  const AnalyzeOptions given = options({runtime("right.json", right_script)});
  const AnalyzeResult result = analyze(given);
  ASSERT_TRUE(result.run.has_value());
  const StoredReport stored = load_report(given.bench.store, "");
  EXPECT_EQ(stored.run.id, *result.run);
  EXPECT_EQ(stored.run.status, store::RunStatus::Finished);
  EXPECT_EQ(stored.document["schema"], "ponte/analyze/1");
  ASSERT_EQ(stored.samples.size(), 1U);
  EXPECT_EQ(stored.samples[0].trial_id, "t1");
  EXPECT_EQ(stored.samples[0].latencies_ns.size(),
            stored.document["bench"]["trials"][0]["samples"].get<std::size_t>());
  EXPECT_EQ(render(stored, ReportForm::Html), test::text_of(folder_ / "report.html"));
}

TEST_F(Analyze, says_so_when_a_runtime_computes_another_network) {
  const std::string wrong =
      with(right_script, R"("misbehaviours": [{"phase": "run", "action": "wrong_answer"}])");
  const AnalyzeResult result = analyze(options({runtime("wrong.json", wrong)}));
  EXPECT_EQ(to_json(result)["verify"]["verdict"], "different");
  EXPECT_EQ(exit_code(result, ""), 1);
  EXPECT_THAT(test::text_of(folder_ / "report.html"),
              HasSubstr("own runtime gives something else"));
}

TEST_F(Analyze, reports_the_rest_when_a_runtime_crashes) {
  const std::string crashing =
      with(right_script, R"("misbehaviours": [{"phase": "measure", "action": "crash"}])");
  const AnalyzeResult result =
      analyze(options({runtime("right.json", right_script), runtime("crashing.json", crashing)}));
  const Json json = to_json(result);
  EXPECT_EQ(json["bench"]["trials"][0]["status"], "ok");
  EXPECT_EQ(json["bench"]["trials"][1]["status"], "crashed");
  EXPECT_EQ(exit_code(result, ""), 0);
  EXPECT_TRUE(has_report());
}

TEST_F(Analyze, reports_model_and_reasons_when_no_runtime_answers) {
  const std::string crashing =
      with(right_script, R"("misbehaviours": [{"phase": "load", "action": "crash"}])");
  const AnalyzeResult result = analyze(options({runtime("crashing.json", crashing)}));
  EXPECT_EQ(exit_code(result, ""), 4);
  EXPECT_EQ(to_json(result)["inspect"]["nodes"], 2);
  EXPECT_TRUE(has_report());
}

TEST_F(Analyze, names_a_runtime_that_is_not_there_after_the_rest_has_run) {
  const AnalyzeResult result = analyze(
      options({runtime("right.json", right_script), "onnxruntime@/absent/libonnxruntime.so"}));
  const Json json = to_json(result);
  EXPECT_EQ(json["bench"]["trials"][0]["status"], "ok");
  EXPECT_EQ(json["bench"]["trials"][1]["status"], "unavailable");
  EXPECT_EQ(exit_code(result, ""), 5);
  EXPECT_TRUE(has_report());
}

TEST_F(Analyze, ends_after_the_first_step_when_the_model_cannot_be_read) {
  AnalyzeOptions given = options({runtime("right.json", right_script)});
  given.bench.models.front().path = test::data_folder() / "jobs" / "make_models.py";
  const AnalyzeResult result = analyze(given);
  EXPECT_EQ(exit_code(result, ""), 3);
  EXPECT_FALSE(result.run.has_value());
  EXPECT_FALSE(has_report());
  EXPECT_FALSE(std::filesystem::exists(given.bench.store));
}

TEST_F(Analyze, reports_what_there_is_when_it_is_stopped_and_goes_on_with_the_same_run) {
  AnalyzeOptions given = options({runtime("right.json", right_script)});
  std::stop_source source;
  given.bench.stop = source.get_token();
  given.on_step = [&](std::string_view step) {
    if (step == "measuring") source.request_stop();
  };
  const AnalyzeResult stopped = analyze(given);
  EXPECT_EQ(exit_code(stopped, ""), 130);
  EXPECT_EQ(to_json(stopped)["verify"]["verdict"], "equivalent");
  EXPECT_TRUE(has_report());

  given.bench.stop = {};
  const AnalyzeResult resumed = analyze(given);
  EXPECT_EQ(exit_code(resumed, ""), 0);
  EXPECT_EQ(resumed.run, stopped.run);
  EXPECT_EQ(list_runs(given.bench.store).runs.size(), 1U);
}

TEST_F(Analyze, counts_right_answers_over_labelled_samples) {
  AnalyzeOptions given = options({runtime("right.json", right_script)});
  given.bench.input_files.samples = test::data_folder() / "jobs" / "scaled_samples.npz";
  given.bench.input_files.labels = "classes";
  const Json accuracy = to_json(analyze(given))["accuracy"];
  ASSERT_EQ(accuracy.size(), 1U);
  EXPECT_EQ(accuracy[0]["runtime"], "fake");
  EXPECT_EQ(accuracy[0]["right"], 3);
  EXPECT_EQ(accuracy[0]["samples"], 4);
  EXPECT_EQ(accuracy[0]["accuracy"], 0.75);
}

TEST_F(Analyze, names_the_arrays_where_there_are_no_labels_of_that_name) {
  AnalyzeOptions given = options({runtime("right.json", right_script)});
  given.bench.input_files.samples = test::data_folder() / "jobs" / "scaled_samples.npz";
  given.bench.input_files.labels = "clases";
  const AnalyzeResult result = analyze(given);
  EXPECT_EQ(exit_code(result, ""), 2);
  ASSERT_EQ(result.problems.entries().size(), 1U);
  EXPECT_EQ(result.problems.entries()[0].help, "did you mean `classes`?");
  EXPECT_FALSE(result.verify.has_value());
}

TEST_F(Analyze, ends_before_it_measures_where_report_or_store_cannot_be_written) {
  AnalyzeOptions report = options({runtime("right.json", right_script)});
  report.report = folder_ / "absent" / "report.html";
  AnalyzeOptions folder = report;
  folder.report = folder_.path();
  AnalyzeOptions store = options(report.bench.runtimes);
  store.bench.store = folder_.write("file", "no store") / "store.sqlite3";
  for (AnalyzeOptions* given : {&report, &folder, &store}) {
    given->on_step = [](std::string_view step) { ADD_FAILURE() << step; };
    const AnalyzeResult result = analyze(*given);
    EXPECT_EQ(exit_code(result, ""), 5);
    EXPECT_EQ(result.problems.entries().size(), 1U);
    EXPECT_EQ(result.inspect.nodes, 2U);
  }
}

TEST_F(Analyze, has_its_results_where_they_could_not_be_stored) {
  AnalyzeOptions given = options({runtime("right.json", right_script)});
  given.on_step = [&](std::string_view step) {
    if (step != "measuring") return;
    std::filesystem::remove_all(given.bench.store);
    std::filesystem::create_directory(given.bench.store);
  };
  const AnalyzeResult result = analyze(given);
  EXPECT_EQ(exit_code(result, ""), 5);
  EXPECT_FALSE(result.run.has_value());
  const Json json = to_json(result);
  EXPECT_EQ(json["verify"]["verdict"], "equivalent");
  EXPECT_TRUE(json["run"].is_null());
}

TEST_F(Analyze, tells_the_plan_before_it_begins) {
  AnalyzeOptions given = options({runtime("right.json", right_script)});
  std::vector<std::string> told;
  given.on_plan = [&](const AnalyzePlan& plan) {
    told.push_back(fmt::format("plan of {}", plan.trials.trials.size()));
  };
  given.on_step = [&](std::string_view step) { told.emplace_back(step); };
  analyze(given);
  ASSERT_GE(told.size(), 3U);
  EXPECT_EQ(told[0], "plan of 1");
  EXPECT_EQ(told[1], "comparing with the judge");
  EXPECT_EQ(told.back(), "measuring");
}

TEST(AnalyzeExitCode, is_one_for_findings_only_where_they_are_grave_enough) {
  AnalyzeResult result;
  result.findings.push_back({{"code", "F1"}, {"severity", "medium"}});
  EXPECT_EQ(exit_code(result, ""), 0);
  EXPECT_EQ(exit_code(result, "low"), 1);
  EXPECT_EQ(exit_code(result, "medium"), 1);
  EXPECT_EQ(exit_code(result, "high"), 0);
}

TEST(AnalyzePlan, varies_one_setting_at_a_time) {
  for (const auto& [runtime, variations] : usual_variations()) {
    EXPECT_GE(variations.size(), 1U) << runtime;
    for (const lab::Settings& settings : variations) EXPECT_EQ(settings.size(), 1U) << runtime;
  }
}

}  // namespace
}  // namespace ponte::jobs
