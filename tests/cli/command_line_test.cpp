// Reading the command line, the environment and configuration files, without the program around it.
#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <regex>

#include "base/error.h"
#include "base/expect_error.h"
#include "base/temporary_folder.h"
#include "cli/arguments.h"
#include "cli/configuration.h"
#include "cli/help.h"
#include "cli/quantities.h"
#include "cli/toml.h"
#include "paths.h"

namespace ponte::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Arguments parsed(const std::vector<std::string>& words) {
  Arguments arguments;
  parse_command_line(words, arguments);
  return arguments;
}

Error refused(const std::vector<std::string>& words) {
  try {
    require_complete(parsed(words));
  } catch (const Error& error) {
    return error;
  }
  return {Code::InternalError, "it was not refused"};
}

TEST(CommandLine, takes_values_after_a_space_or_an_equals_sign) {
  const Arguments arguments =
      parsed({"convert", "a.onnx", "-o", "b", "--to=onnx", "--dim", "n=1", "--dim=m=2"});
  EXPECT_EQ(arguments.command->name, "convert");
  EXPECT_THAT(arguments.positionals, ElementsAre("a.onnx"));
  EXPECT_EQ(arguments.text("--output"), "b");
  EXPECT_EQ(arguments.text("--to"), "onnx");
  EXPECT_THAT(arguments.all("--dim"), ElementsAre("n=1", "m=2"));
  EXPECT_FALSE(arguments.has("--json"));
}

TEST(CommandLine, takes_letters_together_and_with_their_value) {
  const Arguments arguments = parsed({"convert", "-qvob.onnx", "a"});
  EXPECT_TRUE(arguments.has("--quiet"));
  EXPECT_TRUE(arguments.has("--verbose"));
  EXPECT_EQ(arguments.text("--output"), "b.onnx");
}

TEST(CommandLine, takes_global_flags_before_the_command) {
  const Arguments arguments = parsed({"--json", "--color", "never", "inspect", "a"});
  EXPECT_TRUE(arguments.has("--json"));
  EXPECT_EQ(arguments.text("--color"), "never");
}

TEST(CommandLine, takes_what_follows_two_dashes_as_it_is) {
  EXPECT_THAT(parsed({"inspect", "--", "--json"}).positionals, ElementsAre("--json"));
  EXPECT_EQ(parsed({"convert", "a", "-o", "-"}).text("--output"), "-");
}

TEST(CommandLine, lets_the_last_of_several_values_count) {
  EXPECT_EQ(parsed({"convert", "--from", "caffe", "--from", "onnx"}).text("--from"), "onnx");
}

TEST(CommandLine, splits_lists_at_commas) {
  const auto listed = [](const std::vector<std::string>& values) {
    std::vector<std::string> words = {"inspect", "a"};
    for (const std::string& value : values) words.insert(words.end(), {"--outputs-at", value});
    return parsed(words).listed("--outputs-at");
  };
  EXPECT_THAT(listed({"a,b", "c"}), ElementsAre("a", "b", "c"));
  EXPECT_THAT(listed({R"(a\,b,c\d)"}), ElementsAre("a,b", R"(c\d)"));
  EXPECT_THAT(listed({}), ElementsAre());
  for (const char* bad : {",", "a,", ",a", "a,,b"})
    test::expect_error(Code::UsageError, [&] { listed({"a", bad}); });
}

