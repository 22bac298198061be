// What the program promises to scripts: one JSON object, exit codes, pipes, no colour into files.
#include "cli/program.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "base/error.h"
#include "base/json.h"
#include "cli/command.h"
#include "cli/problem_lines.h"
#include "cli/run.h"

namespace ponte::cli {
namespace {

using test::Outcome;
using test::Playground;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST(Program, suggests_a_command_that_a_shell_reads_with_all_that_was_said_of_the_model) {
  const Playground playground;
  playground.run("cp models/open_batch.onnx $'it\\'s a\\nmodel.onnx'");
  const std::string messages =
      playground
          .run(
              "ponte convert $'it\\'s a\\nmodel.onnx' -o 'a b.onnx' --from onnx --dim batch=8 "
              "--max-depth 70")
          .messages;
  const auto begin = messages.find("next: ponte ");
  ASSERT_NE(begin, std::string::npos) << messages;
  const std::string words = messages.substr(begin + 12, messages.find('\n', begin) - begin - 12);
  EXPECT_EQ(playground.run("printf '%s|' " + words).output,
            "verify|it's a\nmodel.onnx|--from|onnx|--dim|batch=8|--max-depth|70|a b.onnx|");
}

TEST(Program, gives_no_verdict_on_what_it_could_not_begin) {
  const Playground playground;
  const Outcome outcome = playground.run("ponte verify models/absent.onnx");
  EXPECT_EQ(outcome.exit_code, 5);
  EXPECT_THAT(outcome.output, IsEmpty());
  EXPECT_THAT(outcome.messages, HasSubstr("absent.onnx"));
}

TEST(Program, prints_one_json_object_for_every_command_that_has_one) {
  const Playground playground;
  const std::vector<std::pair<std::string, std::string>> commands = {
      {"inspect models/counted.onnx", "ponte/inspect/1"},
      {"convert models/counted.onnx -o out.onnx", "ponte/convert/1"},
      {"formats", "ponte/formats/1"},
      {"ops", "ponte/ops/1"},
      {"ops Conv", "ponte/ops/1"},
      {"runtimes --look-only", "ponte/runtimes/1"},
      {"explain PT2103", "ponte/explain/1"},
      {"explain", "ponte/explain/1"},
      {"runs", "ponte/runs/1"}};
  for (const auto& [command, schema] : commands) {
    const Outcome outcome = playground.run("ponte " + command + " --json");
    EXPECT_EQ(outcome.exit_code, 0) << command << outcome.messages;
    EXPECT_THAT(outcome.messages, IsEmpty()) << command;
    EXPECT_EQ(parse_json(outcome.output)["schema"], schema) << command;
  }
}

TEST(Program, prints_one_json_object_with_the_problems_when_it_fails) {
  const Playground playground;
  struct Failure {
    std::string command;
    std::string schema;
    std::string code;
    int exit_code;
  };
  const std::vector<Failure> failures = {
      {"inspect absent.onnx", "ponte/inspect/1", "PT1101", 5},
      {"inspect models/make_models.py", "ponte/inspect/1", "PT2001", 3},
      {"inspect models/mismatch.onnx", "ponte/inspect/1", "PT3105", 3},
      {"convert models/mismatch.onnx -o out.onnx", "ponte/convert/1", "PT3105", 3},
      {"convert models/counted.onnx -o out.bin", "ponte/convert/1", "PT1002", 2},
      {"convert models/counted.onnx -o absent/out.onnx", "ponte/convert/1", "PT1103", 5},
      {"convert models/counted.onnx", "ponte/convert/1", "PT1001", 2},
      {"inspect", "ponte/inspect/1", "PT1001", 2},
      {"inspect models/counted.onnx --max-depth 1001", "ponte/inspect/1", "PT1001", 2},
      {"inspect a --dmi n=1", "ponte/inspect/1", "PT1001", 2},
      {"ops Cnov", "ponte/ops/1", "PT1002", 2},
      {"explain PT0000", "ponte/explain/1", "PT1002", 2},
      {"runs show 12", "ponte/runs/1", "PT7056", 2},
      {"inspekt a", "ponte/error/1", "PT1002", 2}};
  for (const auto& [command, schema, code, exit_code] : failures) {
    const Outcome outcome = playground.run("ponte " + command + " --json");
    EXPECT_EQ(outcome.exit_code, exit_code) << command << outcome.messages;
    const Json json = parse_json(outcome.output);
    EXPECT_EQ(json["schema"], schema) << command;
    ASSERT_FALSE(json["problems"].empty()) << command;
    EXPECT_EQ(json["problems"][0]["code"], code) << command;
    EXPECT_THAT(outcome.messages, HasSubstr("error[" + code + "]: ")) << command;
  }
}

TEST(Program, ends_a_worker_that_never_answers_after_the_time_it_was_given) {
  const Playground playground;
  playground.folder().write("hang.json",
                            R"({"misbehaviours": [{"phase": "run", "action": "hang_deaf"}]})");
  const Outcome alone = playground.run(
      "ponte verify models/counted.onnx --runtime fake@./hang.json --timeout 0.3s --json");
  EXPECT_EQ(alone.exit_code, 4);
  const Json row = parse_json(alone.output)["subjects"][0];
  EXPECT_EQ(row["status"], "timed_out");
  EXPECT_THAT(row["why"].get<std::string>(), HasSubstr("no answer within 300 ms; `--timeout`"));
  // While another one answers it is a row.
  const Outcome beside = playground.run(
      "ponte verify models/counted.onnx --runtime reference,fake@./hang.json --timeout 0.3s "
      "--undecided ok --json");
  EXPECT_EQ(beside.exit_code, 0);
  EXPECT_EQ(parse_json(beside.output)["subjects"][1]["status"], "timed_out");
}

TEST(Program, ends_a_worker_that_holds_more_memory_than_it_was_given) {
  const Playground playground;
  playground.folder().write(
      "hog.json",
      R"({"misbehaviours": [{"phase": "load", "action": "memory_hog", "amount": 4000000000}]})");
  for (const char* command : {"verify", "bench"}) {
    const Outcome outcome =
        playground.run(std::string("ponte ") + command +
                       " models/counted.onnx --runtime fake@./hog.json --max-memory 200MB");
    EXPECT_EQ(outcome.exit_code, 4) << outcome.messages;
    EXPECT_THAT(outcome.messages, HasSubstr("200 MB are allowed; `--max-memory` allows more"));
  }
}

TEST(Program, says_which_settings_raise_the_limits_of_the_reference) {
  const Playground playground;
  const std::string command = "ponte verify models/counted.onnx --runtime reference --set ";
  EXPECT_THAT(playground.run(command + "reference.max_steps=1000").messages,
              HasSubstr("over 1,000 steps; `--set reference.memory_bytes=N`"));
  EXPECT_THAT(playground.run(command + "reference.memory_bytes=3000").messages,
              HasSubstr("and 3,000 are allowed; `--set reference.memory_bytes=N`"));
}

TEST(Program, goes_on_quietly_when_nobody_reads_its_output) {
  const Playground playground;
  const Outcome outcome = playground.run(
      "set -o pipefail; ponte ops --json | head -c 10; ponte "
      "ops --json | true; echo ${PIPESTATUS[0]}");
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.output, "{\n  \"schem0\n");
  EXPECT_THAT(outcome.messages, IsEmpty());
}

TEST(Program, says_so_when_the_disk_is_full_or_output_is_closed) {
  const Playground playground;
  for (const char* redirection : {">/dev/full", ">&-"}) {
    const Outcome outcome = playground.run(std::string("ponte ops ") + redirection);
    EXPECT_EQ(outcome.exit_code, 5) << redirection;
    EXPECT_THAT(outcome.messages, HasSubstr("error[PT1103]: ")) << redirection;
  }
}

TEST(Program, colours_only_where_it_is_told_to_without_a_terminal) {
  const Playground playground;
  const auto escapes = [&](const std::string& script) {
    const Outcome outcome = playground.run(script);
    return (outcome.output + outcome.messages).find('\x1b') != std::string::npos;
  };
  EXPECT_FALSE(escapes("ponte inspect models/counted.onnx"));
  EXPECT_FALSE(escapes("ponte inspect absent.onnx"));
  EXPECT_TRUE(escapes("ponte inspect models/counted.onnx --color always"));
  EXPECT_TRUE(escapes("ponte inspect absent.onnx --color always"));
  EXPECT_TRUE(escapes("ponte inspekt --color=always"));
  EXPECT_FALSE(escapes("NO_COLOR=1 ponte inspect absent.onnx"));
}

TEST(Program, shows_hostile_names_harmless) {
  const Playground playground;
  const Outcome outcome = playground.run("ponte inspect models/mismatch.onnx");
  EXPECT_EQ(outcome.exit_code, 3);
  EXPECT_THAT(outcome.messages, HasSubstr("first\\x1b[31m"));
  EXPECT_THAT(outcome.output + outcome.messages, Not(HasSubstr("\x1b")));
  EXPECT_EQ(parse_json(playground.run("ponte inspect models/mismatch.onnx --json")
                           .output)["problems"][0]["where"]["node"],
            "first\x1b[31m");
}

TEST(Program, converts_to_standard_output) {
  const Playground playground;
  const Outcome outcome = playground.run(
      "ponte convert models/counted.onnx -o - --to onnx | cmp - models/counted.onnx");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.output << outcome.messages;
  EXPECT_EQ(playground.run("ponte convert models/counted.onnx -o -").exit_code, 2);
  EXPECT_EQ(playground.run("ponte convert models/counted.onnx -o - --to onnx --json").exit_code, 2);
  const Outcome failed = playground.run("ponte convert models/mismatch.onnx -o - --to onnx");
  EXPECT_EQ(failed.exit_code, 3);
  EXPECT_THAT(failed.output, IsEmpty());
}

TEST(Program, stops_while_it_writes_what_runtimes_would_read) {
  const Playground playground;
  // 16 MB a layer, which takes longer to draw than a second.
  std::string text = "input: \"data\" input_shape { dim: 1 dim: 2000 }\n";
  for (int i = 0; i < 500; ++i) {
    text += fmt::format(
        "layer {{ name: \"l{}\" type: \"InnerProduct\" bottom: \"{}\" top: \"v{}\" "
        "inner_product_param {{ num_output: 2000 }} }}\n",
        i, i == 0 ? "data" : fmt::format("v{}", i - 1), i);
  }
  playground.folder().write("deep.prototxt", text);
  playground.run("mkdir scratch");
  for (const std::string command : {"verify", "analyze"}) {
    const Outcome outcome =
        playground.run("TMPDIR=$PWD/scratch timeout --preserve-status 1 ponte " + command +
                       " deep.prototxt --random-weights 1");
    EXPECT_EQ(outcome.exit_code, 130) << command << outcome.messages;
    EXPECT_THAT(outcome.messages, HasSubstr("PT1130"));
  }
  EXPECT_THAT(playground.run("ls scratch").output, IsEmpty());
}

TEST(Program, refuses_weights_that_no_disk_has_room_for) {
  const Playground playground;
  playground.folder().write("wide.prototxt", R"(
      input: "data" input_shape { dim: 1 dim: 1000000 }
      layer { name: "wide" type: "InnerProduct" bottom: "data" top: "out"
              inner_product_param { num_output: 1000000000 } })");
  const Outcome outcome = playground.run(
      "ponte convert wide.prototxt --random-weights 1 -o out.onnx; code=$?; ls; exit $code");
  EXPECT_EQ(outcome.exit_code, 5);
  EXPECT_THAT(outcome.messages, HasSubstr("4,000,000,000,000,000 bytes are to come"));
  EXPECT_THAT(outcome.output, Not(HasSubstr("out.onnx")));
}

TEST(Program, suggests_nothing_after_it_replaced_the_source) {
  const Playground playground;
  const Outcome outcome =
      playground.run("ponte convert models/counted.onnx -o models/counted.onnx");
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.messages, Not(HasSubstr("next:")));
}

