#include "base/terminal.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include "base/descriptor.h"

namespace ponte {
namespace {

TerminalEnvironment color_terminal() {
  return {.is_terminal = true, .no_color = {}, .term = "xterm-256color", .columns = 80};
}

TEST(Terminal, ColorNeedsATerminalThatIsNotDumb) {
  TerminalEnvironment environment = color_terminal();
  EXPECT_TRUE(use_color(ColorChoice::Auto, environment));
  environment.term = "dumb";
  EXPECT_FALSE(use_color(ColorChoice::Auto, environment));
  environment.term = std::nullopt;
  EXPECT_FALSE(use_color(ColorChoice::Auto, environment));
  environment = color_terminal();
  environment.is_terminal = false;
  EXPECT_FALSE(use_color(ColorChoice::Auto, environment));
}

TEST(Terminal, NoColorCountsUnlessItIsEmpty) {
  TerminalEnvironment environment = color_terminal();
  environment.no_color = "1";
  EXPECT_FALSE(use_color(ColorChoice::Auto, environment));
  environment.no_color = "";
  EXPECT_TRUE(use_color(ColorChoice::Auto, environment));
}

TEST(Terminal, TheFlagWinsOverTheEnvironment) {
  TerminalEnvironment environment{
      .is_terminal = false, .no_color = "1", .term = "dumb", .columns = 80};
  EXPECT_TRUE(use_color(ColorChoice::Always, environment));
  EXPECT_FALSE(use_color(ColorChoice::Never, color_terminal()));
}

TEST(Terminal, AnimationNeedsATerminalAndNoColor) {
  TerminalEnvironment environment = color_terminal();
  environment.no_color = "1";
  EXPECT_TRUE(may_animate(environment));
  environment.is_terminal = false;
  EXPECT_FALSE(may_animate(environment));
}

TEST(Terminal, ChoicesAreParsedExactly) {
  EXPECT_EQ(parse_color_choice("never"), ColorChoice::Never);
  EXPECT_EQ(parse_color_choice("auto"), ColorChoice::Auto);
  EXPECT_EQ(parse_color_choice("always"), ColorChoice::Always);
  EXPECT_EQ(parse_color_choice("Always"), std::nullopt);
  EXPECT_EQ(parse_color_choice(""), std::nullopt);
}

TEST(Terminal, AFileIsNoTerminal) {
  const Descriptor null_device(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  const TerminalEnvironment environment = read_terminal(null_device.get());
  EXPECT_FALSE(environment.is_terminal);
  EXPECT_GT(environment.columns, 0u);
}

TEST(Terminal, StylesSurroundTextOnlyWhereTheyAreWanted) {
  EXPECT_EQ(Styles(true).apply(Style::Bold, "x"), "\x1b[1mx\x1b[0m");
  EXPECT_EQ(Styles(true).apply(Style::Red, ""), "");
  EXPECT_EQ(Styles(false).apply(Style::Red, "x"), "x");
}

}  // namespace
}  // namespace ponte
