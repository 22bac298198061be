#include "base/random.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "expect_error.h"

namespace ponte {
namespace {

using Block = std::array<std::uint32_t, 4>;

// The known answers of Random123, tests/kat_vectors, lines "philox4x32 10".
TEST(Random, PhiloxGivesThePublishedAnswers) {
  EXPECT_EQ(philox4x32_10({0, 0, 0, 0}, {0, 0}),
            (Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  constexpr std::uint32_t ones = 0xffffffff;
  EXPECT_EQ(philox4x32_10({ones, ones, ones, ones}, {ones, ones}),
            (Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(
      philox4x32_10({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
      (Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Random, SeedStreamAndPositionDecideTheNumber) {
  Random random(0x0123456789abcdefu, 0xfedcba9876543210u);
  const std::array<std::uint32_t, 2> key = {0x89abcdef, 0x01234567};
  for (std::uint32_t position = 0; position < 3; ++position) {
    const Block block = philox4x32_10({position, 0, 0x76543210, 0xfedcba98}, key);
    for (const std::uint32_t word : block) EXPECT_EQ(random.next_u32(), word);
  }
}

TEST(Random, AWideNumberIsTwoNarrowOnesTheLowHalfFirst) {
  Random narrow(5);
  Random wide(5);
  const std::uint64_t low = narrow.next_u32();
  const std::uint64_t high = narrow.next_u32();
  EXPECT_EQ(wide.next_u64(), high << 32 | low);
}

TEST(Random, UniformNumbersFillTheIntervalFromZeroToOne) {
  Random random(1);
  double sum = 0;
  double squares = 0;
  constexpr int count = 100'000;
  for (int i = 0; i < count; ++i) {
    const double x = random.uniform();
    ASSERT_GE(x, 0);
    ASSERT_LT(x, 1);
    sum += x;
    squares += x * x;
  }
  // Five standard errors.
  EXPECT_NEAR(sum / count, 0.5, 5 * std::sqrt(1.0 / 12 / count));
  EXPECT_NEAR(squares / count, 1.0 / 3, 5 * std::sqrt(4.0 / 45 / count));
}

TEST(Random, NormalNumbersHaveTheMomentsOfTheNormalDistribution) {
  Random random(2);
  constexpr int count = 200'000;
  double sum = 0, squares = 0, fourth = 0;
  int beyond_two = 0;
  for (int i = 0; i < count; ++i) {
    const double x = random.normal();
    ASSERT_TRUE(std::isfinite(x));
    sum += x;
    squares += x * x;
    fourth += x * x * x * x;
    beyond_two += std::abs(x) > 2 ? 1 : 0;
  }
  EXPECT_NEAR(sum / count, 0, 5 / std::sqrt(count));
  EXPECT_NEAR(squares / count, 1, 5 * std::sqrt(2.0 / count));
  EXPECT_NEAR(fourth / count, 3, 5 * std::sqrt(96.0 / count));
  EXPECT_NEAR(static_cast<double>(beyond_two) / count, 0.0455003, 5 * std::sqrt(0.0434 / count));
}

TEST(Random, NormalNumbersAreThoseOfBoxAndMuller) {
  Random normals(3);
  Random uniforms(3);
  for (int i = 0; i < 10'000; ++i) {
    const double radius = std::sqrt(-2 * std::log(1 - uniforms.uniform()));
    const double angle = 2 * M_PI * uniforms.uniform();
    ASSERT_NEAR(normals.normal(), radius * std::cos(angle), 1e-14);
    ASSERT_NEAR(normals.normal(), radius * std::sin(angle), 1e-14);
  }
}

TEST(Random, NumbersBelowABoundAreEquallyLikely) {
  Random random(4);
  constexpr std::uint64_t bound = 7;
  constexpr int count = 70'000;
  std::array<int, bound> seen{};
  for (int i = 0; i < count; ++i) {
    const std::uint64_t x = random.below(bound);
    ASSERT_LT(x, bound);
    ++seen[x];
  }
  double chi_squared = 0;
  for (const int n : seen) chi_squared += (n - 10'000.0) * (n - 10'000.0) / 10'000;
  EXPECT_LT(chi_squared, 27.9);  // 6 degrees of freedom, p = 1e-4
}

// With this bound plain `% bound` gives the lower half twice as often as the upper.
TEST(Random, NumbersBelowALargeBoundAreWithoutBias) {
  Random random(5);
  constexpr std::uint64_t bound = 0xAAAAAAAAAAAAAAABu;  // 2/3 of 2^64
  constexpr int count = 30'000;
  int lower = 0;
  for (int i = 0; i < count; ++i) {
    const std::uint64_t x = random.below(bound);
    ASSERT_LT(x, bound);
    lower += x < bound / 2 ? 1 : 0;
  }
  EXPECT_NEAR(static_cast<double>(lower) / count, 0.5, 5 * 0.5 / std::sqrt(count));
}

TEST(Random, BoundsAtTheEdgesAreAllowed) {
  Random random(6);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(random.below(1), 0u);
  EXPECT_LE(random.below(~0ull), ~0ull - 1);
  test::expect_error(Code::InternalError, [&] { random.below(0); });
}

// Recorded with this implementation: seeds are part of what users store, so these may never change.
TEST(Random, TheNumbersOfASeedNeverChange) {
  Random random(42, 7);
  EXPECT_EQ(random.next_u64(), 0xe55410cc67ee6f2cu);
  EXPECT_EQ(random.normal(), -0x1.46c7f843cfcb2p-1);
  EXPECT_EQ(mix_seed(1, 2), 0xc09e1dd19e3d6dd5u);
  EXPECT_EQ(mix_seed(1, "conv1.weight"), 0xd8beaefdfdd3e5c6u);
}

TEST(Random, MixedSeedsDifferWithEachPart) {
  EXPECT_NE(mix_seed(1, 2), mix_seed(2, 1));
  EXPECT_NE(mix_seed(1, 2), mix_seed(1, 3));
  EXPECT_NE(mix_seed(1, "a"), mix_seed(1, "b"));
}

}  // namespace
}  // namespace ponte
