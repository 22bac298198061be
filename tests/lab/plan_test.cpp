#include "lab/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "base/error.h"
#include "base/json.h"
#include "runtimes/fake_worker.h"

namespace ponte::lab {
namespace {

using runtimes::TemporaryFile;
using testing::ElementsAre;

Subject subject(const TemporaryFile& file, const std::string& runtime = "fake") {
  return {.model = {.name = "m", .path = file.path(), .format = "fake"},
          .runtime = {.name = runtime, .version = "1"}};
}

TEST(Plan, CrossesDevicesAndSettings) {
  const TemporaryFile file("{}");
  Subject both = subject(file);
  both.devices = {"cpu", "cuda:0"};
  both.settings = cross({{"threads", {"1", "2"}}, {"level", {"all"}}});
  const Plan plan = make_plan({both, subject(file, "other")}, {});
  ASSERT_EQ(plan.trials.size(), 5U);
  EXPECT_EQ(plan.trials[1].id, "t2");
  EXPECT_EQ(plan.trials[1].device, "cpu");
  EXPECT_EQ(plan.trials[1].settings, (Settings{{"level", "all"}, {"threads", "2"}}));
  EXPECT_EQ(plan.trials[2].device, "cuda:0");
  EXPECT_TRUE(plan.trials[4].settings.empty());
  EXPECT_EQ(comparison_count(plan), 4U);
}

TEST(Plan, TheSameSettingsTwiceAreOneTrialAndTheSameSubjectTwiceIsTwo) {
  const TemporaryFile file("{}");
  Subject repeated = subject(file);
  repeated.settings = {{{"threads", "1"}}, {{"threads", "1"}}};
  EXPECT_EQ(make_plan({repeated}, {}).trials.size(), 1U);
  EXPECT_EQ(make_plan({subject(file), subject(file)}, {}).trials.size(), 2U);
}

TEST(Plan, KeepsOnlyTheFirstOfSomeTrialsAndNumbersAnew) {
  const TemporaryFile file("{}");
  Subject varied = subject(file);
  varied.settings = {{{"threads", "1"}}, {}, {{"threads", "2"}}, {{"level", "all"}}};
  Plan plan = make_plan({varied}, {.baseline = 1});
  const std::string key = plan.key;
  keep_first(plan, std::array<std::string, 3>{"t4", "t1", "t3"}, 1);
  ASSERT_EQ(plan.trials.size(), 2U);
  EXPECT_TRUE(plan.trials[0].settings.empty());
  EXPECT_EQ(plan.trials[1].settings, (Settings{{"level", "all"}}));
  EXPECT_EQ(plan.trials[0].id, "t1");
  EXPECT_EQ(plan.trials[1].id, "t2");
  EXPECT_EQ(plan.baseline, 0U);
  EXPECT_NE(plan.key, key);
}

TEST(Plan, NothingToMeasureAndAnImpossibleBaselineAreErrors) {
  const TemporaryFile file("{}");
  EXPECT_THROW(make_plan({}, {}), Error);
  EXPECT_THROW(make_plan({subject(file)}, {.baseline = 1}), Error);
  try {
    make_plan({}, {});
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::NothingToMeasure);
  }
}

TEST(Plan, TheKeyFollowsContentsAndNotPlaces) {
  const TemporaryFile one("{}");
  const TemporaryFile same("{}");
  const TemporaryFile other("{ }");
  const Plan plan = make_plan({subject(one)}, {});
  EXPECT_EQ(plan.key, make_plan({subject(same)}, {}).key);
  EXPECT_NE(plan.key, make_plan({subject(other)}, {}).key);
  EXPECT_NE(plan.key, make_plan({subject(one)}, {.program_version = "2"}).key);
  Plan two = make_plan({subject(one), subject(one)}, {});
  const std::string key = two.key;
  set_baseline(two, 1);
  EXPECT_NE(two.key, key);
  EXPECT_THAT(two.groups, ElementsAre(ElementsAre(1, 0)));
}

TEST(Plan, TheBudgetIsSharedByTheComparisons) {
  using std::chrono::seconds;
  const TemporaryFile file("{}");
  const std::vector<Subject> four(4, subject(file));
  Plan plan = make_plan(four, {});
  EXPECT_EQ(time_per_comparison(plan), seconds(60));
  EXPECT_EQ(longest_time(plan), seconds(180));
  plan = make_plan(four, {.rules = quick_rules({})});
  EXPECT_EQ(longest_time(plan), Nanoseconds(seconds(10)) / 3 * 3);
  EXPECT_EQ(plan.rules.least_claim, 0.05);
  plan = make_plan({subject(file)}, {.rules = {.budget = seconds(20)}});
  EXPECT_EQ(longest_time(plan), seconds(20));
}

TEST(MemoryGroups, FitIntoTheShareWithTheBaselineInEach) {
  const std::array<std::uint64_t, 5> needs = {10, 20, 30, 25, 90};
  EXPECT_THAT(group_by_memory(needs, 0, 0), ElementsAre(ElementsAre(0, 1, 2, 3, 4)));
  EXPECT_THAT(group_by_memory(needs, 0, 100),
              ElementsAre(ElementsAre(0, 1, 2), ElementsAre(0, 3), ElementsAre(0, 4)));
  EXPECT_THAT(group_by_memory(needs, 4, 100), ElementsAre(ElementsAre(4, 0), ElementsAre(4, 1),
                                                          ElementsAre(4, 2), ElementsAre(4, 3)));
}

}  // namespace
}  // namespace ponte::lab
