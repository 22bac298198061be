// One message of the worker protocol, and its form as bytes. docs/worker-protocol.md is the
// specification.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/descriptor.h"
#include "base/json.h"
#include "runtimes/protocol/host_tensor.h"

namespace ponte::protocol {

inline constexpr int version = 1;

// What the receiver of messages accepts at most.
struct Limits {
  std::uint64_t header_bytes = std::uint64_t{16} << 20;
  std::uint64_t tensor_bytes = std::uint64_t{16} << 30;
  std::uint64_t tensors = 65'536;
  std::uint64_t rank = 64;
  int depth = 16;
};

struct Message {
  Json header = Json::object();
  std::vector<HostTensor> tensors{};
};

// The fixed first bytes of a frame.
inline constexpr std::size_t prefix_size = 16;
inline constexpr std::uint32_t frame_magic = 0x31575450;  // "PTW1"

struct Prefix {
  std::uint32_t header_bytes = 0;
  std::uint32_t descriptors = 0;  // 0 or 1
};

struct Frame {
  std::string bytes{};       // prefix and header
  Descriptor memory_file{};  // the tensors; none when no tensor has bytes
};

Frame encode(const Message& message);

// Both throw WorkerProtocol for anything that a well-behaved peer would not send.
Prefix decode_prefix(std::string_view bytes, const Limits& limits);
Message decode(std::string_view header, const Descriptor& memory_file, const Limits& limits);

}  // namespace ponte::protocol
