#include "verify/noise.h"

#include <algorithm>
#include <vector>

#include "base/random.h"

namespace ponte::verify {
namespace {

// Normal numbers that all blocks of elements share, each from a place and with a sign of its own.
// Drawing each element's number would take half of the judge's time; two blocks that meet the same
// numbers meet them at other elements, so that what follows from them adds up as if they were
// independent.
constexpr std::size_t noise_size = std::size_t{1} << 18, noise_block = 4096;
const std::vector<float>& noise() {
  static const std::vector<float> numbers = [] {
    std::vector<float> drawn(noise_size);
    Random random(0x6e6f697365);
    for (float& number : drawn) number = static_cast<float>(random.normal());
    return drawn;
  }();
  return numbers;
}

}  // namespace

void add_noise(std::span<const double> sigmas, double factor, std::uint64_t seed,
               ops::Services& services, ops::Array& array) {
  const auto values = array.mutable_as<double>();
  const std::size_t blocks = (values.size() + noise_block - 1) / noise_block;
  services.parallel_for(static_cast<std::int64_t>(blocks), 1, [&](std::int64_t b, std::int64_t e) {
    for (auto i = static_cast<std::size_t>(b); i < static_cast<std::size_t>(e); ++i) {
      const std::uint64_t drawn = mix_seed(seed, i);
      const double signed_factor = (drawn >> 63) != 0 ? -factor : factor;
      const float* numbers = noise().data() + drawn % (noise_size - noise_block);
      const std::size_t begin = i * noise_block, end = std::min(values.size(), begin + noise_block);
      for (std::size_t k = begin; k < end; ++k) {
        const double moved =
            values[k] + signed_factor * sigmas[k] * static_cast<double>(numbers[k - begin]);
        values[k] = moved - moved == 0 ? moved : values[k];  // what is infinite does not round
      }
    }
  });
}

}  // namespace ponte::verify
