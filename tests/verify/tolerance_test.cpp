#include "verify/tolerance.h"

#include <gmock/gmock.h>

#include "base/expect_error.h"
#include "verify/graphs.h"

namespace ponte::verify {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

struct Pair {
  ops::Datum reference, given;
  std::vector<const ops::Datum*> references() const { return {&reference}; }
  std::vector<const ops::Datum*> givens() const { return {&given}; }
};

// Three rows of six scores; the second row's first class is another one, by a margin of 0.25.
Pair scores() {
  return {tensor({3, 6}, {9, 1, 2, 3, 4, 5, 1, 2, 3, 4, 5.25, 5, 0, 1, 2, 3, 4, 5}),
          tensor({3, 6}, {9, 1, 2, 3, 4, 5, 1, 2, 3, 4, 4.75, 5, 6, 1, 2, 3, 4, 7})};
}

std::string outside_of(const Tolerance& tolerance, const Pair& pair) {
  const auto flips = rank_flips(pair.references(), pair.givens());
  const TensorComparison comparison =
      compare_tensors(pair.given.array().to_f64(), pair.reference.array().to_f64(), {});
  return outside(tolerance, comparison, flips ? &*flips : nullptr, pair.references(),
                 pair.givens());
}

TEST(RankFlips, count_rows_whose_first_classes_are_others) {
  const Pair pair = scores();
  const auto flips = rank_flips(pair.references(), pair.givens());
  ASSERT_TRUE(flips.has_value());
  EXPECT_EQ(flips->rows, 3);
  EXPECT_EQ(flips->top1, 1);
  EXPECT_EQ(flips->top5, 1);  // the last row's fifth class
  EXPECT_DOUBLE_EQ(flips->largest_margin, 0.25);
}

TEST(RankFlips, are_for_scores_of_classes_alone) {
  const ops::Datum image = tensor({1, 2, 3, 4}, normal_floats(24, 1));
  EXPECT_FALSE(rank_flips({&image}, {&image}).has_value());
  const ops::Datum one = tensor({3, 1}, {1, 2, 3});
  EXPECT_FALSE(rank_flips({&one}, {&one}).has_value());
  const ops::Datum deep = tensor({2, 3, 1, 1}, {1, 2, 3, 4, 5, 6});
  const auto flips = rank_flips({&deep}, {&deep});
  ASSERT_TRUE(flips.has_value());
  EXPECT_EQ(flips->rows, 2);
}

TEST(Tolerance, is_read_in_parts) {
  Tolerance tolerance;
  EXPECT_TRUE(tolerance.is_empty());
  add_acceptance(tolerance, "bits=10,top1=0.99");
  add_acceptance(tolerance, "cosine=0.999");
  EXPECT_EQ(tolerance.bits, 10);
  EXPECT_EQ(tolerance.top1, 0.99);
  EXPECT_EQ(tolerance.cosine, 0.999);
  for (const char* text :
       {"", "bits", "bits=", "bits=x", "bits=-1", "bits=nan", "speed=1", "bits=1,"})
    test::expect_error(Code::UsageError, [&] { add_acceptance(tolerance, text); });
}

TEST(Tolerance, says_what_is_outside) {
  const Pair pair = scores();
  Tolerance tolerance;
  tolerance.top1 = 0.6;
  EXPECT_THAT(outside_of(tolerance, pair), IsEmpty());
  tolerance.top1 = 0.9;
  EXPECT_THAT(outside_of(tolerance, pair), HasSubstr("1 of 3 rows"));
  tolerance = {};
  tolerance.bits = 20;
  EXPECT_THAT(outside_of(tolerance, pair), HasSubstr("bits agree"));
  tolerance = {};
  tolerance.cosine = 0.9999;
  EXPECT_THAT(outside_of(tolerance, pair), HasSubstr("cosine"));
}

TEST(Tolerance, of_elements_is_absolute_and_relative) {
  const Pair pair{tensor({2}, {100, 1}), tensor({2}, {101, 1.001})};
  Tolerance tolerance;
  tolerance.rtol = 0.02;
  EXPECT_THAT(outside_of(tolerance, pair), IsEmpty());
  tolerance.rtol = 0.001;
  EXPECT_THAT(outside_of(tolerance, pair), HasSubstr("element 0"));
  tolerance.atol = 1;
  EXPECT_THAT(outside_of(tolerance, pair), IsEmpty());
}

TEST(Tolerance, of_bits_does_not_accept_what_has_no_comparison) {
  const ops::Datum reference = tensor({2, 3}, {1, 2, 3, 4, 5, 6}), given = tensor({2}, {1, 2});
  for (const char* text : {"bits=1", "cosine=0.1", "top1=0.1"}) {
    Tolerance tolerance;
    add_acceptance(tolerance, text);
    EXPECT_THAT(outside(tolerance, {}, nullptr, {&reference}, {&given}),
                HasSubstr("nothing to compare"))
        << text;
  }
  Tolerance tolerance;
  tolerance.atol = 100;
  EXPECT_THAT(outside(tolerance, {}, nullptr, {&reference}, {&given}), HasSubstr("shape differs"));
}

}  // namespace
}  // namespace ponte::verify
