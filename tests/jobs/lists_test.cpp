#include <gmock/gmock.h>
#include <stdlib.h>

#include <algorithm>
#include <set>

#include "base/environment.h"
#include "base/error.h"
#include "base/json.h"
#include "base/temporary_folder.h"
#include "jobs/doctor.h"
#include "jobs/explain.h"
#include "jobs/formats.h"
#include "jobs/ops.h"
#include "jobs/problems.h"
#include "jobs/runs.h"
#include "jobs/runtimes.h"
#include "jobs/working_runtime.h"
#include "paths.h"
#include "store/store.h"

namespace ponte::jobs {
namespace {

using testing::HasSubstr;

TEST(Formats, say_for_each_op_what_it_becomes) {
  const Json json = to_json(formats());
  std::set<std::string> names;
  for (const Json& format : json["formats"]) {
    names.insert(format["name"].get<std::string>());
    EXPECT_FALSE(format["extensions"].empty());
    EXPECT_FALSE(format["ops"].empty());
    for (const Json& op : format["ops"])
      EXPECT_TRUE(op["onnx"].is_null() || op["read"] == true) << op["foreign"];
  }
  EXPECT_TRUE(names.contains("onnx"));
  EXPECT_TRUE(names.contains("caffe"));
}

TEST(Ops, are_listed_whole_or_by_name) {
  EXPECT_EQ(ops({}).ops.size(), op_names().size());
  const Json json = to_json(ops({"Conv"}));
  ASSERT_EQ(json["ops"].size(), 1U);
  EXPECT_EQ(json["ops"][0]["name"], "Conv");
  EXPECT_EQ(json["ops"][0]["domain"], "");
  EXPECT_EQ(json["ops"][0]["infer"], true);
  EXPECT_EQ(json["ops"][0]["evaluate"], true);
}

TEST(Ops, suggest_the_nearest_name) {
  try {
    ops({"Cnov"});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::UnknownName);
    EXPECT_EQ(error.help(), "did you mean `Conv`?");
  }
}

TEST(Explain, has_the_page_of_every_code) {
  EXPECT_EQ(explain("").pages.size(), code_pages().size());
  for (const char* text : {"PT2103", "pt2103", "2103"})
    EXPECT_EQ(explain(text).pages.at(0).code, Code::TruncatedTensor);
  EXPECT_THROW(explain("PT0000"), Error);
  const Json json = to_json(explain("PT2103"));
  EXPECT_EQ(json["codes"][0]["kind"], "malformed");
  EXPECT_EQ(json["codes"][0]["exit_code"], 3);
}

TEST(ExitCode, is_that_of_the_gravest_error) {
  Diagnostics problems;
  EXPECT_EQ(exit_code(problems), 0);
  problems.warn(Code::InternalError, "a warning counts for nothing");
  EXPECT_EQ(exit_code(problems), 0);
  problems.add(Error(Code::UsageError, "a"));
  EXPECT_EQ(exit_code(problems), 2);
  problems.add(Error(Code::TruncatedFile, "b"));
  EXPECT_EQ(exit_code(problems), 3);
  problems.add(Error(Code::CannotOpenFile, "c"));
  EXPECT_EQ(exit_code(problems), 5);
  problems.add(Error(Code::Interrupted, "d"));
  EXPECT_EQ(exit_code(problems), 130);
  problems.add(Error(Code::InternalError, "e"));
  EXPECT_EQ(exit_code(problems), 6);
}

TEST(Problems, become_json_with_place_help_and_count) {
  Diagnostics problems;
  for (int i = 0; i < 3; ++i)
    problems.add({Severity::Warning, Code::UnreadAttribute, "m", {"f", "n", "Conv", 7}, "h"});
  problems.note(Code::UnusedWeights, "bare");
  EXPECT_EQ(problems_json(problems), Json::parse(R"([
    {"severity": "warning", "code": "PT2402", "message": "m",
     "where": {"file": "f", "node": "n", "op": "Conv", "byte": 7}, "help": "h", "count": 3},
    {"severity": "note", "code": "PT2303", "message": "bare",
     "where": {"file": null, "node": null, "op": null, "byte": null}, "help": null, "count": 1}])"));
}

TEST(Runtimes, are_listed_found_or_not_with_a_reason) {
  const auto result = list_runtimes({{}, Asking::Look});
  ASSERT_FALSE(result.runtimes.empty());
  for (const RuntimeEntry& runtime : result.runtimes)
    EXPECT_NE(runtime.found, !runtime.why_not.empty()) << runtime.name;
  EXPECT_THROW(list_runtimes({{"onnxruntim"}, Asking::Look}), Error);
}

TEST(Runtimes, come_with_the_settings_that_are_checked) {
  const Json json = to_json(list_runtimes({{"onnxruntime"}, Asking::Look}));
  const Json& settings = json["runtimes"][0]["settings"];
  ASSERT_EQ(settings.size(), runtimes::onnxruntime_adapter.settings().size());
  EXPECT_EQ(settings[0],
            Json::parse(R"({"key": "intra_threads", "values": "integer", "default": "0",
      "description": "threads inside one op; 0: as many as the host has cores"})"));
}

TEST(Runtimes, of_several_copies_are_all_listed_the_one_that_is_used_first) {
  const test::TemporaryFolder folder;
  folder.write("workers/ponte-worker-onnxruntime", "");
  folder.write("new/lib/libonnxruntime.so.1.32.0", "");
  folder.write("old/lib/libonnxruntime.so.1.20.0", "");
  const runtimes::SearchPath search{.places = {{folder / "new", "here"}, {folder / "old", "there"}},
                                    .worker_folder = folder / "workers"};
  const auto versions = [&](const std::string& asked_for) {
    std::vector<std::string> found;
    for (const RuntimeEntry& entry : list_runtimes({{asked_for}, Asking::Look, search}).runtimes)
      found.push_back(entry.version);
    return found;
  };
  EXPECT_THAT(versions("onnxruntime"), testing::ElementsAre("1.32.0", "1.20.0"));
  EXPECT_THAT(versions("onnxruntime@1.20"), testing::ElementsAre("1.20.0"));
  EXPECT_THAT(versions("onnxruntime@" + (folder / "old").string()), testing::ElementsAre("1.20.0"));
}

// Two copies of a runtime, of which the first does not start: its worker is a script that lets the
// fake one answer for the second alone.
class BrokenCopy : public testing::Test {
 protected:
  BrokenCopy() {
    const auto worker =
        folder_.write("workers/ponte-worker-onnxruntime",
                      "#!/bin/sh\ncase \"$*\" in *9.9.9*) exit 3;; esac\nexec '" +
                          (test::program_folder() / "ponte-worker-fake").string() + "'\n");
    std::filesystem::permissions(worker, std::filesystem::perms::owner_all);
    folder_.write("broken/lib/libonnxruntime.so.9.9.9", "");
    folder_.write("good/lib/libonnxruntime.so.1.32.0", "");
    search_ = {.places = {{folder_ / "broken", "here"}, {folder_ / "good", "there"}},
               .worker_folder = folder_ / "workers"};
  }
  runtimes::Discovery chosen(const std::string& text, Diagnostics& problems) const {
    auto discovery = runtimes::discover(runtimes::parse_runtime_spec(text), search_);
    pass_over_broken(discovery, search_, problems);
    return discovery;
  }

