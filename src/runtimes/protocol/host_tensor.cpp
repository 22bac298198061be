#include "runtimes/protocol/host_tensor.h"

#include <fmt/format.h>

#include <cstring>

#include "base/checked.h"
#include "base/error.h"
#include "base/text.h"

namespace ponte::protocol {
namespace {

[[noreturn]] void refuse(std::string_view name, std::string_view why) {
  throw Error(Code::WorkerProtocol, fmt::format("tensor `{}` {}", name, why));
}

std::uint64_t read_u32(std::span<const std::byte> bytes) {
  std::uint32_t value = 0;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

}  // namespace

std::optional<std::uint64_t> expected_bytes(ir::DType dtype, std::span<const std::int64_t> shape) {
  const auto count = element_count(shape);
  if (!count) return std::nullopt;
  return ir::byte_size(dtype, *count);
}

void check_tensor(const HostTensor& tensor) {
  const auto count = element_count(tensor.shape);
  if (!count) refuse(tensor.name, "has a shape out of range");
  if (tensor.part == Part::EmptySequence || tensor.part == Part::Absent) {
    if (!tensor.bytes.empty()) refuse(tensor.name, "has bytes, but no value");
    return;
  }
  if (tensor.dtype == ir::DType::String) {
    decode_strings(tensor.bytes, static_cast<std::uint64_t>(*count));
    return;
  }
  const auto wanted = ir::byte_size(tensor.dtype, *count);
  if (!wanted) refuse(tensor.name, "has no dtype");
  if (*wanted != tensor.bytes.size()) {
    refuse(tensor.name, fmt::format("needs {} bytes, but comes with {}", grouped(*wanted),
                                    grouped(tensor.bytes.size())));
  }
}

std::vector<std::byte> encode_strings(std::span<const std::string> strings) {
  std::vector<std::byte> bytes;
  for (const std::string& text : strings) {
    const auto length = static_cast<std::uint32_t>(text.size());
    const auto* length_bytes = reinterpret_cast<const std::byte*>(&length);
    const auto* text_bytes = reinterpret_cast<const std::byte*>(text.data());
    bytes.insert(bytes.end(), length_bytes, length_bytes + sizeof length);
    bytes.insert(bytes.end(), text_bytes, text_bytes + text.size());
  }
  return bytes;
}

std::vector<std::string> decode_strings(std::span<const std::byte> bytes, std::uint64_t count) {
  if (count > bytes.size() / sizeof(std::uint32_t)) {
    throw Error(Code::WorkerProtocol, fmt::format("{} strings can't lie in {} bytes",
                                                  grouped(count), grouped(bytes.size())));
  }
  std::vector<std::string> strings;
  strings.reserve(count);
  for (std::uint64_t i = 0; i < count; ++i) {
    if (bytes.size() < sizeof(std::uint32_t)) {
      throw Error(Code::WorkerProtocol, fmt::format("string {} of {} is missing", i, count));
    }
    const std::uint64_t length = read_u32(bytes);
    bytes = bytes.subspan(sizeof(std::uint32_t));
    if (length > bytes.size()) {
      throw Error(Code::WorkerProtocol, fmt::format("string {} of {} is cut short", i, count));
    }
    strings.emplace_back(reinterpret_cast<const char*>(bytes.data()), length);
    bytes = bytes.subspan(length);
  }
  if (!bytes.empty()) {
    throw Error(Code::WorkerProtocol,
                fmt::format("{} bytes after the last string", grouped(bytes.size())));
  }
  return strings;
}

HostTensor u64_tensor(std::string name, std::span<const std::uint64_t> values) {
  HostTensor tensor{.name = std::move(name),
                    .dtype = ir::DType::Uint64,
                    .shape = {static_cast<std::int64_t>(values.size())},
                    .bytes = {},
                    .part = Part::Whole};
  const auto bytes = std::as_bytes(values);
  tensor.bytes.assign(bytes.begin(), bytes.end());
  return tensor;
}

std::vector<std::uint64_t> u64_values(const HostTensor& tensor) {
  if (tensor.dtype != ir::DType::Uint64 || tensor.shape.size() != 1) {
    refuse(tensor.name, "is not a list of u64");
  }
  check_tensor(tensor);
  std::vector<std::uint64_t> values(tensor.bytes.size() / sizeof(std::uint64_t));
  if (!values.empty()) std::memcpy(values.data(), tensor.bytes.data(), tensor.bytes.size());
  return values;
}

}  // namespace ponte::protocol
