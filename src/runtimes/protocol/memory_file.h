// Sealed memory files: the tensors of one message, written once, passed by descriptor.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/descriptor.h"
#include "runtimes/protocol/host_tensor.h"

namespace ponte::protocol {

inline constexpr std::uint64_t tensor_alignment = 64;

// Where each tensor's bytes lie, in order, each at a multiple of tensor_alignment.
std::vector<std::uint64_t> tensor_offsets(std::span<const HostTensor> tensors);

// A memfd with every tensor at its offset, sealed against growing, shrinking and writing. Throws
// SystemCallFailed.
Descriptor write_memory_file(std::span<const HostTensor> tensors,
                             std::span<const std::uint64_t> offsets);

// The size of a received memory file. Throws WorkerProtocol unless it is a memfd with all three
// seals whose bytes are all present (a file with holes would cost its sender nothing and the
// receiver everything).
std::uint64_t checked_size(const Descriptor& file);

// Fills `out` from `offset`. Throws WorkerProtocol.
void read_memory_file(const Descriptor& file, std::uint64_t offset, std::span<std::byte> out);

}  // namespace ponte::protocol
