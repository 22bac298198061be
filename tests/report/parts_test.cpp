// What the views are made of: axes, samples, comparisons, names, grids.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "report/axis.h"
#include "report/comparison.h"
#include "report/examples.h"
#include "report/fields.h"
#include "report/figures.h"
#include "report/markup.h"
#include "report/sample_set.h"
#include "report/subjects.h"
#include "report/sweep.h"
#include "report/typical_time.h"
#include "report/verdict.h"

namespace ponte::report {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;

Json trial_of(const Json& steady) {
  return {{"steady", steady},        {"median_ns", 1.1e6},    {"ci_low_ns", nullptr},
          {"items_per_s", 909.1},    {"ci_high_ns", nullptr}, {"process_low_ns", 1e6},
          {"process_high_ns", 1.3e6}};
}

TEST(RegionText, NamesTheNodesThatMayBeWrong) {
  const auto of = [](const std::vector<std::string>& nodes) {
    return region_text({{"region", nodes}});
  };
  EXPECT_EQ(of({}), "");
  EXPECT_EQ(of({"a"}), "");
  EXPECT_EQ(of({"a", "b"}), "one of `a` and `b`");
  EXPECT_EQ(of({"a", "b", "c"}), "one of `a`, `b` and `c`");
  EXPECT_EQ(of({"a", "b", "c", "d", "e", "f", "g"}), "one of `a`, `b`, `c`, `d`, `e` and 2 more");
}

TEST(VerdictSentence, OfARuntimeThatDepartsFromItsOwnFileSaysSo) {
  Json document = example("different");
  document["verify"]["blame"] = "reader-or-source-runtime";
  EXPECT_EQ(verdict_of(document).sentence,
            "The file's own runtime gives something else than the file says as ponte reads it; "
            "first wrong: `conv3` (Conv)");
}

TEST(Views, SayWhatIsNotJudgedAndWhichNodesMayBeWrong) {
  Json document = example("different");
  document["verify"]["outputs"][0]["unstable"] = 3;
  document["verify"]["outputs"][0]["unstable_of"] = 2400;
  document["verify"]["culprit"]["kind"] = "region";
  document["verify"]["culprit"]["region"] = {"conv3", "relu3"};
  const std::string page = html({document, {}, ""}), tables = markdown(document),
                    text = terminal(document, {.color = false, .columns = 200});
  for (const std::string& view : {page, tables, text})
    EXPECT_THAT(view, testing::HasSubstr("3 of 2,400 elements are not judged")) << view;
  EXPECT_THAT(page, testing::HasSubstr("one of <code>conv3</code> and <code>relu3</code>"));
  for (const std::string& view : {tables, text})
    EXPECT_THAT(view, testing::HasSubstr("one of `conv3` and `relu3`")) << view;
}

TEST(TypicalTime, OfATrialThatIsNotSteadyIsTheRangeOverItsProcesses) {
  const TypicalTime typical = typical_time(trial_of(false));
  EXPECT_EQ(typical.time, "1.00 to 1.30 ms");
  EXPECT_EQ(typical.note, "range over processes");
  EXPECT_EQ(typical.rate, "769/s to 1,000/s");
  EXPECT_EQ(range_around_median(trial_of(false))->high_ns, 1.3e6);
}

TEST(TypicalTime, OfASteadyTrialIsItsMedian) {
  Json trial = trial_of(true);
  EXPECT_EQ(typical_time(trial).time, "1.10 ms");
  EXPECT_EQ(typical_time(trial).note, missing);
  EXPECT_FALSE(range_around_median(trial));
  trial["ci_low_ns"] = 1.08e6;
  trial["ci_high_ns"] = 1.12e6;
  EXPECT_EQ(typical_time(trial).note, "1.08 to 1.12 ms");
}

TEST(TypicalTime, IsNoRangeWhereThereIsOneProcessOrNoneIsKnown) {
  Json trial = trial_of(false);
  trial["process_high_ns"] = 1e6;
  EXPECT_EQ(typical_time(trial).time, "1.00 ms");
  EXPECT_EQ(typical_time(trial).note, "of one process");
  trial.erase("process_low_ns");
  EXPECT_EQ(typical_time(trial).time, "1.10 ms");
}

TEST(LogAxis, EqualRatiosAreEqualDistances) {
  const LogAxis axis(1, 100);
  EXPECT_DOUBLE_EQ(axis.position(1), 0);
  EXPECT_DOUBLE_EQ(axis.position(10), 0.5);
  EXPECT_DOUBLE_EQ(axis.position(100), 1);
  EXPECT_DOUBLE_EQ(axis.value(0.5), 10);
}

TEST(LogAxis, ASingleValueGetsRoomAroundIt) {
  const LogAxis axis(5, 5);
  EXPECT_LT(axis.low(), 5);
  EXPECT_GT(axis.high(), 5);
  EXPECT_NEAR(axis.position(5), 0.5, 1e-12);
}

TEST(LogAxis, TicksAreRoundAndFew) {
  for (const auto& [low, high] : {std::pair(1.0, 1.1), std::pair(0.83e6, 1.9e6),
                                  std::pair(1e3, 1e6), std::pair(1e3, 1e12), std::pair(1.0, 1.0)}) {
    const LogAxis axis(low, high);
    const std::vector<double> values = axis.round_values();
    EXPECT_GE(values.size(), 2u) << low;
    EXPECT_LE(values.size(), 12u) << low;
    for (const double value : values) {
      EXPECT_GE(axis.position(value), -1e-9);
      EXPECT_LE(axis.position(value), 1 + 1e-9);
    }
  }
}

TEST(LogAxis, FactorsAlwaysShowOne) {
  const std::vector<Tick> ticks = factor_ticks(LogAxis(0.93, 1.31));
  const auto one =
      std::ranges::find_if(ticks, [](const Tick& tick) { return std::abs(tick.value - 1) < 1e-9; });
  ASSERT_NE(one, ticks.end());
  EXPECT_EQ(one->label, "1×");
  EXPECT_FALSE(one->minor);
}

TEST(Verdict, OfOneOtherTrialIsNoNumber) {
  const Json document = Json::parse(R"({"schema": "ponte/bench/1", "own_runtime": "onnxruntime",
      "trials": [{"id": "t1", "runtime": "onnxruntime"}, {"id": "t2", "runtime": "opencv"}],
      "comparisons": [{"a": "t2", "b": "t1", "ratio": 1.8, "verdict": "slower"}]})");
  EXPECT_EQ(verdict_of(as_analysis(document)).sentence,
            "The other trial does not beat ONNX Runtime's defaults");
}