TEST(Program, is_quiet_when_asked_and_never_about_errors) {
  const Playground playground;
  EXPECT_THAT(playground.run("ponte convert -q models/counted.onnx -o out.onnx").messages,
              IsEmpty());
  EXPECT_THAT(playground.run("ponte inspect -q absent.onnx").messages, HasSubstr("error["));
}

TEST(Program, follows_the_configuration_of_the_project) {
  const Playground playground;
  playground.folder().write("ponte.toml", "json = true\n");
  EXPECT_EQ(parse_json(playground.run("ponte ops Conv").output)["ops"].size(), 1U);
  EXPECT_THAT(playground.run("PONTE_JSON=false ponte ops Conv").output, HasSubstr("op "));
  playground.folder().write("ponte.toml", "jsom = true\n");
  const Outcome outcome = playground.run("ponte ops Conv");
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.messages, HasSubstr("did you mean `json`?"));
}

TEST(Program, completes_in_bash_what_the_tables_have) {
  const Playground playground;
  const std::string setup =
      "source <(ponte completions bash)\n"
      "complete_words() { COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _ponte; "
      "echo \"${COMPREPLY[*]}\"; }\n"
      "compopt() { :; }\n";
  EXPECT_EQ(playground.run(setup + "complete_words ponte insp").output, "inspect\n");
  EXPECT_EQ(playground.run(setup + "complete_words ponte inspect --max").output, "--max-depth\n");
  EXPECT_EQ(playground.run(setup + "complete_words ponte convert --to on").output, "onnx\n");
  EXPECT_EQ(playground.run(setup + "complete_words ponte --json ops Conca").output,
            "Concat ConcatFromSequence\n");
  EXPECT_EQ(playground.run(setup + "complete_words ponte inspect mod").output, "models\n");
  EXPECT_THAT(playground.run(setup + "complete_words ponte inspect mod").messages, IsEmpty());
}

