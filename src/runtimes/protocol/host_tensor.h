// Tensors as they travel between coordinator and worker: owned, contiguous, in host memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ir/dtype.h"

namespace ponte::protocol {

// What a tensor is of the value it is named after.
enum class Part : std::uint8_t {
  Whole,          // the value itself
  Element,        // the next element of a sequence
  EmptySequence,  // a sequence without elements; carries its dtype alone
  Absent,         // an optional without a value
};

// Bytes are row-major and little-endian; elements below a byte are packed, low bits first; strings
// are encoded by encode_strings().
struct HostTensor {
  std::string name{};
  ir::DType dtype = ir::DType::Undefined;
  std::vector<std::int64_t> shape{};
  std::vector<std::byte> bytes{};
  Part part = Part::Whole;
};

// The number of bytes that dtype and shape demand; none for strings, negative dimensions and
// overflow.
std::optional<std::uint64_t> expected_bytes(ir::DType dtype, std::span<const std::int64_t> shape);

// Throws WorkerProtocol when the tensor's bytes are not what its dtype and shape demand.
void check_tensor(const HostTensor& tensor);

// Each string as its length (u32) and its bytes, one after the other.
std::vector<std::byte> encode_strings(std::span<const std::string> strings);

// The strings of a String tensor; throws WorkerProtocol when the bytes are not exactly `count` of
// them.
std::vector<std::string> decode_strings(std::span<const std::byte> bytes, std::uint64_t count);

// A tensor of one dimension that holds copies of `values`.
HostTensor u64_tensor(std::string name, std::span<const std::uint64_t> values);

// The values of a U64 tensor of one dimension; throws WorkerProtocol for any other one.
std::vector<std::uint64_t> u64_values(const HostTensor& tensor);

}  // namespace ponte::protocol