TEST(ModelNames, AreThoseOfAllTrialsEachOneOnce) {
  Json document = {{"schema", "ponte/bench/1"}, {"trials", Json::array()}};
  EXPECT_EQ(model_names(document), "");
  for (const char* const model : {"x/a.onnx", "a.onnx", "b.onnx", "c.onnx"})
    document["trials"].push_back({{"model", model}});
  EXPECT_EQ(model_names(document), "a.onnx, b.onnx, c.onnx");
  document["trials"].push_back({{"model", "d.onnx"}});
  EXPECT_EQ(model_names(document), "a.onnx, b.onnx and 2 others");
  EXPECT_EQ(model_names(example("caffe")), "det3.prototxt");
}

TEST(SampleSet, QuantilesAreThoseOfTheMethodThatItNames) {
  const SampleSet set({"t", {4, 1, 3, 2}, {}});
  EXPECT_DOUBLE_EQ(set.quantile(0), 1);
  EXPECT_DOUBLE_EQ(set.quantile(0.25), 1.75);  // numpy.quantile([1, 2, 3, 4], 0.25)
  EXPECT_DOUBLE_EQ(set.quantile(0.5), 2.5);
  EXPECT_DOUBLE_EQ(set.quantile(1), 4);
}

TEST(SampleSet, OutliersLieBeyondTukeysFences) {
  const SampleSet set(
      {"t", {10, 11, 12, 13, 14, 15, 16, 17, 18, 26, 60}, {}});  // quartiles 12.5 and 17.5
  EXPECT_FALSE(set.is_outlier(25));
  EXPECT_TRUE(set.is_outlier(26));
  EXPECT_FALSE(set.is_far_outlier(26));
  EXPECT_EQ(set.outliers(), 2u);
  EXPECT_EQ(set.far_outliers(), 1u);
}