  test::TemporaryFolder folder_;
  runtimes::SearchPath search_;
};

TEST_F(BrokenCopy, is_listed_last_and_not_as_found) {
  const auto entries = list_runtimes({{"onnxruntime"}, Asking::Start, search_}).runtimes;
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_TRUE(entries[0].found);
  EXPECT_EQ(entries[1].version, "9.9.9");
  EXPECT_FALSE(entries[1].found);
  EXPECT_THAT(entries[1].why_not, HasSubstr("libonnxruntime.so.9.9.9` does not work: exited"));
  EXPECT_FALSE(entries[1].how_to_get.empty());
}

TEST_F(BrokenCopy, is_passed_over_with_a_warning_unless_it_was_asked_for) {
  Diagnostics problems;
  EXPECT_EQ(chosen("onnxruntime", problems).found->version, "1.32.0");
  ASSERT_EQ(problems.entries().size(), 1U);
  EXPECT_EQ(problems.entries()[0].severity, Severity::Warning);
  EXPECT_THAT(problems.entries()[0].message, HasSubstr("9.9.9"));
  Diagnostics none;
  EXPECT_EQ(chosen("onnxruntime@9.9.9", none).found->version, "9.9.9");
  EXPECT_EQ(chosen("onnxruntime@1.32", none).found->version, "1.32.0");
  EXPECT_TRUE(none.entries().empty());
}

TEST_F(BrokenCopy, is_what_is_used_where_no_copy_works) {
  search_.places.pop_back();
  folder_.write("broken/lib/libonnxruntime.so.9.9.9.1", "");
  Diagnostics problems;
  EXPECT_TRUE(chosen("onnxruntime", problems).found.has_value());
  EXPECT_TRUE(problems.entries().empty());
}

TEST(Doctor, says_how_to_get_what_is_not_good) {
  const DoctorResult result = examine();
  ASSERT_FALSE(result.checkups.empty());
  for (const Checkup& checkup : result.checkups) {
    EXPECT_FALSE(checkup.finding.empty()) << checkup.name;
    EXPECT_EQ(checkup.remedy.empty(), checkup.health == Health::Good) << checkup.name;
  }
}

TEST(Doctor, says_of_a_folder_that_leads_nowhere_what_to_do_about_it) {
  const test::TemporaryFolder folder;
  std::filesystem::create_symlink("loop", folder / "loop");
  const auto before = environment_variable("XDG_CACHE_HOME");
  ::setenv("XDG_CACHE_HOME", (folder / "loop").c_str(), 1);
  const DoctorResult result = examine();
  before ? ::setenv("XDG_CACHE_HOME", before->c_str(), 1) : ::unsetenv("XDG_CACHE_HOME");
  const auto cache = std::ranges::find(result.checkups, "cache", &Checkup::name);
  ASSERT_NE(cache, result.checkups.end());
  EXPECT_EQ(cache->health, Health::Bad);
  EXPECT_THAT(cache->finding, testing::EndsWith("loop/ponte: Too many levels of symbolic links"));
  EXPECT_THAT(cache->remedy, testing::HasSubstr("XDG"));
}

TEST(Doctor, reads_the_stored_runs_and_names_what_is_wrong_with_them) {
  const test::TemporaryFolder folder;
  const auto path = folder / "runs.sqlite3";
  EXPECT_EQ(examine_store(path).health, Health::Good);
  EXPECT_FALSE(std::filesystem::exists(path)) << "looking makes none";
  {
    store::Store store = store::Store::open(path);
    auto writer =
        store.begin_run({.command_line = "ponte", .plan_key = "plan", .program_version = "0.1.0"});
    writer.put_document(store::DocumentKind::Bench, std::string(100'000, 'x'));
    writer.finish();
  }
  EXPECT_EQ(examine_store(path).health, Health::Good);
  EXPECT_THAT(examine_store(path).finding, testing::StartsWith("1 run in "));

  std::string bytes = test::text_of(path);
  bytes.replace(40'000, 40'000, std::string(40'000, '\0'));
  folder.write("runs.sqlite3", bytes);
  EXPECT_EQ(examine_store(path).health, Health::Bad);
  EXPECT_THAT(examine_store(path).remedy, testing::HasSubstr("move"));
  EXPECT_THAT(examine_store(path).finding,
              testing::AllOf(testing::HasSubstr("more"), testing::Not(testing::HasSubstr("\n"))));

  folder.write("garbage", "no store, but long enough to be looked at");
  const Checkup garbage = examine_store(folder / "garbage");
  EXPECT_EQ(garbage.health, Health::Bad);
  EXPECT_THAT(garbage.finding, testing::HasSubstr("is not a store"));
  EXPECT_FALSE(garbage.remedy.empty());
}

class StoredRuns : public testing::Test {
 protected:
  void SetUp() override {
    store::Store store = store::Store::open(path_);
    for (const char* command : {"ponte bench a.onnx", "ponte bench b.onnx"}) {
      auto writer = store.begin_run(
          {.command_line = command, .plan_key = command, .program_version = "0.1.0"});
      writer.put_document(store::DocumentKind::Convert,
                          R"({"schema": "ponte/convert/1", "source": "a", "problems": []})");
      writer.finish();
    }
  }

  test::TemporaryFolder folder_;
  std::filesystem::path path_ = folder_ / "runs.sqlite3";
};

TEST_F(StoredRuns, are_listed_the_latest_first) {
  const Json json = to_json(list_runs(path_));
  ASSERT_EQ(json["runs"].size(), 2U);
  EXPECT_EQ(json["runs"][0]["command_line"], "ponte bench b.onnx");
  EXPECT_EQ(json["runs"][0]["status"], "finished");
  EXPECT_THAT(json["runs"][0]["started_at"].get<std::string>(),
              testing::MatchesRegex("[0-9-]{10}T[0-9:]{8}\\.[0-9]{3}Z"));
}

TEST_F(StoredRuns, are_reported_by_number_or_as_the_latest) {
  EXPECT_EQ(load_report(path_, "").run.command_line, "ponte bench b.onnx");
  const auto runs = list_runs(path_).runs;
  const auto first = std::to_string(static_cast<std::int64_t>(runs.at(1).id));
  const StoredReport report = load_report(path_, first);
  EXPECT_EQ(report.run.command_line, "ponte bench a.onnx");
  EXPECT_EQ(report.document["schema"], "ponte/convert/1");
  EXPECT_THAT(render(report, ReportForm::Html), testing::HasSubstr("<!doctype html>"));
  EXPECT_THROW(load_report(path_, "999"), Error);
  EXPECT_THROW(load_report(path_, "1x"), Error);
}

TEST_F(StoredRuns, are_deleted_all_or_none) {
  const auto runs = list_runs(path_).runs;
  const auto first = std::to_string(static_cast<std::int64_t>(runs.at(1).id));
  EXPECT_THROW(delete_runs(path_, {first, "999"}), Error);
  EXPECT_EQ(list_runs(path_).runs.size(), 2U);
  EXPECT_EQ(delete_runs(path_, {first}).runs.size(), 1U);
}

TEST(Runs, of_a_store_that_is_not_there_are_none_and_make_none) {
  const test::TemporaryFolder folder;
  EXPECT_TRUE(list_runs(folder / "none").runs.empty());
  EXPECT_THROW(load_report(folder / "none", ""), Error);
  EXPECT_FALSE(std::filesystem::exists(folder / "none"));
}

}  // namespace
}  // namespace ponte::jobs