TEST(Program, has_scripts_and_pages_for_every_command) {
  const Playground playground;
  for (const char* shell : {"zsh", "fish"}) {
    const std::string script = playground.run(std::string("ponte completions ") + shell).output;
    for (const Command* command : all_commands())
      EXPECT_THAT(script, HasSubstr(std::string(command->name))) << shell;
  }
  EXPECT_EQ(playground.run("ponte completions tcsh").exit_code, 2);
  for (const Command* command : all_commands()) {
    const Outcome page = playground.run("ponte manual " + std::string(command->name));
    EXPECT_EQ(page.exit_code, 0);
    EXPECT_THAT(page.output, testing::StartsWith(".TH ponte\\-")) << command->name;
    EXPECT_THAT(page.output, HasSubstr(".SH OPTIONS")) << command->name;
  }
}

TEST(Program, has_pages_that_groff_understands) {
  const Playground playground;
  if (playground.run("command -v groff").exit_code != 0) GTEST_SKIP() << "groff is not installed";
  for (const Command* command : all_commands()) {
    const Outcome outcome = playground.run("ponte manual " + std::string(command->name) +
                                           " | groff -man -ww -Tutf8 -z");
    EXPECT_THAT(outcome.messages, IsEmpty()) << command->name;
  }
  EXPECT_THAT(playground.run("ponte manual | groff -man -ww -Tutf8 -z").messages, IsEmpty());
}