TEST(SampleSet, ThinningKeepsQuantilesEndsAndOrder) {
  TrialSamples trial{"t", {}, {}};
  for (int i = 0; i < 10'000; ++i)
    trial.latencies_ns.push_back(1000 + std::fmod(i * 7919.0, 10'007));
  const SampleSet set(trial);
  const std::vector<Sample> dots = set.dots(501);
  ASSERT_EQ(dots.size(), 501u);
  EXPECT_TRUE(std::ranges::is_sorted(dots, {}, &Sample::order));
  std::vector<double> values;
  for (const Sample& dot : dots) values.push_back(dot.latency_ns);
  std::ranges::sort(values);
  EXPECT_EQ(values.front(), set.quantile(0));
  EXPECT_EQ(values.back(), set.quantile(1));
  for (const std::size_t percent : {10, 25, 50, 90, 99}) {
    EXPECT_THAT(values[percent * 5],
                DoubleNear(set.quantile(static_cast<double>(percent) / 100), 3));
  }
}

TEST(SampleSet, LanesAreProcessesInOrderOfAppearance) {
  const SampleSet set({"t", {5, 7, 5, 9}, {12, 12, 3, 3}});
  ASSERT_EQ(set.lanes(), 2u);
  EXPECT_THAT(set.lane_medians(), ElementsAre(6, 7));
}

TEST(SampleSet, TheDensityIsHighestWhereSamplesAreAndZeroFarFromThem) {
  TrialSamples trial{"t", {}, {}};
  for (int i = 0; i < 200; ++i)
    trial.latencies_ns.push_back(i % 2 == 0 ? 200 + i * 0.01 : 800 + i * 0.01);
  const LogAxis axis(100, 1600);
  const std::vector<double> density = SampleSet(trial).density(axis, 241);
  const auto at = [&](double value) {
    return density[static_cast<std::size_t>(std::lround(axis.position(value) * 240))];
  };
  EXPECT_GT(at(201), 0.8);
  EXPECT_GT(at(801), 0.8);
  EXPECT_LT(at(400), 0.9);
  EXPECT_DOUBLE_EQ(*std::ranges::max_element(density), 1);
}

TEST(Comparison, SpeedIsTheInverseOfTheRatioOfTimes) {
  const Json bench = {{"comparisons",
                       {{{"a", "x"},
                         {"b", "y"},
                         {"ratio", 0.5},
                         {"ci_low", 0.4},
                         {"ci_high", 0.625},
                         {"confidence", 0.95},
                         {"verdict", "faster"}}}}};
  const SpeedComparison comparison = speed_comparisons(bench).at(0);
  EXPECT_DOUBLE_EQ(comparison.speed, 2);
  EXPECT_DOUBLE_EQ(*comparison.low, 1.6);
  EXPECT_DOUBLE_EQ(*comparison.high, 2.5);
  EXPECT_EQ(speed_phrase(comparison), "2.00 times as fast");
  EXPECT_EQ(speed_interval(comparison), "1.60 to 2.50");
  EXPECT_EQ(interval_name(comparison), "95 % interval");
}

TEST(Comparison, ReversingSwapsSidesAndVerdict) {
  const Json bench = {{"comparisons",
                       {{{"a", "x"},
                         {"b", "y"},
                         {"ratio", 0.5},
                         {"ci_low", 0.4},
                         {"ci_high", 0.625},
                         {"verdict", "faster"}}}}};
  const SpeedComparison comparison = reversed(speed_comparisons(bench).at(0));
  EXPECT_EQ(comparison.a, "y");
  EXPECT_DOUBLE_EQ(comparison.speed, 0.5);
  EXPECT_DOUBLE_EQ(*comparison.low, 0.4);
  EXPECT_EQ(comparison.outcome, Outcome::Slower);
  EXPECT_EQ(speed_phrase(comparison), "2.00 times slower");
  EXPECT_EQ(speed_interval(comparison), "1.60 to 2.50");
  EXPECT_EQ(speed_relation(comparison, "on", "A", "B"), "2.00 times slower on A than on B");
}

SpeedComparison undetected(double low, double high) {
  SpeedComparison comparison;
  comparison.speed = 1.015;
  comparison.low = low;
  comparison.high = high;
  comparison.min_detectable = 0.025;
  return comparison;
}

TEST(Comparison, AVerdictThatItsIntervalDoesNotShowNamesTheOneThatDecides) {
  SpeedComparison comparison = undetected(1.002, 1.028);
  comparison.claim_low = 0.996;
  comparison.claim_high = 1.034;
  EXPECT_THAT(verdict_notes(comparison),
              ElementsAre("claims need the 99 % interval, 0.996 to 1.034"));
  EXPECT_EQ(claim_note(reversed(comparison)), "claims need the 99 % interval, 0.967 to 1.004");
  EXPECT_EQ(claim_note(undetected(1.002, 1.028)), "claims need the 99 % interval");
}

TEST(Comparison, AVerdictThatItsIntervalShowsNeedsNoOther) {
  EXPECT_THAT(verdict_notes(undetected(0.998, 1.028)), ElementsAre());
  EXPECT_EQ(verdict_phrase(undetected(0.998, 1.028)),
            "no difference detected, would have found 2.50 %");
  SpeedComparison faster = undetected(1.002, 1.028);
  faster.outcome = Outcome::Faster;
  EXPECT_THAT(verdict_notes(faster), ElementsAre());
}

TEST(Comparison, ADifferenceTooSmallForTheRunHasItsReasonAlone) {
  SpeedComparison comparison = undetected(1.01, 1.02);
  comparison.claim_low = 1.008;
  comparison.claim_high = 1.022;
  comparison.reason = "a quick run claims no difference under 5 %";
  EXPECT_THAT(verdict_notes(comparison), ElementsAre(comparison.reason));
}

TEST(Comparison, SmallDifferencesAreGivenInPerCent) {
  const Json bench = {
      {"comparisons",
       {{{"ratio", 0.96}, {"ci_low", 0.95}, {"ci_high", 0.97}, {"verdict", "faster"}}}}};
  const SpeedComparison comparison = speed_comparisons(bench).at(0);
  EXPECT_EQ(speed_phrase(comparison), "4.2 % faster");
  EXPECT_EQ(speed_interval(comparison), "3.1 to 5.3 %");
}

TEST(Comparison, ForAnOnnxFileTheDefaultsAreWhatOthersAreComparedWith) {
  const Json document = example("onnx");
  const auto main = main_comparison(document, TrialNames(document["bench"]));
  ASSERT_TRUE(main);
  EXPECT_TRUE(main->b_is_defaults);
  EXPECT_EQ(main->comparison.a, "s9");
  EXPECT_EQ(main->others, 5u);
}

TEST(Comparison, ForAnotherFormatItsOwnRuntimeIs) {
  Json document = example("caffe");
  const auto main = main_comparison(document, TrialNames(document["bench"]));
  ASSERT_TRUE(main);
  EXPECT_TRUE(main->b_is_own_runtime);
  EXPECT_EQ(main->comparison.a, "t2");
  EXPECT_EQ(main->comparison.b, "t1");
  std::swap(document["bench"]["comparisons"][0]["a"], document["bench"]["comparisons"][0]["b"]);
  EXPECT_EQ(main_comparison(document, TrialNames(document["bench"]))->comparison.a, "t2");
}

TEST(TrialNames, SayOnlyWhatTellsTrialsApart) {
  const Json bench = {{"trials",
                       {{{"id", "1"},
                         {"runtime", "opencv"},
                         {"version", "4.6"},
                         {"settings", Json::object()},
                         {"device", "cpu"}},
                        {{"id", "2"},
                         {"runtime", "onnxruntime"},
                         {"version", "1.32"},
                         {"settings", {{"onnxruntime.intra_threads", 2}}},
                         {"device", "cpu"}}}}};
  const TrialNames names(bench);
  EXPECT_EQ(names.name("1"), "OpenCV DNN");
  EXPECT_EQ(names.name("2"), "ONNX Runtime, intra threads 2");
  EXPECT_EQ(names.name("other"), "other");
  EXPECT_EQ(names.runtime_index("2"), 1u);
}

TEST(TrialNames, TwoVersionsAndTwoModelsAreToldApart) {
  const Json versions = {{"trials",
                          {{{"id", "1"}, {"runtime", "x"}, {"version", "1"}},
                           {{"id", "2"}, {"runtime", "x"}, {"version", "2"}}}}};
  EXPECT_EQ(TrialNames(versions).name("1"), "x 1");
  const Json models = {{"trials",
                        {{{"id", "1"}, {"runtime", "x"}, {"model", "m/a.onnx"}},
                         {{"id", "2"}, {"runtime", "x"}, {"model", "m/b.onnx"}}}}};
  EXPECT_EQ(TrialNames(models).name("2"), "x, b.onnx");
  const Json same = {
      {"trials", {{{"id", "1"}, {"runtime", "x"}}, {{"id", "2"}, {"runtime", "x"}}}}};
  EXPECT_NE(TrialNames(same).name("1"), TrialNames(same).name("2"));
}

TEST(Sweep, TwoSettingsBecomeAGridAndTheDefaultsStandBesideIt) {
  const Json document = example("caffe");
  const std::vector<Sweep> found = sweeps(document["bench"]);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].row_setting, "intra threads");
  EXPECT_THAT(found[0].rows, ElementsAre("1", "2"));
  EXPECT_THAT(found[0].columns, ElementsAre("none", "basic", "all"));
  ASSERT_TRUE(found[0].cells[1][2]);
  EXPECT_EQ(found[0].cells[1][2]->median_ns, 608000);
  EXPECT_DOUBLE_EQ(found[0].cells[1][2]->relative, 1);
  ASSERT_TRUE(found[0].defaults);
  EXPECT_EQ(found[0].defaults->trial_id, "t2");
}

TEST(Sweep, ASettingTriedAloneHasTheDefaultsInItsTable) {
  const Json document = example("onnx");
  const std::vector<Sweep> found = sweeps(document["bench"]);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_THAT(found[0].rows, ElementsAre("default", "1", "2", "4", "64"));
  EXPECT_EQ(found[0].row_setting, "intra threads");
  EXPECT_THAT(found[1].rows, ElementsAre("default", "0"));
  EXPECT_EQ(found[1].row_setting, "allow spinning");
  EXPECT_FALSE(found[0].defaults);
  ASSERT_TRUE(found[0].cells[4][0]);
  EXPECT_FALSE(found[0].cells[4][0]->median_ns) << "the trial that crashed";
}

TEST(Sweep, SettingsTriedOneAtATimeAreATableEach) {
  const Json bench = Json::parse(R"({"trials": [
    {"id": "t1", "runtime": "onnxruntime", "settings": {}, "median_ns": 100},
    {"id": "t2", "runtime": "onnxruntime", "settings": {"intra_threads": "1"}, "median_ns": 200},
    {"id": "t3", "runtime": "onnxruntime", "settings": {"graph_optimization_level": "disable"},
     "median_ns": 150}]})");
  const std::vector<Sweep> found = sweeps(bench);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].row_setting, "intra threads");
  EXPECT_EQ(found[0].rows, (std::vector<std::string>{"default", "1"}));
  EXPECT_TRUE(found[0].column_setting.empty());
  EXPECT_EQ(found[1].row_setting, "graph optimization level");
  EXPECT_EQ(found[1].rows, (std::vector<std::string>{"default", "disable"}));
  EXPECT_EQ(found[1].cells[1][0]->relative, 1.5);
}