TEST(CommandLine, reads_times_and_sizes_with_their_units) {
  EXPECT_EQ(parse_time("--timeout", "1.5min"), std::chrono::seconds(90));
  EXPECT_EQ(parse_time("--timeout", "250 ms"), std::chrono::milliseconds(250));
  EXPECT_EQ(parse_size("--max-memory", "1.5GB"), 1'500'000'000U);
  EXPECT_EQ(parse_size("--max-memory", "2 GiB"), std::uint64_t{2} << 30);
  for (const char* text : {"", "GB", "-1GB", "5", "5 apples", "0GB", "99999999999TB", "0.1kBB"})
    test::expect_error(Code::UsageError, [&] { (void)parse_size("--max-memory", text); });
}

TEST(CommandLine, tells_short_help_from_long_help) {
  EXPECT_EQ(parsed({"inspect", "-h"}).help, HelpLevel::Short);
  EXPECT_EQ(parsed({"inspect", "--help"}).help, HelpLevel::Long);
  EXPECT_EQ(parsed({"help", "inspect"}).help, HelpLevel::Long);
  EXPECT_EQ(parsed({"help", "inspect"}).command->name, "inspect");
}

TEST(CommandLine, refuses_what_it_does_not_know_and_suggests_what_is_near) {
  EXPECT_EQ(refused({"inspekt", "a"}).help(), "did you mean `ponte inspect`?");
  EXPECT_EQ(refused({"xyzzyx"}).help(), "`ponte -h` lists them");
  EXPECT_EQ(refused({"inspect", "a", "--weight", "b"}).help(), "did you mean `--weights`?");
  EXPECT_EQ(refused({"inspect", "a", "--from", "onx"}).help(), "did you mean `onnx`?");
  EXPECT_THAT(refused({"inspect", "a", "-z"}).what(), HasSubstr("`-z`"));
  for (const auto& words :
       std::vector<std::vector<std::string>>{{"inspect", "a", "--weights"},
                                             {"inspect", "a", "--dim", "--json"},
                                             {"inspect", "a", "--json=1"},
                                             {"inspect", "a", "--max-depth", "x"},
                                             {"inspect", "a", "--max-depth=-1"},
                                             {"inspect", "a", "--weights="},
                                             {"inspect"},
                                             {"inspect", "a", "b"}}) {
    EXPECT_EQ(refused(words).code(), Code::UsageError) << testing::PrintToString(words);
  }
}

TEST(Commands, are_complete_tables) {
  for (const Command* command : all_commands()) {
    EXPECT_FALSE(command->summary.empty()) << command->name;
    EXPECT_FALSE(command->summary.ends_with('.')) << command->name;
    EXPECT_FALSE(command->examples.empty()) << command->name;
    EXPECT_NE(command->run, nullptr) << command->name;
    EXPECT_EQ(&command_named(command->name), command);
    std::vector<std::string_view> names;
    std::vector<char> letters;
    for (const FlagGroup& group : groups_of(command)) {
      for (const Flag& flag : group.flags) {
        EXPECT_TRUE(flag.name.starts_with("--")) << flag.name;
        EXPECT_FALSE(flag.help.empty()) << flag.name;
        EXPECT_EQ(flag.value.empty(), flag.takes == Takes::Nothing) << flag.name;
        EXPECT_EQ(flag.choices != nullptr, flag.takes == Takes::Choice) << flag.name;
        EXPECT_THAT(names, testing::Not(testing::Contains(flag.name)));
        names.push_back(flag.name);
        if (flag.letter == 0) continue;
        EXPECT_THAT(letters, testing::Not(testing::Contains(flag.letter)));
        letters.push_back(flag.letter);
      }
    }
  }
}

TEST(Help, names_every_flag_of_a_command_and_fits_a_terminal) {
  for (const Command* command : all_commands()) {
    for (const HelpLevel level : {HelpLevel::Short, HelpLevel::Long}) {
      const std::string text = help_text(command, level, 90);
      for (const FlagGroup& group : groups_of(command)) {
        for (const Flag& flag : group.flags) {
          if (flag.name == "--version") continue;
          EXPECT_THAT(text, HasSubstr(flag_heading(flag)));
        }
      }
    }
    EXPECT_THAT(help_text(command, HelpLevel::Long, 90), testing::StartsWith("Examples\n  ponte "));
  }
}

TEST(Help, keeps_to_a_narrow_terminal) {
  EXPECT_EQ(wrapped("one two three four five", 2, 20), "  one two three four\n  five\n");
  for (const Command* command : all_commands()) {
    const std::string text = help_text(command, HelpLevel::Short, 40);
    const auto flags = text.substr(text.find("\n\n"));
    std::size_t begin = 0;
    for (auto end = flags.find('\n'); end != std::string::npos; end = flags.find('\n', begin)) {
      const std::string line = flags.substr(begin, end - begin);
      const bool is_one_piece = line.find(' ', line.find_first_not_of(' ')) == std::string::npos;
      const bool is_heading = line.starts_with("  -") || line.starts_with("`ponte");
      if (!is_one_piece && !is_heading) {
        EXPECT_LE(line.size(), 40U) << command->name << line;
      }
      begin = end + 1;
    }
  }
}

TEST(Help, of_ponte_alone_is_ten_lines_with_two_examples) {
  const std::string text = overview();
  EXPECT_EQ(std::ranges::count(text, '\n'), 10);
  std::size_t examples = 0;
  for (std::size_t at = text.find("\n  ponte "); at != std::string::npos;
       at = text.find("\n  ponte ", at + 1))
    ++examples;
  EXPECT_EQ(examples, 2U);
}

TEST(Toml, reads_strings_numbers_truth_values_and_lists) {
  const auto settings = parse_toml(
      "# comment\n"
      "json = true\r\n"
      "max-depth = 1_28 # more\n"
      "\n"
      "[convert]\n"
      "to = 'a\\b'\n"
      "text = \"tab\\t quote\\\" \\u00e9 \\U0001F600\"\n"
      "dim = [ 'n=1', # first\n  \"m=2\",\n]\n"
      "ratio = -1.5e3\n"
      "empty = []");
  ASSERT_EQ(settings.size(), 7U);
  EXPECT_EQ(settings[0].section, "");
  EXPECT_THAT(settings[0].values, ElementsAre("true"));
  EXPECT_THAT(settings[1].values, ElementsAre("128"));
  EXPECT_EQ(settings[2].section, "convert");
  EXPECT_EQ(settings[2].line, 6);
  EXPECT_THAT(settings[2].values, ElementsAre("a\\b"));
  EXPECT_THAT(settings[3].values, ElementsAre("tab\t quote\" \u00e9 \U0001F600"));
  EXPECT_TRUE(settings[4].is_list);
  EXPECT_THAT(settings[4].values, ElementsAre("n=1", "m=2"));
  EXPECT_EQ(settings[5].line, 11);
  EXPECT_THAT(settings[5].values, ElementsAre("-1.5e3"));
  EXPECT_THAT(settings[6].values, IsEmpty());
}

TEST(Toml, refuses_with_the_line_what_it_does_not_understand) {
  for (const char* text : {"\nkey",
                           "\nkey =",
                           "\nkey = word",
                           "\nkey = 1 2",
                           "\n= 1",
                           "\na.b = 1",
                           "\n[[a]]",
                           "\n[a",
                           "\n[a] b = 1",
                           "\nkey = \"open",
                           "\nkey = 'open",
                           "\nkey = \"\\q\"",
                           "\nkey = \"\\u12\"",
                           "\nkey = \"\\uD800\"",
                           "\nkey = \"\"\"long\"\"\"",
                           "\nkey = {a = 1}",
                           "\nkey = [[1]]",
                           "\nkey = [1 2]",
                           "\nkey = [1",
                           "\nkey = 1979-05-27",
                           "\nkey = _1",
                           "\nkey = 1__0",
                           "\nkey = inf",
                           "\nkey = nan",
                           "\nkey = 0x1F",
                           "\n\xff = 1"}) {
    try {
      parse_toml(text);
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::ConfigurationError) << text;
      EXPECT_THAT(error.what(), HasSubstr(text[1] == '\xff' ? "UTF-8" : "line 2")) << text;
    }
  }
  EXPECT_THROW(parse_toml("a = 1\na = 2"), Error);
  EXPECT_THROW(parse_toml("[a]\n[a]"), Error);
}