class InternalErrors : public testing::Test {
 protected:
  void SetUp() override { ::setenv("XDG_CACHE_HOME", folder_.path().c_str(), 1); }
  void TearDown() override { ::unsetenv("XDG_CACHE_HOME"); }

  test::TemporaryFolder folder_;
};

TEST_F(InternalErrors, end_with_six_and_leave_a_log) {
  Console console;
  testing::internal::CaptureStderr();
  const int code = guarded(console, "ponte/inspect/1", {"inspect", "a.onnx"},
                           []() -> int { throw std::logic_error("this can't be"); });
  const std::string messages = testing::internal::GetCapturedStderr();
  EXPECT_EQ(code, 6);
  EXPECT_THAT(messages, HasSubstr("error[PT9001]: internal error: this can't be\n"));
  const auto logs = folder_ / "ponte/logs";
  ASSERT_TRUE(std::filesystem::exists(logs));
  const auto log = std::filesystem::directory_iterator(logs)->path();
  EXPECT_THAT(messages, HasSubstr(log.string()));
  const Json json = parse_json(test::text_of(log));
  EXPECT_EQ(json["message"], "this can't be");
  EXPECT_EQ(json["arguments"], Json::parse(R"(["inspect", "a.onnx"])"));
}

TEST_F(InternalErrors, say_why_there_is_no_log) {
  folder_.write("ponte", "a file where a folder should be");
  Console console;
  testing::internal::CaptureStderr();
  const int code = guarded(console, "ponte/inspect/1", {},
                           []() -> int { throw Error(Code::InternalError, "a check failed"); });
  EXPECT_EQ(code, 6);
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("there is no log: "));
}

TEST(ProblemLines, have_the_form_of_the_interface) {
  Diagnostics problems;
  problems.add({Severity::Error,
                Code::TruncatedTensor,
                "tensor `conv1.weight` needs 9,437,184 bytes, but the file has 1,204 left",
                {"model.onnx", "graph.initializer[12]", "", 88120},
                "it looks truncated; fetch it again"});
  for (int i = 0; i < 1200; ++i)
    problems.warn(Code::UnreadAttribute, "nobody reads `a`", {"m", "n", "Conv", {}});
  EXPECT_EQ(problem_lines(problems, Severity::Note, usual_problems, Styles(false)),
            "error[PT2103]: tensor `conv1.weight` needs 9,437,184 bytes, but the file has 1,204 "
            "left\n"
            "  --> model.onnx: graph.initializer[12], byte 88,120\n"
            "  help: it looks truncated; fetch it again\n"
            "warning[PT2402]: nobody reads `a`\n"
            "  --> m: n (Conv)\n"
            "  note: 1,200 times; this is the first\n");
}

TEST(ProblemLines, show_the_gravest_where_there_are_too_many) {
  Diagnostics problems;
  for (int i = 0; i < 5; ++i) problems.warn(Code::UnreadAttribute, "w" + std::to_string(i));
  problems.add(Error(Code::TruncatedFile, "e"));
  EXPECT_EQ(problem_lines(problems, Severity::Note, 2, Styles(false)),
            "error[PT2101]: e\nwarning[PT2402]: w0\n4 more problems; -v shows all\n");
  EXPECT_EQ(problem_lines(problems, Severity::Error, 2, Styles(false)), "error[PT2101]: e\n");
}

}  // namespace
}  // namespace ponte::cli
