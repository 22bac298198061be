// `ponte bench` and `ponte runs` as a user has them, on the fake runtime: killed, twice at once,
// with a store that is damaged, too new or full, and on a machine without any runtime.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>
#include <map>
#include <set>
#include <thread>

#include "base/json.h"
#include "base/random.h"
#include "cli/program.h"
#include "store/store.h"

namespace ponte::test {
namespace {

using testing::HasSubstr;

class Bench : public testing::Test {
 protected:
  Bench() { playground_.folder().write("script.json", R"({"latency": {"base_ns": 1e6}})"); }

  static std::string command(const std::string& more = "") {
    return "exec ponte bench models/counted.onnx models/counted.onnx "
           "--runtime fake@./script.json --json " +
           more;
  }
  std::filesystem::path store_path() const {
    return playground_.path() / ".local/share/ponte/ponte.sqlite3";
  }
  bool is_run_finished() const {
    if (!std::filesystem::exists(store_path())) return false;
    const auto runs = store::Store::open(store_path()).list_runs();
    return !runs.empty() && runs.front().status == store::RunStatus::Finished;
  }
  Json output() const { return parse_json(text_of(playground_.path() / "output")); }

  // Processes of this machine that were started with the script.
  bool has_workers() const {
    const std::string script = (playground_.path() / "script.json").string();
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
      std::ifstream file(entry.path() / "cmdline");
      std::string words;
      std::getline(file, words);
      if (words.starts_with(program_folder().string()) && words.find(script) != std::string::npos)
        return true;
    }
    return false;
  }
  bool workers_are_gone() const {
    for (int i = 0; i < 200 && has_workers(); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return !has_workers();
  }

  Playground playground_;
};

// What was measured in each complete pair, by the number of the pair.
using Measured = std::map<store::PairId, std::vector<std::vector<std::uint64_t>>>;

Measured complete_pairs(const std::filesystem::path& path) {
  Measured measured;
  if (!std::filesystem::exists(path)) return measured;
  store::Store store = store::Store::open(path);
  EXPECT_TRUE(store.check_integrity().empty());
  for (const store::Run& run : store.list_runs()) {
    std::set<std::pair<std::int64_t, std::int64_t>> rounds;
    for (const store::ProcessPair& pair : store.load_run(run.id).pairs) {
      EXPECT_TRUE(rounds.emplace(pair.comparison, pair.round).second) << "a round is there twice";
      if (!pair.complete) continue;
      for (const store::Process& process : pair.processes) {
        for (const store::Block& block : process.blocks)
          measured[pair.id].push_back(block.samples_ns);
      }
    }
  }
  return measured;
}

void expect_kept(const Measured& before, const Measured& after) {
  for (const auto& [pair, samples] : before) {
    const auto found = after.find(pair);
    ASSERT_NE(found, after.end()) << "a pair is lost";
    EXPECT_EQ(found->second, samples);
  }
}

// Objects have the same keys, lists the same length, all down to the leaves.
void expect_same_structure(const Json& a, const Json& b, const std::string& place) {
  if (a.is_number() && b.is_number()) return;
  if (place.ends_with(".reason")) return;  // says it where the machine was busy
  ASSERT_EQ(a.type(), b.type()) << place;
  ASSERT_EQ(a.size(), b.size()) << place;
  if (a.is_object()) {
    for (const auto& [key, value] : a.items()) {
      ASSERT_TRUE(b.contains(key)) << place << "." << key;
      expect_same_structure(value, b[key], place + "." + key);
    }
  } else if (a.is_array()) {
    for (std::size_t i = 0; i < a.size(); ++i)
      expect_same_structure(a[i], b[i], place + "[" + std::to_string(i) + "]");
  }
}

TEST_F(Bench, killed_at_any_moment_loses_nothing_and_has_nothing_twice) {
  const Outcome whole = playground_.run("export XDG_DATA_HOME=$PWD/other; " + command());
  ASSERT_EQ(whole.exit_code, 0) << whole.messages;
  const Json expected = parse_json(whole.output);

  Random random(20251125);
  Measured before;
  int kills = 0;
  bool is_finished = false;
  while (!is_finished && kills < 60) {
    Process process = playground_.start(command());
    const auto status = process.wait(std::chrono::milliseconds(20 + random.below(200)));
    is_finished = status.has_value();
    if (!is_finished) {
      process.kill_group();
      ++kills;
      EXPECT_TRUE(workers_are_gone()) << "workers outlive ponte";
      if (is_run_finished()) {  // it had only to print: nothing is left to resume
        std::filesystem::remove_all(store_path().parent_path());
        before.clear();
        continue;
      }
    }
    const Measured after = complete_pairs(store_path());
    expect_kept(before, after);
    before = after;
    if (HasFatalFailure()) return;
  }
  EXPECT_GE(kills, 3);
  if (!is_finished) {
    ASSERT_EQ(playground_.run(command()).exit_code, 0);
    expect_kept(before, complete_pairs(store_path()));
  }
  const Json document = output();
  expect_same_structure(expected, document, "bench");
  EXPECT_EQ(store::Store::open(store_path()).list_runs().size(), 1U);
  for (const char* key : {"processes", "samples", "median_ns", "stopped_by", "status"}) {
    for (const std::size_t trial : {0U, 1U})
      EXPECT_EQ(document["trials"][trial][key], expected["trials"][trial][key]) << key;
  }
  EXPECT_EQ(document["comparisons"][0]["ratio"], expected["comparisons"][0]["ratio"]);
  EXPECT_GT(document["session"], 1);
}

TEST_F(Bench, a_command_that_was_finished_begins_anew) {
  ASSERT_EQ(playground_.run(command()).exit_code, 0);
  ASSERT_EQ(playground_.run(command()).exit_code, 0);
  EXPECT_EQ(output()["session"], 1);
  EXPECT_EQ(store::Store::open(store_path()).list_runs().size(), 2U);
}

TEST_F(Bench, where_nothing_can_run_nothing_is_stored) {
  const std::string model = (data_folder() / "jobs/scaled.onnx").string();
  const Outcome outcome = playground_.run("ponte bench " + model + " --runtime onnxruntime@0.0.1");
  EXPECT_EQ(outcome.exit_code, 5) << outcome.messages;
  EXPECT_FALSE(std::filesystem::exists(store_path()));
}

TEST_F(Bench, two_at_once_are_two_runs) {
  const std::string one = "(" + command() + ") ";
  const Outcome both =
      playground_.run(one + ">first & " + one + ">second; a=$?; wait $! && exit $a");
  EXPECT_EQ(both.exit_code, 0) << both.messages;
  const Json first = parse_json(text_of(playground_.path() / "first"));
  const Json second = parse_json(text_of(playground_.path() / "second"));
  EXPECT_NE(first["run"], second["run"]);
  EXPECT_EQ(first["trials"][0]["processes"], second["trials"][0]["processes"]);
  EXPECT_TRUE(store::Store::open(store_path()).check_integrity().empty());
}

TEST_F(Bench, an_interrupt_ends_with_what_there_is_and_the_same_command_goes_on) {
  playground_.folder().write("script.json", R"({"latency": {"base_ns": 1e6}, "real_time": true})");
  Process process = playground_.start(command("--max-time 1s"));
  std::this_thread::sleep_for(std::chrono::seconds(1));
  // Not the group: workers have their own.
  ASSERT_EQ(::kill(process.pid(), SIGINT), 0);
  const auto status = process.wait(std::chrono::seconds(20));
  ASSERT_TRUE(status);
  EXPECT_EQ(std::get<Exited>(*status).code, 130);
  EXPECT_EQ(output()["interrupted"], true);
  EXPECT_EQ(output()["problems"][0]["code"], "PT1130");
  const Measured before = complete_pairs(store_path());
  const auto run = output()["run"];
  const Outcome resumed = playground_.run(command("--max-time 1s"));
  EXPECT_EQ(resumed.exit_code, 0) << resumed.messages;
  EXPECT_EQ(output()["run"], run);
  EXPECT_EQ(output()["session"], 2);
  expect_kept(before, complete_pairs(store_path()));
}

TEST_F(Bench, a_stored_run_is_shown_with_its_number_its_model_and_its_problems) {
  {
    store::Store store = store::Store::open(store_path());
    auto writer = store.begin_run(
        {.command_line = "ponte bench a.onnx", .plan_key = "plan", .program_version = "0.1.0"});
    writer.put_document(store::DocumentKind::Bench, R"({"schema": "ponte/bench/1", "run": 1,
        "trials": [{"id": "t1", "model": "models/a.onnx", "runtime": "onnxruntime"}],
        "problems": [{"severity": "warning", "code": "PT2999", "message": "no bias"}]})");
    writer.interrupt();
  }
  for (const char* command : {"ponte report", "ponte report 1", "ponte runs show 1"}) {
    const Outcome outcome = playground_.run(command);
    EXPECT_EQ(outcome.exit_code, 0) << command;
    const std::string first = outcome.output.substr(0, outcome.output.find('\n'));
    EXPECT_THAT(first, testing::MatchesRegex("run 1: a\\.onnx, started .*, interrupted"))
        << command;
    EXPECT_THAT(outcome.output, HasSubstr("warning[PT2999]: no bias")) << command;
  }
  EXPECT_EQ(parse_json(playground_.run("ponte report --json").output)["schema"], "ponte/bench/1");
}

TEST_F(Bench, what_was_met_on_the_way_is_stored) {
  const std::string weights = (data_folder() / "caffe/small.caffemodel").string();
  const Outcome outcome = playground_.run(
      "ponte bench " + (data_folder() / "caffe/v1.prototxt").string() + " --weights " + weights +
      " --runtime fake@./script.json --max-time 1s --json");
  ASSERT_EQ(outcome.exit_code, 0) << outcome.messages;
  const Json problems = parse_json(outcome.output)["problems"];
  ASSERT_FALSE(problems.empty());
  EXPECT_EQ(parse_json(playground_.run("ponte report --json").output)["problems"], problems);
}

TEST_F(Bench, a_worker_that_crashes_is_a_row_while_another_answers) {
  playground_.folder().write(
      "crash.json", R"({"misbehaviours": [{"phase": "measure", "action": "crash", "amount": 9}]})");
  const std::string command =
      "ponte bench models/counted.onnx --runtime fake@./script.json,fake@./crash.json --json";
  const Outcome outcome = playground_.run(command);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.messages;
  const Json document = parse_json(outcome.output);
  EXPECT_EQ(document["trials"][0]["status"], "ok");
  EXPECT_EQ(document["trials"][1]["status"], "crashed");
  EXPECT_THAT(document["trials"][1]["why"].get<std::string>(), HasSubstr("SIGKILL"));
  EXPECT_EQ(playground_.run(command + " --strict").exit_code, 4);
  EXPECT_EQ(
      playground_.run("ponte bench models/counted.onnx --runtime fake@./crash.json").exit_code, 4);
}

TEST_F(Bench, without_any_runtime_says_what_to_do) {
  std::filesystem::create_directory(playground_.path() / "empty");
  for (const char* more : {"", "--runtime onnxruntime"}) {
    const Outcome outcome = playground_.run(
        std::string("PONTE_WORKER_PATH=$PWD/empty ponte bench models/counted.onnx --json ") + more);
    EXPECT_EQ(outcome.exit_code, 5) << more;
    EXPECT_THAT(outcome.messages, HasSubstr("ponte-worker-onnxruntime")) << more;
    EXPECT_THAT(outcome.messages, HasSubstr("help: ")) << more;
    EXPECT_EQ(parse_json(outcome.output)["schema"], "ponte/bench/1") << more;
  }
}

TEST_F(Bench, a_store_that_cannot_be_used_is_named) {
  struct Damage {
    std::string what;
    std::string code;
    int exit_code;
  };
  const std::string sql = "import sqlite3; d = sqlite3.connect('ponte/ponte.sqlite3'); ";
  const std::vector<Damage> damages = {
      {"echo nonsense that is long enough to look at > ponte/ponte.sqlite3", "PT7051", 3},
      {"python3 -c \"" + sql + "d.execute('CREATE TABLE t (x)')\"", "PT7051", 3},
      {"ponte bench models/counted.onnx --runtime fake@./script.json; python3 -c \"" + sql +
           "d.execute('PRAGMA user_version = 999')\"",
       "PT7052", 3},
      {"ponte bench models/counted.onnx --runtime fake@./script.json; "
       "dd if=/dev/zero of=ponte/ponte.sqlite3 bs=1024 seek=1 count=20 conv=notrunc",
       "PT7050", 3},
      {"mkdir ponte/ponte.sqlite3", "PT7055", 5}};
  for (const auto& [what, code, exit_code] : damages) {
    const std::string prepare =
        "rm -rf ponte; mkdir ponte; export XDG_DATA_HOME=$PWD; (" + what + ") >/dev/null 2>&1; ";
    for (const char* use :
         {"ponte runs", "ponte bench models/counted.onnx --runtime fake@./script.json"}) {
      const Outcome outcome = playground_.run(prepare + use);
      EXPECT_EQ(outcome.exit_code, exit_code) << what << ": " << use << outcome.messages;
      EXPECT_THAT(outcome.messages, HasSubstr("error[" + code + "]")) << what << ": " << use;
    }
  }
}

TEST_F(Bench, a_full_disk_is_named_and_the_same_command_resumes) {
  // A limit on the size of files is what a full disk is: a write that has no room.
  const Outcome full = playground_.run("trap '' XFSZ; ulimit -f 200; " + command());
  EXPECT_EQ(full.exit_code, 5) << full.messages;
  EXPECT_THAT(full.messages, HasSubstr("error[PT7054]"));
  const Measured before = complete_pairs(store_path());
  const Outcome resumed = playground_.run(command());
  EXPECT_EQ(resumed.exit_code, 0) << resumed.messages;
  EXPECT_EQ(parse_json(resumed.output)["session"], 2);
  expect_kept(before, complete_pairs(store_path()));
}

}  // namespace
}  // namespace ponte::test
