#include "base/text_table.h"

#include <gtest/gtest.h>

#include "base/terminal.h"
#include "expect_error.h"

namespace ponte {
namespace {

TEST(TextTable, ColumnsAreAlignedByDisplayWidth) {
  TextTable table({{"op"}, {"count", Align::Right}, {"note"}});
  table.add_row({"Conv", "1,024", "first"});
  table.add_row({"卷积", "7", ""});
  table.add_row({Styles(true).apply(Style::Red, "Add"), "12", "x"});
  table.add_row({"é"});
  EXPECT_EQ(table.text(2),
            "  op    count  note\n"
            "  Conv  1,024  first\n"
            "  卷积      7\n"
            "  \x1b[31mAdd\x1b[0m      12  x\n"
            "  é\n");
}

TEST(TextTable, WithoutTitlesThereIsNoLineOfThem) {
  TextTable table({{""}, {""}});
  EXPECT_TRUE(table.empty());
  EXPECT_EQ(table.text(), "");
  table.add_row({"a", "b"});
  EXPECT_EQ(table.text(), "a  b\n");
}

TEST(TextTable, ARowWithTooManyCellsIsADefect) {
  TextTable table({{"a"}});
  test::expect_error(Code::InternalError, [&] { table.add_row({"1", "2"}); });
}

}  // namespace
}  // namespace ponte
