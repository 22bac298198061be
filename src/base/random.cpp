#include "base/random.h"

#include <cmath>
#include <utility>

#include "base/check.h"

namespace ponte {
namespace {

struct SineCosine {
  double sine;
  double cosine;
};

// 1/n! with alternating sign for sine (odd n) and cosine (even n).
constexpr auto taylor_coefficients = [] {
  std::array<double, 20> coefficients{};
  double factorial = 1;
  for (std::size_t n = 0; n < coefficients.size(); ++n) {
    if (n > 1) factorial *= static_cast<double>(n);
    coefficients[n] = (n / 2 % 2 == 0 ? 1.0 : -1.0) / factorial;
  }
  return coefficients;
}();

// 1/n of odd n.
constexpr auto reciprocals = [] {
  std::array<double, 24> values{};
  for (std::size_t n = 1; n < values.size(); n += 2) values[n] = 1.0 / static_cast<double>(n);
  return values;
}();

// log and sin/cos of the C library differ between its versions and between processors in the last
// bit. These use only operations that IEEE 754 rounds correctly, so that seeds give the same
// numbers everywhere.
double natural_log(double x) {
  constexpr double log_2 = 0.693147180559945309417;
  int exponent = 0;
  double mantissa = std::frexp(x, &exponent);
  if (mantissa < 0.70710678118654752) {
    mantissa *= 2;
    --exponent;
  }
  const double s = (mantissa - 1) / (mantissa + 1);  // log m = 2 atanh s, |s| < 0.172
  const double square = s * s;
  double sum = 0;
  for (std::size_t n = 24; n > 0; n -= 2) sum = sum * square + reciprocals[n - 1];
  return static_cast<double>(exponent) * log_2 + 2 * s * sum;
}

// Of the angle 2 pi `turns`, 0 <= turns < 1.
SineCosine sine_cosine(double turns) {
  constexpr double half_pi = 1.57079632679489661923;
  const double quarters = turns * 4;
  const int quadrant = static_cast<int>(std::floor(quarters + 0.5));  // |x| <= pi/4
  const double x = (quarters - quadrant) * half_pi;
  const double square = x * x;
  double sine = 0;
  double cosine = 0;
  for (std::size_t n = 18; n > 0; n -= 2) {
    sine = sine * square + taylor_coefficients[n + 1];
    cosine = cosine * square + taylor_coefficients[n];
  }
  sine = (sine * square + 1) * x;
  cosine = cosine * square + 1;
  switch (quadrant % 4) {
    case 0:
      return {sine, cosine};
    case 1:
      return {cosine, -sine};
    case 2:
      return {-sine, -cosine};
    default:
      return {-cosine, sine};
  }
}

// The finaliser of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
std::uint64_t scramble(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

constexpr std::uint32_t low(std::uint64_t x) { return static_cast<std::uint32_t>(x); }
constexpr std::uint32_t high(std::uint64_t x) { return static_cast<std::uint32_t>(x >> 32); }

}  // namespace

std::array<std::uint32_t, 4> philox4x32_10(std::array<std::uint32_t, 4> counter,
                                           std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t first = std::uint64_t{0xD2511F53} * counter[0];
    const std::uint64_t second = std::uint64_t{0xCD9E8D57} * counter[2];
    counter = {high(second) ^ counter[1] ^ key[0], low(second), high(first) ^ counter[3] ^ key[1],
               low(first)};
    key[0] += 0x9E3779B9;
    key[1] += 0xBB67AE85;
  }
  return counter;
}

Random::Random(std::uint64_t seed, std::uint64_t stream)
    : counter_{0, 0, low(stream), high(stream)}, key_{low(seed), high(seed)} {}

std::uint32_t Random::next_u32() {
  if (used_ == 4) {
    block_ = philox4x32_10(counter_, key_);
    if (++counter_[0] == 0) ++counter_[1];
    used_ = 0;
  }
  return block_[static_cast<std::size_t>(used_++)];
}

std::uint64_t Random::next_u64() {
  const std::uint64_t first = next_u32();
  return first | std::uint64_t{next_u32()} << 32;
}

double Random::uniform() { return static_cast<double>(next_u64() >> 11) * 0x1p-53; }

double Random::normal() {
  if (std::exchange(has_spare_, false)) return spare_;
  const double radius = std::sqrt(-2 * natural_log(1 - uniform()));
  const SineCosine angle = sine_cosine(uniform());
  spare_ = radius * angle.sine;
  has_spare_ = true;
  return radius * angle.cosine;
}

std::uint64_t Random::below(std::uint64_t bound) {
  PONTE_CHECK(bound > 0);
  const std::uint64_t rejected = (0 - bound) % bound;  // 2^64 mod bound
  std::uint64_t number = next_u64();
  while (number < rejected) number = next_u64();
  return number % bound;
}

std::uint64_t mix_seed(std::uint64_t seed, std::uint64_t salt) {
  return scramble(scramble(seed + 0x9e3779b97f4a7c15u) + scramble(salt + 0x632be59bd9b4e019u));
}

std::uint64_t mix_seed(std::uint64_t seed, std::string_view name) {
  std::uint64_t hash = 0xcbf29ce484222325u;  // FNV-1a
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return mix_seed(seed, hash);
}

}  // namespace ponte
