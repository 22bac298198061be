// The verdict on one output against numbers that follow from LAB.md, Judging 3 and 4, by hand.
#include "verify/verdict.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

namespace ponte::verify {
namespace {

using testing::HasSubstr;
using Dims = ops::Dims;

constexpr int runs = 4;

ops::Datum datum(const Dims& shape, std::vector<double> values) {
  return {ops::Array(ir::DType::Float32, shape, std::move(values))};
}

// A reference whose perturbed runs all lay `sigma` away from it.
JudgedOutput judged(const Dims& shape, double value, double sigma) {
  const auto count = static_cast<std::size_t>(ops::count_of(shape));
  JudgedOutput output;
  output.name = "y";
  output.reference = datum(shape, std::vector<double>(count, value));
  output.squares.assign(count, runs * sigma * sigma);
  output.unstable.assign(count, false);
  output.is_number = true;
  return output;
}

std::vector<double> shifted(std::size_t count, double value, double by) {
  std::vector<double> values(count, value);
  for (std::size_t i = 0; i < count; ++i) values[i] += i % 2 == 0 ? by : -by;
  return values;
}

OutputVerdict one(const JudgedOutput& reference, std::vector<double> values, bool bounded = true) {
  const ops::Datum given = datum(reference.reference.array().shape(), std::move(values));
  return judge_output("subject", {&reference}, {&given}, runs, bounded);
}

TEST(VerdictTest, FourSpreadsAreEquivalentAndMoreAreNot) {
  const JudgedOutput y = judged({1, 2, 50}, 1, 1e-6);
  const OutputVerdict good = one(y, shifted(100, 1, 3.99e-6));
  EXPECT_EQ(good.verdict, Verdict::Equivalent) << good.why;
  EXPECT_NEAR(good.k, 3.99, 1e-6);
  EXPECT_NEAR(good.bound, 4e-6, 1e-12);
  EXPECT_NEAR(good.expected_bits, std::log2(1e6), 1e-9);
  EXPECT_NEAR(good.comparison->bits, -std::log2(3.99e-6), 1e-6);
  const OutputVerdict bad = one(y, shifted(100, 1, 4.01e-6));
  EXPECT_EQ(bad.verdict, Verdict::Different);
  EXPECT_THAT(bad.why, HasSubstr("RMS error is 4.01e-06"));
}

TEST(VerdictTest, IntegersDifferBeyondWhatADoubleTellsApart) {
  const auto integers = [](std::int64_t first) {
    return ops::Datum{
        ops::Array(ir::DType::Int64, {2}, std::vector<std::int64_t>{first, std::int64_t{1} << 60})};
  };
  const std::int64_t large = (std::int64_t{1} << 62) + 1;
  JudgedOutput y = judged({2}, 0, 0);
  y.reference = integers(large);
  y.lowest = y.highest = y.reference.array().to_f64();
  for (const std::int64_t step : {-1, 0, 1}) {
    const ops::Datum given = integers(large + step);
    EXPECT_EQ(judge_output("subject", {&y}, {&given}, runs, true).verdict,
              step == 0 ? Verdict::Equivalent : Verdict::Different)
        << step;
  }
}

TEST(VerdictTest, OneElementMayBeOffBySixteenOfItsOwnOrItsChannelsSpreads) {
  const JudgedOutput y = judged({1, 2, 5000}, 1, 1e-6);
  std::vector<double> values(10000, 1);
  values[7777] += 15.9e-6;
  EXPECT_EQ(one(y, values).verdict, Verdict::Equivalent);
  values[7777] += 0.2e-6;
  const OutputVerdict bad = one(y, values);
  EXPECT_EQ(bad.verdict, Verdict::Different);
  EXPECT_THAT(bad.why, HasSubstr("element 7777"));
  EXPECT_EQ(bad.comparison->worst_index, 7777);
  EXPECT_EQ(bad.comparison->worst_channel, 1);
}

TEST(VerdictTest, AQuietChannelIsNotHiddenByALoudOne) {
  JudgedOutput y = judged({1, 2, 100}, 1, 1e-6);
  for (std::size_t i = 100; i < 200; ++i) y.squares[i] = runs * 1e-16;
  std::vector<double> values(200, 1);
  values[150] += 15e-8;
  EXPECT_EQ(one(y, values).verdict, Verdict::Equivalent);
  values[150] += 2e-8;
  EXPECT_EQ(one(y, values).verdict, Verdict::Different);
}

TEST(VerdictTest, EachSetOfALargeOutputIsJudgedByItself) {
  const JudgedOutput quiet = judged({100}, 1, 1e-6), loud = judged({100}, 1000, 1e-3);
  const ops::Datum wrong = datum({100}, shifted(100, 1, 5e-6));
  const ops::Datum right = datum({100}, std::vector<double>(100, 1000));
  const OutputVerdict verdict = judge_output("s", {&quiet, &loud}, {&wrong, &right}, runs, true);
  EXPECT_EQ(verdict.verdict, Verdict::Different);
  EXPECT_NEAR(verdict.k, 5, 1e-6);
}

// t(0.9995, 4 * 5) = 3.8495 (Student's table), / 3.3 = 1.16652.
TEST(VerdictTest, ASmallOutputIsPooledOverTheSetsWithItsFactor) {
  EXPECT_NEAR(small_sample_factor(10, runs, 5), 3.8495 / 3.3, 2e-4);
  EXPECT_EQ(small_sample_factor(64, runs, 5), 1);
  EXPECT_EQ(small_sample_factor(10, 100, 100), 1);
  const JudgedOutput y = judged({1, 10}, 1, 1e-6);
  const auto verdict_at = [&](double error) {
    const ops::Datum given = datum({1, 10}, shifted(10, 1, error));
    return judge_output("s", {&y, &y, &y, &y, &y}, {&given, &given, &given, &given, &given}, runs,
                        true)
        .verdict;
  };
  EXPECT_EQ(verdict_at(4.66e-6), Verdict::Equivalent);
  EXPECT_EQ(verdict_at(4.68e-6), Verdict::Different);
}

TEST(VerdictTest, NotANumberAndInfinityMustStandWhereTheJudgeHasThem) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double inf = std::numeric_limits<double>::infinity();
  JudgedOutput y = judged({100}, 1, 1e-6);
  auto reference = y.reference.array().to_f64();
  reference[3] = nan;
  reference[4] = inf;
  y.reference = datum({100}, reference);
  EXPECT_EQ(one(y, reference).verdict, Verdict::Equivalent);
  auto values = reference;
  values[4] = -inf;
  EXPECT_EQ(one(y, values).verdict, Verdict::Different);
  values = reference;
  values[3] = 1;
  EXPECT_THAT(one(y, values).why, HasSubstr("1 element is NaN or infinite"));
}

TEST(VerdictTest, WhatIsNearlyNothingMayBeNothing) {
  JudgedOutput y = judged({1, 2, 50}, 1, 1e-6);
  std::vector<double> reference(100, 1);
  reference[0] = 1e-36;
  y.reference = datum({1, 100}, reference);
  y.squares[0] = 0;
  std::vector<double> values(100, 1);
  values[0] = 0;
  EXPECT_EQ(one(y, values).verdict, Verdict::Equivalent);
  reference[0] = values[0] = 1e-30;
  y.reference = datum({1, 100}, reference);
  values[0] = 0;
  EXPECT_THAT(one(y, values).why, HasSubstr("element 0"));
}

TEST(VerdictTest, TheSameRowsInAnotherOrderAreNamedAsSuch) {
  JudgedOutput y = judged({1, 1, 30, 3}, 0, 1e-6);
  std::vector<double> rows, turned;
  for (int i = 0; i < 90; ++i) rows.push_back(0.1 * (i * 37 % 91));
  for (int i = 0; i < 30; ++i) {
    for (int k = 0; k < 3; ++k)
      turned.push_back(rows[static_cast<std::size_t>(3 * (29 - i) + k)] + 1e-7);
  }
  y.reference = datum({1, 1, 30, 3}, rows);
  const OutputVerdict verdict = one(y, turned);
  EXPECT_EQ(verdict.verdict, Verdict::Different);
  EXPECT_EQ(verdict.why, "the same rows in another order");
  turned[50] += 1;
  EXPECT_THAT(one(y, turned).why, HasSubstr("RMS error"));
}

TEST(VerdictTest, ElementsAtAJumpAreLeftOut) {
  JudgedOutput y = judged({100}, 1, 0);
  y.unstable[20] = true;
  std::vector<double> values(100, 1);
  values[20] = 2;
  const OutputVerdict verdict = one(y, values);
  EXPECT_EQ(verdict.verdict, Verdict::Equivalent);
  EXPECT_EQ(verdict.unstable, 1);
  EXPECT_EQ(verdict.elements, 100);
  values[21] = 2;
  EXPECT_EQ(one(y, values).verdict, Verdict::Different);
}

TEST(VerdictTest, WhereEveryElementIsAtAJumpNothingIsSaid) {
  JudgedOutput y = judged({1, 2, 50}, 1, 1e-6);
  y.unstable.assign(100, true);
  const OutputVerdict verdict = one(y, shifted(100, 1, 7));
  EXPECT_EQ(verdict.verdict, Verdict::Undecided);
  EXPECT_EQ(verdict.unstable, 100);
  EXPECT_EQ(verdict.why, "rounding, or what ONNX leaves undefined, decides every element");
}

TEST(VerdictTest, AnIntegerAtAJumpIsOneOfThoseThatRoundingGives) {
  JudgedOutput y = judged({1, 100}, 0, 0);
  y.reference = {ops::Array(ir::DType::Int64, {1, 100}, std::vector<std::int64_t>(100, 3))};
  y.unstable[7] = true;
  y.lowest.assign(100, 3);
  y.highest = y.lowest;
  y.lowest[7] = 2;
  const auto verdict_on = [&](std::int64_t seventh) {
    std::vector<std::int64_t> values(100, 3);
    values[7] = seventh;
    const ops::Datum given{ops::Array(ir::DType::Int64, {1, 100}, values)};
    return judge_output("subject", {&y}, {&given}, runs, true).verdict;
  };
  EXPECT_EQ(verdict_on(2), Verdict::Equivalent);
  EXPECT_EQ(verdict_on(7777), Verdict::Different);
}

TEST(VerdictTest, WithoutABoundADifferenceIsUndecided) {
  const JudgedOutput y = judged({100}, 1, 0);
  EXPECT_EQ(one(y, std::vector<double>(100, 1), false).verdict, Verdict::Equivalent);
  EXPECT_EQ(one(y, std::vector<double>(100, 1.5), false).verdict, Verdict::Undecided);
}

TEST(VerdictTest, AnotherShapeWhereRoundingAloneDecidesItIsNotJudged) {
  JudgedOutput steady = judged({1, 100}, 1, 1e-6), jumping = judged({70, 7}, 1, 1e-6);
  jumping.has_unstable_shape = true;
  jumping.unstable.assign(490, true);
  const ops::Datum same = datum({1, 100}, std::vector<double>(100, 1));
  const ops::Datum other = datum({71, 7}, std::vector<double>(497, 1));
  const auto judge = [&](std::vector<const JudgedOutput*> references,
                         std::vector<const ops::Datum*> given) {
    return judge_output("subject", references, given, runs, true);
  };
  const OutputVerdict both = judge({&steady, &jumping}, {&same, &other});
  EXPECT_EQ(both.verdict, Verdict::Equivalent);
  EXPECT_EQ(both.unstable, 490);
  EXPECT_EQ(judge({&jumping}, {&other}).verdict, Verdict::Undecided);
  jumping.has_unstable_shape = false;
  EXPECT_EQ(judge({&steady, &jumping}, {&same, &other}).verdict, Verdict::Different);
}

TEST(VerdictTest, AnotherShapeDiffers) {
  const JudgedOutput y = judged({2, 50}, 1, 1e-6);
  const ops::Datum given = datum({50, 2}, std::vector<double>(100, 1));
  const OutputVerdict verdict = judge_output("s", {&y}, {&given}, runs, true);
  EXPECT_EQ(verdict.verdict, Verdict::Different);
  EXPECT_EQ(verdict.why, "the shape or type differs");
}

}  // namespace
}  // namespace ponte::verify