class ConfigurationFiles : public testing::Test {
 protected:
  void TearDown() override { ::unsetenv("PONTE_MAX_DEPTH"); }

  Arguments configured(const std::vector<std::string>& words) {
    Arguments arguments = parsed(words);
    apply_configuration({folder_ / "ponte.toml", folder_ / "config.toml"}, arguments, warnings_);
    return arguments;
  }

  Error refused_configuration(const std::string& text) {
    folder_.write("ponte.toml", text);
    try {
      configured({"inspect", "a"});
    } catch (const Error& error) {
      return error;
    }
    return {Code::InternalError, "it was not refused"};
  }

  void SetUp() override {
    folder_.write("ponte.toml", "");
    folder_.write("config.toml", "");
  }

  test::TemporaryFolder folder_;
  Diagnostics warnings_;
};

TEST_F(ConfigurationFiles, count_less_than_the_environment_which_counts_less_than_flags) {
  folder_.write("config.toml", "max-depth = 1");
  EXPECT_EQ(configured({"inspect", "a"}).count("--max-depth"), 1U);
  folder_.write("ponte.toml", "max-depth = 2");
  EXPECT_EQ(configured({"inspect", "a"}).count("--max-depth"), 2U);
  folder_.write("ponte.toml", "max-depth = 2\n[inspect]\nmax-depth = 3\n[convert]\nmax-depth = 9");
  EXPECT_EQ(configured({"inspect", "a"}).count("--max-depth"), 3U);
  ::setenv("PONTE_MAX_DEPTH", "4", 1);
  EXPECT_EQ(configured({"inspect", "a"}).count("--max-depth"), 4U);
  EXPECT_EQ(configured({"inspect", "a", "--max-depth", "5"}).count("--max-depth"), 5U);
  EXPECT_TRUE(warnings_.empty());
}

