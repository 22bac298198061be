#include "formats/caffe/prototxt.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/expect_error.h"

namespace ponte::test {
namespace {

using caffe::FieldKind;
using caffe::Message;

Message parse(std::string_view text) { return caffe::parse_prototxt(text, 64); }

TEST(Prototxt, ReadsCommentsNestedMessagesAndListsInBothBrackets) {
  const Message message = parse(
      "# first\n a { b: 1 # then\n c < d: X > } a: { b: 2; } e: [1, 2 , 3], f [ {g: 1}, <g: 2> ]");
  ASSERT_EQ(message.fields.size(), 7U);
  EXPECT_EQ(message.fields[0].message.text("b"), "1");
  EXPECT_EQ(message.fields[0].message.find("c")->message.text("d"), "X");
  EXPECT_EQ(message.find("a")->message.text("b"), "2");
  EXPECT_EQ(message.integers("e"), (std::vector<std::int64_t>{1, 2, 3}));
  EXPECT_EQ(message.find("f")->message.integer("g", 0), 2);
}

TEST(Prototxt, JoinsAdjacentTextsAndReadsTheirEscapes) {
  const Message message = parse(R"(a: "x\n\"" 'y\'' "\x41\102\u00e9" b: '')");
  EXPECT_EQ(message.text("a"), "x\n\"y'AB\xc3\xa9");
  EXPECT_EQ(message.find("a")->kind, FieldKind::Text);
  EXPECT_EQ(message.text("b"), "");
}

TEST(Prototxt, ReadsNumbersInEveryNotation) {
  const Message message = parse("a: 0x1F a: 017 a: - 3 a: -0 f: 1.5e-3f f: .5 f: 2. f: -inf f: 7");
  EXPECT_EQ(message.integers("a"), (std::vector<std::int64_t>{31, 15, -3, 0}));
  std::vector<double> floats;
  for (const std::string& word : message.texts("f"))
    floats.push_back(caffe::parse_float(word).value());
  EXPECT_THAT(floats, testing::ElementsAre(1.5e-3, 0.5, 2, -HUGE_VAL, 7));
  EXPECT_FALSE(caffe::parse_integer("09"));
  EXPECT_FALSE(caffe::parse_integer("99999999999999999999"));
  EXPECT_FALSE(caffe::parse_float("1.2.3"));
}

TEST(Prototxt, KeepsFieldsOfForksAndExtensions) {
  const Message message = parse("[caffe.own] { x: 1 } new_param { mode: FAST on: true }");
  EXPECT_EQ(message.find("caffe.own")->message.text("x"), "1");
  EXPECT_EQ(message.find("new_param")->message.text("mode"), "FAST");
}

TEST(Prototxt, IsPrintedSoThatItParsesToTheSame) {
  const std::string text =
      "name: \"a \\\"b\\\" \\\\ \\001\xc3\xa9\"\nlayer {\n  top: \"x\"\n  x_param {\n    pad: 1\n  "
      "  "
      "mode: MAX\n  }\n}\n";
  EXPECT_EQ(caffe::print_prototxt(parse(text)), text);
  EXPECT_EQ(parse(text).text("name"), "a \"b\" \\ \x01\xc3\xa9");
}

TEST(Prototxt, SaysLineAndColumnOfAnError) {
  const auto error = error_of([] { parse("a: 1\n  b { c: ! }"); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), Code::InvalidText);
  EXPECT_STREQ(error->what(), "line 2, column 10: the value of `c` is expected");
  EXPECT_EQ(error->where().byte, 14U);
}

TEST(Prototxt, RefusesWhatIsCutShortOrMalformed) {
  for (const char* text : {"a", "a:", "a {", "a { b: 1", "a: \"x", "a: \"x\n\"", "a: [1",
                           "a: [1 2]", "a b: 1", "a: 1x", "a: \"\\q\"", "a: \"\\ud800\"", "}",
                           ": 1", "a: -", "a { b: 1 >", "[a.b", "a: \"\\x\""}) {
    SCOPED_TRACE(text);
    expect_error(Code::InvalidText, [&] { parse(text); });
  }
}

TEST(Prototxt, RefusesNestingBeyondTheLimit) {
  const auto nested = [](int depth) {
    std::string text;
    for (int i = 0; i < depth; ++i) text += "a{";
    return text + std::string(static_cast<std::size_t>(depth), '}');
  };
  EXPECT_NO_THROW(parse(nested(64)));
  expect_error(Code::NestingTooDeep, [&] { parse(nested(65)); });
  expect_error(Code::NestingTooDeep, [&] { parse(nested(100'000)); });
}

}  // namespace
}  // namespace ponte::test
