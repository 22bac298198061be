#include "runtimes/protocol/canary.h"

#include <atomic>
#include <vector>

#include "base/clock.h"

namespace ponte::protocol {
namespace {

constexpr std::size_t words = std::size_t{4} << 20 >> 3;  // 4 MiB
constexpr int steps = 400'000;

std::uint64_t work(const std::vector<std::uint64_t>& memory) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < memory.size(); i += 8) sum += memory[i];
  for (int i = 0; i < steps; ++i)
    sum = sum * 6'364'136'223'846'793'005U + 1'442'695'040'888'963'407U;
  return sum;
}

}  // namespace

std::uint64_t run_canary() {
  static const std::vector<std::uint64_t> memory(words, 1);
  static std::atomic<std::uint64_t> result;
  const Nanoseconds start = monotonic_raw_now();
  result.store(work(memory), std::memory_order_relaxed);
  const Nanoseconds end = monotonic_raw_now();
  return static_cast<std::uint64_t>((end - start).count());
}

}  // namespace ponte::protocol
