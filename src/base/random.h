// The one random generator of the program: its numbers are specified, so the same seed gives the
// same values on every machine and in every version.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace ponte {

// One block of Philox4x32-10: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1,
// 2, 3", SC 2011.
std::array<std::uint32_t, 4> philox4x32_10(std::array<std::uint32_t, 4> counter,
                                           std::array<std::uint32_t, 2> key);

// A stream of Philox4x32-10 blocks: the key is the seed, the counter's low half the position, its
// high half the stream. Counter-based: (seed, stream, position) decides the number, so streams can
// be drawn in parallel.
class Random {
 public:
  explicit Random(std::uint64_t seed, std::uint64_t stream = 0);

  std::uint32_t next_u32();
  std::uint64_t next_u64();
  double uniform();                          // [0, 1), 53 bits
  double normal();                           // mean 0, variance 1 (Box and Muller)
  std::uint64_t below(std::uint64_t bound);  // [0, bound), without bias; bound > 0

 private:
  std::array<std::uint32_t, 4> counter_;
  std::array<std::uint32_t, 2> key_;
  std::array<std::uint32_t, 4> block_{};
  int used_ = 4;
  double spare_ = 0;
  bool has_spare_ = false;
};

// Mixes a seed with a name, for streams that must not depend on the order in which they are drawn.
std::uint64_t mix_seed(std::uint64_t seed, std::uint64_t salt);
std::uint64_t mix_seed(std::uint64_t seed, std::string_view name);

}  // namespace ponte