TEST(Sweep, OneTrialIsNone) {
  EXPECT_TRUE(sweeps({{"trials", {{{"id", "1"}, {"settings", {{"threads", 1}}}}}}}).empty());
}

TEST(Markup, OnlyLiteralsBecomeTags) {
  EXPECT_EQ(markup("<b class=\"{}\">{}</b>", std::string("\"'"), "<&>").text(),
            "<b class=\"&quot;&#39;\">&lt;&amp;&gt;</b>");
  EXPECT_EQ(markup("{}{}", markup("<i>{}</i>", 3), 0.5).text(), "<i>3</i>0.5");
  EXPECT_EQ(prose("see `<a>` and `x").text(), "see <code>&lt;a&gt;</code> and `x");
  EXPECT_EQ(script_data("{\"a\":\"</script><!--\"}").text(),
            "{\"a\":\"\\u003c/script>\\u003c!--\"}");
}

TEST(Markup, PicturesAreMadeOfNumbersAlone) {
  EXPECT_EQ(long_path("M1.5 -2h0").text(), "M1.5 -2h0");
  EXPECT_ANY_THROW(long_path("M1\"><script>"));
}

TEST(Figures, MissingValuesAreMarked) {
  EXPECT_EQ(time_text({}), missing);
  EXPECT_EQ(time_text(1234567), "1.23 ms");
  EXPECT_EQ(time_interval(1.02e6, 1.09e6), "1.02 to 1.09 ms");
  EXPECT_EQ(time_interval(0.99e6, 1.09e6), "990 µs to 1.09 ms");
  EXPECT_EQ(shape_text(Json::parse("[1, \"batch*2\", null]")), "1×batch*2×?");
  EXPECT_EQ(shape_text(nullptr), "unknown rank");
  EXPECT_EQ(rounded_count(1234567), "1.23 M");
  EXPECT_EQ(rounded_count(389), "389");
  EXPECT_EQ(size_text(-1), "-1 B");
  EXPECT_EQ(small_text(2.1e-7), "2.1e-07");
}

