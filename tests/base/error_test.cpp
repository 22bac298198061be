#include "base/error.h"

#include <gtest/gtest.h>

#include "base/check.h"
#include "base/checked.h"
#include "base/diagnostics.h"
#include "expect_error.h"

namespace ponte {
namespace {

TEST(Error, TheInnerPlaceWinsAndTheOuterFillsGaps) {
  Error error =
      Error(Code::ShapeMismatch, "no").at({.file = {}, .node = "conv1", .op = {}, .byte = 7});
  error.fill_where({.file = "a.onnx", .node = "outer", .op = "Conv", .byte = 9});
  EXPECT_EQ(error.where().file, "a.onnx");
  EXPECT_EQ(error.where().node, "conv1");
  EXPECT_EQ(error.where().op, "Conv");
  EXPECT_EQ(error.where().byte, 7u);
}

TEST(Error, AFailedCheckNamesItsConditionAndPlace) {
  const auto error = test::error_of([] { PONTE_CHECK(1 + 1 == 3); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), Code::InternalError);
  EXPECT_NE(std::string(error->what()).find("`1 + 1 == 3`"), std::string::npos);
  EXPECT_NE(std::string(error->what()).find("error_test.cpp"), std::string::npos);
}

TEST(Diagnostics, EqualProblemsAreCountedAtTheFirstPlace) {
  Diagnostics diagnostics;
  diagnostics.add(Error(Code::NoReaderForOp, "no reader"),
                  {.file = {}, .node = "a", .op = "X", .byte = {}});
  diagnostics.add(Error(Code::NoReaderForOp, "no reader"),
                  {.file = {}, .node = "b", .op = "X", .byte = {}});
  diagnostics.add(Error(Code::NoReaderForOp, "no reader"),
                  {.file = {}, .node = "c", .op = "Y", .byte = {}});
  diagnostics.warn(Code::UnusedWeights, "weights");
  ASSERT_EQ(diagnostics.entries().size(), 3u);
  EXPECT_EQ(diagnostics.entries()[0].count, 2);
  EXPECT_EQ(diagnostics.entries()[0].where.node, "a");
  EXPECT_TRUE(diagnostics.has_errors());
}

TEST(Diagnostics, WarningsAreNoErrors) {
  Diagnostics diagnostics;
  diagnostics.warn(Code::UnusedWeights, "weights");
  diagnostics.note(Code::UnusedWeights, "weights");
  EXPECT_FALSE(diagnostics.has_errors());
  EXPECT_EQ(diagnostics.entries().size(), 2u);
}

TEST(Checked, OverflowIsAnAnswer) {
  EXPECT_EQ(checked_mul<std::int64_t>(1LL << 32, 1LL << 31), std::nullopt);
  EXPECT_EQ(checked_mul<std::int64_t>(1LL << 31, 1LL << 31), 1LL << 62);
  EXPECT_EQ(checked_add<std::uint64_t>(~0ull, 1), std::nullopt);
}

TEST(Checked, ElementCountsRefuseWhatNoTensorCanHave) {
  const auto count = [](std::vector<std::int64_t> dims) { return element_count(dims); };
  EXPECT_EQ(count({}), 1);
  EXPECT_EQ(count({2, 3, 5}), 30);
  EXPECT_EQ(count({max_dimension, max_dimension, 0}), 0);
  EXPECT_EQ(count({-1}), std::nullopt);
  EXPECT_EQ(count({0, -1}), std::nullopt);
  EXPECT_EQ(count({max_dimension + 1}), std::nullopt);
  EXPECT_EQ(count({max_dimension, max_dimension}), std::nullopt);
}

}  // namespace
}  // namespace ponte