TEST_F(ConfigurationFiles, give_lists_to_flags_that_may_be_given_several_times) {
  folder_.write("ponte.toml", "dim = ['n=1', 'm=2']");
  EXPECT_THAT(configured({"inspect", "a"}).all("--dim"), ElementsAre("n=1", "m=2"));
  EXPECT_THAT(configured({"inspect", "a", "--dim", "k=3"}).all("--dim"), ElementsAre("k=3"));
  EXPECT_EQ(refused_configuration("max-depth = [1, 2]").code(), Code::ConfigurationError);
}

TEST_F(ConfigurationFiles, may_have_flags_of_other_commands) {
  folder_.write("ponte.toml", "opset = 17");
  EXPECT_NO_THROW(configured({"inspect", "a"}));
  EXPECT_EQ(configured({"convert", "a"}).count("--opset"), 17U);
}

TEST_F(ConfigurationFiles, are_refused_where_they_are_not_understood) {
  EXPECT_EQ(refused_configuration("max-dept = 1").help(), "did you mean `max-depth`?");
  EXPECT_EQ(refused_configuration("[inspct]").code(), Code::InternalError);  // an empty section
  EXPECT_EQ(refused_configuration("[inspct]\nopset = 1").help(), "did you mean `[inspect]`?");
  EXPECT_EQ(refused_configuration("output = 'x'").code(), Code::ConfigurationError);
  EXPECT_EQ(refused_configuration("help = true").code(), Code::ConfigurationError);
  EXPECT_EQ(refused_configuration("max-depth = 'x'").code(), Code::UsageError);
  const Error error = refused_configuration("json = maybe");
  EXPECT_EQ(error.code(), Code::ConfigurationError);
  EXPECT_EQ(error.where().file, (folder_ / "ponte.toml").string());
}

TEST_F(ConfigurationFiles, of_somebody_else_are_left_out_with_a_warning) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
  folder_.write("ponte.toml", "max-depth = 2");
  ASSERT_EQ(::chown((folder_ / "ponte.toml").c_str(), 12345, 12345), 0);
  EXPECT_FALSE(configured({"inspect", "a"}).count("--max-depth").has_value());
  ASSERT_EQ(warnings_.entries().size(), 1U);
  EXPECT_EQ(warnings_.entries()[0].code, Code::ConfigurationIgnored);
}

// What stands between quotation marks in a source file.
std::vector<std::string> literals_of(const std::string& source) {
  static const std::regex literal(R"re("((?:[^"\\\n]|\\.)*)")re");
  std::vector<std::string> literals;
  for (auto it = std::sregex_iterator(source.begin(), source.end(), literal), end = decltype(it)();
       it != end; ++it)
    literals.push_back((*it)[1]);
  return literals;
}

bool is_flag_of_a_command(const std::string& name) {
  if (find_flag(nullptr, name) != nullptr) return true;
  return std::ranges::any_of(
      all_commands(), [&](const Command* command) { return find_flag(command, name) != nullptr; });
}

// Texts that lie in several pieces of a literal break between words, not within a flag.
TEST(Flags, that_any_message_help_or_page_names_exist) {
  static const std::regex flag(R"re((?:^|[\s`'\[(])(--[a-z][a-z-]*[a-z])(?![a-z:]))re");
  std::size_t count = 0;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(test::source_folder() / "src")) {
    if (entry.path().extension() != ".cpp" && entry.path().extension() != ".h") continue;
    for (const std::string& text : literals_of(test::text_of(entry.path()))) {
      for (auto it = std::sregex_iterator(text.begin(), text.end(), flag), end = decltype(it)();
           it != end; ++it) {
        ++count;
        EXPECT_TRUE(is_flag_of_a_command((*it)[1])) << (*it)[1] << " in " << entry.path();
      }
    }
  }
  EXPECT_GT(count, 100U);
}

TEST(EnvironmentNames, are_those_of_the_flags) {
  EXPECT_EQ(environment_name("--input-shape"), "PONTE_INPUT_SHAPE");
}

}  // namespace
}  // namespace ponte::cli