TEST(Subjects, AreNamedByPositionOrText) {
  const Json verify = example("verify");
  EXPECT_EQ(subject_name(verify, 1), "ONNX Runtime");
  EXPECT_EQ(subject_name(verify, "opencv"), "OpenCV DNN");
  EXPECT_EQ(subject_name(verify, -4), "-4");
  EXPECT_EQ(subject_name(verify, nullptr), "");
  Json twice = verify;
  twice["subjects"][0]["runtime"] = "onnxruntime";
  EXPECT_EQ(subject_name(twice, 1), "ONNX Runtime 1.32.0 on det3.onnx");
}

TEST(Verdict, AnUndetectedDifferenceSaysWhatWouldHaveBeenFound) {
  const Verdict verdict = verdict_of(as_analysis(example("bench_only")));
  ASSERT_TRUE(verdict.speed);
  EXPECT_EQ(verdict.speed->tone, Tone::Neutral);
  EXPECT_THAT(verdict.speed->detail,
              testing::HasSubstr("this run would have found a difference of 2.40 %"));
}

TEST(Verdict, TheWorstFindingComesFirst) {
  EXPECT_EQ(verdict_of(example("different")).first->title,
            "`conv3` does not compute what the source says");
}

TEST(Verdict, CountsTrialsThatHaveSamplesAlone) {
  const auto sentence_of = [](int samples, int others) {
    const Json ok = {{"status", "ok"}, {"samples", samples}};
    const Json trials = {ok, {{"status", "ok"}, {"samples", others}}};
    return verdict_of({{"bench", {{"trials", trials}}}}).sentence;
  };
  EXPECT_EQ(sentence_of(20, 20), "2 trials measured, none compared");
  EXPECT_EQ(sentence_of(20, 0), "1 trial measured, none compared");
  EXPECT_EQ(sentence_of(0, 0), "Nothing was measured");
}

}  // namespace
}  // namespace ponte::report
