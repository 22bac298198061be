#include "store/samples.h"

namespace ponte::store {
namespace {

constexpr std::size_t sample_bytes = 8;

}  // namespace

std::vector<std::byte> samples_to_bytes(std::span<const std::uint64_t> samples) {
  std::vector<std::byte> bytes(samples.size() * sample_bytes);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    for (std::size_t k = 0; k < sample_bytes; ++k)
      bytes[i * sample_bytes + k] = static_cast<std::byte>(samples[i] >> (8 * k));
  }
  return bytes;
}

std::optional<std::vector<std::uint64_t>> samples_from_bytes(std::span<const std::byte> bytes) {
  if (bytes.size() % sample_bytes != 0) return std::nullopt;
  std::vector<std::uint64_t> samples(bytes.size() / sample_bytes);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    for (std::size_t k = 0; k < sample_bytes; ++k)
      samples[i] |= static_cast<std::uint64_t>(bytes[i * sample_bytes + k]) << (8 * k);
  }
  return samples;
}

}  // namespace ponte::store
