#include "base/error_codes.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <regex>
#include <set>

#include "paths.h"
#include "temporary_folder.h"

namespace ponte {
namespace {

// Name and number of each enumerator of Code, from the header's text.
std::map<std::string, int> enumerators() {
  const std::string header = test::text_of(test::source_folder() / "src/base/error_codes.h");
  const std::size_t start = header.find("enum class Code");
  const std::string body = header.substr(start, header.find("};", start) - start);
  const std::regex pattern(R"(^\s*(\w+) = (\d+),)", std::regex::multiline);
  std::map<std::string, int> found;
  for (std::sregex_iterator it(body.begin(), body.end(), pattern), end; it != end; ++it) {
    found.emplace((*it)[1], std::stoi((*it)[2]));
  }
  return found;
}

TEST(ErrorCodes, EveryEnumeratorHasExactlyOnePage) {
  const auto codes = enumerators();
  ASSERT_GT(codes.size(), 50u);
  std::multiset<int> pages;
  for (const CodePage& page : code_pages()) pages.insert(static_cast<int>(page.code));
  for (const auto& [name, number] : codes) EXPECT_EQ(pages.count(number), 1u) << name;
  EXPECT_EQ(pages.size(), codes.size());
}

TEST(ErrorCodes, NoNumberIsUsedTwice) {
  std::set<int> numbers;
  for (const auto& [name, number] : enumerators())
    EXPECT_TRUE(numbers.insert(number).second) << name;
}

TEST(ErrorCodes, TitlesAreOneLineWithoutAFullStop) {
  for (const CodePage& page : code_pages()) {
    EXPECT_FALSE(page.title.empty()) << to_string(page.code);
    EXPECT_FALSE(page.title.ends_with('.')) << page.title;
    EXPECT_EQ(page.title.find('\n'), std::string_view::npos) << page.title;
  }
}

TEST(ErrorCodes, ExplanationsAreSentences) {
  for (const CodePage& page : code_pages())
    EXPECT_TRUE(page.explanation.ends_with('.')) << page.explanation;
}

TEST(ErrorCodes, TextAndCodeConvertBothWays) {
  for (const CodePage& page : code_pages()) EXPECT_EQ(parse_code(to_string(page.code)), page.code);
  EXPECT_EQ(to_string(Code::TruncatedTensor), "PT2103");
  EXPECT_EQ(parse_code("pt2103"), Code::TruncatedTensor);
  EXPECT_EQ(parse_code("2103"), Code::TruncatedTensor);
  for (const char* text : {"", "PT", "PT2103x", "PT9999", "99999", "-1", "PTPT2103"}) {
    EXPECT_EQ(parse_code(text), std::nullopt) << text;
  }
}

TEST(ErrorCodes, ExitCodesFollowTheKind) {
  EXPECT_EQ(exit_code(ErrorKind::Usage), 2);
  EXPECT_EQ(exit_code(ErrorKind::Malformed), 3);
  EXPECT_EQ(exit_code(ErrorKind::Worker), 4);
  EXPECT_EQ(exit_code(code_page(Code::CannotWriteFile).kind), 5);
  EXPECT_EQ(exit_code(ErrorKind::Internal), 6);
  EXPECT_EQ(exit_code(code_page(Code::Interrupted).kind), 130);
}

}  // namespace
}  // namespace ponte
