#include "base/text.h"

#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <vector>

#include "base/counted.h"
#include "base/utf8.h"

namespace ponte {
namespace {

using namespace std::chrono_literals;

TEST(Utf8, CodePointsOfEachLengthAreDecoded) {
  constexpr std::string_view text = "a\u00e9\u20ac\U0001F600";
  std::size_t position = 0;
  EXPECT_EQ(decode_utf8(text, position), U'a');
  EXPECT_EQ(decode_utf8(text, position), U'\u00e9');
  EXPECT_EQ(decode_utf8(text, position), U'\u20ac');
  EXPECT_EQ(decode_utf8(text, position), U'\U0001F600');
  EXPECT_EQ(position, text.size());
}

TEST(Utf8, WhatTheStandardForbidsIsNoUtf8) {
  for (const std::string_view text :
       {"\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xE0\x9F\xBF", "\xED\xA0\x80",
        "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "\xE2\x82", "\xC3",
        "\xC3(", "\xE2(\xA1"}) {
    std::size_t position = 0;
    EXPECT_EQ(decode_utf8(text, position), std::nullopt);
    EXPECT_EQ(position, 1u);
    EXPECT_FALSE(is_utf8(text));
  }
  for (const std::string_view text :
       {"", "\xC2\x80", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_TRUE(is_utf8(text));
  }
}

TEST(Utf8, WidthsAreThoseOfATerminal) {
  EXPECT_EQ(display_width("conv1"), 5u);
  EXPECT_EQ(display_width("é"), 1u);
  EXPECT_EQ(display_width("e\u0301"), 1u);
  EXPECT_EQ(display_width("卷积"), 4u);
  EXPECT_EQ(display_width("\x1b[1;31mred\x1b[0m"), 3u);
  EXPECT_EQ(display_width("\xff\xff"), 2u);
}

TEST(Text, DigitsAreGroupedByThree) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(9437184), "9,437,184");
  EXPECT_EQ(grouped(-123456), "-123,456");
  EXPECT_EQ(grouped(-123), "-123");
  EXPECT_EQ(grouped(std::numeric_limits<std::uint64_t>::max()), "18,446,744,073,709,551,615");
  EXPECT_EQ(grouped(std::numeric_limits<std::int64_t>::min()), "-9,223,372,036,854,775,808");
}

TEST(Text, ANounAgreesWithItsNumber) {
  EXPECT_EQ(counted(0, "row", "rows"), "0 rows");
  EXPECT_EQ(counted(1u, "row", "rows"), "1 row");
  EXPECT_EQ(counted(1204, "row", "rows"), "1,204 rows");
}

TEST(Text, WhatWouldSteerATerminalIsEscaped) {
  EXPECT_EQ(escape_control("conv1/weight:0"), "conv1/weight:0");
  EXPECT_EQ(escape_control("\x1b[2Jgone"), "\\x1b[2Jgone");
  EXPECT_EQ(escape_control("a\nb\tc\r\x7f"), "a\\x0ab\\x09c\\x0d\\x7f");
  EXPECT_EQ(escape_control(std::string_view("a\0b", 3)), "a\\x00b");
  EXPECT_EQ(escape_control("\xC2\x9B"
                           "31m"),
            "\\u{009b}31m");  // CSI as a C1 control
  EXPECT_EQ(escape_control("\x9B"
                           "31m\xff"),
            "\\x9b31m\\xff");
  EXPECT_EQ(escape_control("a\u202Eb\u2066c\u200Bd\uFEFF"),
            "a\\u{202e}b\\u{2066}c\\u{200b}d\\u{feff}");
  EXPECT_EQ(escape_control("Größe 卷积 😀"), "Größe 卷积 😀");
}

TEST(Text, NoEscapedTextHasControlBytes) {
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const std::string text = {static_cast<char>(first), static_cast<char>(second)};
      const std::string escaped = escape_control(text);
      EXPECT_TRUE(is_utf8(escaped));
      for (std::size_t position = 0; position < escaped.size();) {
        EXPECT_FALSE(is_hostile_to_terminals(*decode_utf8(escaped, position)));
      }
    }
  }
}

TEST(Text, LongTextIsCutWithAnEllipsis) {
  EXPECT_EQ(escape_control("abcdef", 6), "abcdef");
  EXPECT_EQ(escape_control("abcdefg", 6), "abcde…");
  EXPECT_EQ(escape_control("abcd\x1b"
                           "ef",
                           6),
            "abcd…");  // no half of an escape
  EXPECT_EQ(escape_control("卷积网络", 7), "卷积网…");
  EXPECT_EQ(escape_control("卷积网络", 6), "卷积…");
  EXPECT_EQ(escape_control("abc", 0), "");
  EXPECT_EQ(shorten("abcdefg", 6), "abcde…");
  EXPECT_EQ(shorten("abc", 3), "abc");
  EXPECT_EQ(escape_control(std::string(10'000'000, 'x')).size(), 199 + std::string("…").size());
}

