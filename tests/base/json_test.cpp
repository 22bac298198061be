#include "base/json.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "expect_error.h"

namespace ponte {
namespace {

using test::error_of;
using test::expect_error;

TEST(Json, WhatJsonCannotSayIsNull) {
  EXPECT_EQ(number(1.5).dump(), "1.5");
  EXPECT_TRUE(number(std::nan("")).is_null());
  EXPECT_TRUE(number(std::numeric_limits<double>::infinity()).is_null());
  EXPECT_TRUE(number(-std::numeric_limits<double>::infinity()).is_null());
}

TEST(Json, ValuesOfEveryKindAreReadInOrder) {
  constexpr std::string_view text =
      R"({"z":[1,-2,18446744073709551615,1.5e3,true,false,null,"\u00e9\n"],"a":{},"m":[[]],"k":{"x":{"y":0}}})";
  EXPECT_EQ(
      parse_json(text).dump(),
      "{\"z\":[1,-2,18446744073709551615,1500.0,true,false,null,\"é\\n\"],\"a\":{},\"m\":[[]],"
      "\"k\":{\"x\":{\"y\":0}}}");
  EXPECT_EQ(parse_json("3"), Json(3));
}

TEST(Json, TheBuilderAgreesWithTheLibrary) {
  constexpr std::string_view text =
      R"( {"a" : [ {"b":1}, {"c":[2, 3, {"d":"e"}]} ], "f": "g", "h": -0.25 } )";
  EXPECT_EQ(parse_json(text), Json::parse(text));
}

TEST(Json, EveryTruncationIsRefused) {
  constexpr std::string_view text = R"({"a":[1,{"b":"c\u00e9"}],"d":null})";
  for (std::size_t size = 0; size < text.size(); ++size) {
    expect_error(Code::InvalidText, [&] { parse_json(text.substr(0, size)); });
  }
}

TEST(Json, WhatBreaksTheGrammarIsRefused) {
  for (const char* text : {"{'a':1}", "[1,]", "{\"a\":1,}", "// c\n1", "NaN", "01", "1 2",
                           "\"\x80\"", "1e999", "\"\n\""}) {
    SCOPED_TRACE(text);
    expect_error(Code::InvalidText, [&] { parse_json(text); });
  }
}

TEST(Json, AnErrorNamesItsLineAndColumn) {
  const auto error = error_of([] { parse_json("{\n  \"a\": 1,\n  \"b\" 2\n}"); });
  ASSERT_TRUE(error);
  EXPECT_TRUE(std::string(error->what()).starts_with("line 3, column 7: ")) << error->what();
  EXPECT_EQ(std::string(error->what()).find("json.exception"), std::string::npos) << error->what();
}

TEST(Json, DuplicateKeysAreRefused) {
  expect_error(Code::InvalidText, [] { parse_json(R"({"a":1,"b":2,"a":3})"); });
  EXPECT_EQ(parse_json(R"({"a":{"a":1},"b":{"a":2}})").size(), 2u);
}

TEST(Json, NestingIsLimited) {
  const auto nested = [](int depth) {
    const auto count = static_cast<std::size_t>(depth);
    return std::string(count, '[') + std::string(count, ']');
  };
  EXPECT_TRUE(parse_json(nested(64)).is_array());
  expect_error(Code::NestingTooDeep, [&] { parse_json(nested(65)); });
  expect_error(Code::NestingTooDeep, [&] { parse_json(nested(3), 2); });
  expect_error(Code::NestingTooDeep, [] { parse_json(std::string(1'000'000, '[')); });
}

TEST(Json, ManyKeysTakeNoQuadraticTime) {
  std::string text = "{";
  for (int i = 0; i < 300'000; ++i) text += "\"key" + std::to_string(i) + "\":0,";
  text.back() = '}';
  EXPECT_EQ(parse_json(text).size(), 300'000u);
}

TEST(Json, WritingReplacesBytesThatAreNotUtf8) {
  EXPECT_EQ(json_line(Json{{"a", "x\xff"}}), "{\"a\":\"x\xEF\xBF\xBD\"}");
  EXPECT_EQ(json_text(Json{{"a", 1}}), "{\n  \"a\": 1\n}\n");
}

}  // namespace
}  // namespace ponte
