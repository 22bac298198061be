// Runs the command in each tests/data/cli/*.golden and compares all that it prints. With
// PONTE_UPDATE_GOLDENS=1 the files are written anew.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <regex>

#include "base/environment.h"
#include "cli/program.h"
#include "paths.h"

namespace ponte::cli {
namespace {

namespace fs = std::filesystem;

fs::path folder() { return test::data_folder() / "cli"; }

std::vector<std::string> cases() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder())) {
    if (entry.path().extension() == ".golden") names.push_back(entry.path().stem().string());
  }
  std::ranges::sort(names);
  return names;
}

// What differs from run to run: times, the use of memory, and the folder that it runs in.
std::string steady(std::string text, const fs::path& playground) {
  text = std::regex_replace(text, std::regex("in [0-9.]+ (ns|µs|ms|s)\\b"), "in TIME");
  text = std::regex_replace(text, std::regex("\"(seconds|peak_rss_bytes)\": [0-9.e-]+"),
                            "\"$1\": NUMBER");
  for (std::size_t at; (at = text.find(playground.string())) != std::string::npos;)
    text.replace(at, playground.string().size(), "PLAYGROUND");
  return text;
}

class Golden : public testing::TestWithParam<std::string> {};

TEST_P(Golden, prints_what_the_file_says) {
  const fs::path file = folder() / (GetParam() + ".golden");
  const std::string expected = test::text_of(file);
  ASSERT_TRUE(expected.starts_with("$ ")) << "the first line is the command";
  const std::string command = expected.substr(2, expected.find('\n') - 2);
  const test::Playground playground;
  const test::Outcome outcome = playground.run(command);
  std::string found = fmt::format("$ {}\nexit {}\n", command, outcome.exit_code);
  if (!outcome.output.empty()) found += "--- output\n" + steady(outcome.output, playground.path());
  if (!outcome.messages.empty())
    found += "--- messages\n" + steady(outcome.messages, playground.path());
  if (environment_variable("PONTE_UPDATE_GOLDENS") == "1") {
    std::ofstream(file, std::ios::binary) << found;
  } else {
    EXPECT_EQ(found, expected);
  }
}

INSTANTIATE_TEST_SUITE_P(CommandLine, Golden, testing::ValuesIn(cases()),
                         [](const auto& golden) { return golden.param; });

}  // namespace
}  // namespace ponte::cli