TEST(Text, StackedCombiningMarksCount) {
  std::string text = "a";
  for (int i = 0; i < 1000; ++i) text += "\u0301";
  EXPECT_LE(escape_control(text, 10).size(), 2 * 10 + std::string("…").size());
}

TEST(Text, SizesHaveThreeDigitsAndADecimalUnit) {
  EXPECT_EQ(format_size(0), "0 B");
  EXPECT_EQ(format_size(999), "999 B");
  EXPECT_EQ(format_size(1000), "1.00 kB");
  EXPECT_EQ(format_size(12'400'000), "12.4 MB");
  EXPECT_EQ(format_size(999'499), "999 kB");
  EXPECT_EQ(format_size(999'500), "1.00 MB");
  EXPECT_EQ(format_size(9'994'999), "9.99 MB");
  EXPECT_EQ(format_size(9'996'000), "10.0 MB");
  EXPECT_EQ(format_size(std::numeric_limits<std::uint64_t>::max()), "18.4 EB");
}

TEST(Text, DurationsHaveThreeDigitsAndAUnit) {
  EXPECT_EQ(format_duration(0s), "0 s");
  EXPECT_EQ(format_duration(17ns), "17.0 ns");
  EXPECT_EQ(format_duration(842us), "842 µs");
  EXPECT_EQ(format_duration(1234us), "1.23 ms");
  EXPECT_EQ(format_duration(999'600ns), "1.00 ms");
  EXPECT_EQ(format_duration(12s), "12.0 s");
  EXPECT_EQ(format_duration(123s), "2 min 03 s");
  EXPECT_EQ(format_duration(3600s), "1 h 00 min");
  EXPECT_EQ(format_duration(-5ms), "-5.00 ms");
  EXPECT_EQ(
      format_duration(std::chrono::duration<double>(std::numeric_limits<double>::quiet_NaN())),
      "n/a");
}

TEST(Text, PercentagesAndRatiosHaveThreeDigits) {
  EXPECT_EQ(format_percent(0.1234), "12.3 %");
  EXPECT_EQ(format_percent(-0.005), "-0.50 %");
  EXPECT_EQ(format_percent(1), "100 %");
  EXPECT_EQ(format_ratio(1.234), "1.23x");
  EXPECT_EQ(format_ratio(std::numeric_limits<double>::infinity()), "n/a");
}

TEST(Text, EditDistanceCountsInsertionsDeletionsReplacementsAndSwaps) {
  EXPECT_EQ(edit_distance("", ""), 0u);
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
  EXPECT_EQ(edit_distance("convert", "covnert"), 1u);
  EXPECT_EQ(edit_distance("ca", "abc"),
            3u);  // optimal string alignment; the unrestricted distance is 2
  EXPECT_EQ(edit_distance("onnx", "onx"), 1u);
}

TEST(Text, TheClosestNameIsSuggested) {
  const std::array<std::string_view, 4> formats = {"onnx", "caffe", "tflite", "torch"};
  EXPECT_EQ(closest("onx", formats), "onnx");
  EXPECT_EQ(closest("Caffe", formats), "caffe");
  EXPECT_EQ(closest("tlfite", formats), "tflite");
  EXPECT_EQ(closest("keras", formats), std::nullopt);
  EXPECT_EQ(closest("xx", std::vector<std::string>{"ab"}), std::nullopt);
  EXPECT_EQ(closest("bench", std::vector<std::string>{"benches", "benc", "bench"}), "bench");
  EXPECT_EQ(closest(std::string(1 << 20, 'x'), formats), std::nullopt);
}

TEST(Text, AShortNameMustBeNearerToBeSuggested) {
  const auto nearest = [](std::string_view name, std::string candidate) {
    return closest(name, std::vector<std::string>{std::move(candidate)}).has_value();
  };
  EXPECT_TRUE(nearest("ID", "id"));
  EXPECT_FALSE(nearest("x", "y"));
  EXPECT_FALSE(nearest("xa", "x"));
  EXPECT_FALSE(nearest("xa", "xb"));
  EXPECT_TRUE(nearest("lis", "list"));
  EXPECT_FALSE(nearest("abc", "list"));
  EXPECT_FALSE(nearest("all", "add2"));
  EXPECT_TRUE(nearest("shwo", "show"));
  EXPECT_FALSE(nearest("shwoo", "show"));
  EXPECT_TRUE(nearest("verfiy", "verify"));
  EXPECT_TRUE(nearest("veriify!", "verify"));
  EXPECT_TRUE(nearest("input-shpaes", "input-shape"));
  EXPECT_FALSE(nearest("conv1_bn_relu", "conv1_pool_relu_2"));
  // What a flag begins with says nothing.
  EXPECT_FALSE(nearest("--tz", "--to"));
  EXPECT_TRUE(nearest("--dmi", "--dim"));
  EXPECT_FALSE(nearest("--", "-o"));
  EXPECT_FALSE(nearest("", "a"));
}

}  // namespace
}  // namespace ponte
