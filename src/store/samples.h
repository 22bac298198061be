// Samples as the store holds them: little-endian 64-bit numbers, one after the other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace ponte::store {

std::vector<std::byte> samples_to_bytes(std::span<const std::uint64_t> samples);

// None where the size is no multiple of 8.
std::optional<std::vector<std::uint64_t>> samples_from_bytes(std::span<const std::byte> bytes);

}  // namespace ponte::store
