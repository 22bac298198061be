#include "runtimes/protocol/message.h"

#include <fmt/format.h>

#include <array>
#include <cstring>
#include <limits>

#include "base/checked.h"
#include "base/error.h"
#include "base/text.h"
#include "runtimes/protocol/fields.h"
#include "runtimes/protocol/memory_file.h"

namespace ponte::protocol {
namespace {

constexpr std::array<std::string_view, 4> part_names = {"whole", "element", "empty", "absent"};

Json describe(const HostTensor& tensor, std::uint64_t offset) {
  Json entry = {{"name", tensor.name},
                {"dtype", static_cast<int>(tensor.dtype)},
                {"shape", tensor.shape},
                {"offset", offset},
                {"bytes", tensor.bytes.size()}};
  if (tensor.part != Part::Whole) entry["part"] = part_names[static_cast<std::size_t>(tensor.part)];
  return entry;
}

Part read_part(const Fields& entry) {
  const std::string name = entry.text_or("part", "whole");
  for (std::size_t i = 0; i < part_names.size(); ++i) {
    if (part_names[i] == name) return static_cast<Part>(i);
  }
  throw Error(Code::WorkerProtocol, "a tensor is an unknown part of its value");
}

// Everything of a tensor but its bytes, and where these lie.
struct Entry {
  HostTensor tensor;
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
};

Entry read_entry(const Json& json, const Limits& limits) {
  const Fields fields(json, "a tensor");
  Entry entry;
  entry.tensor.name = fields.text("name");
  entry.tensor.part = read_part(fields);
  const auto number = fields.integer("dtype");
  const auto dtype = ir::dtype_from_number(number);
  if (!dtype && !(number == 0 && entry.tensor.part == Part::Absent)) {
    throw Error(Code::WorkerProtocol, fmt::format("tensor `{}` has dtype {}, which does not exist",
                                                  entry.tensor.name, number));
  }
  entry.tensor.dtype = dtype.value_or(ir::DType::Undefined);
  entry.tensor.shape = fields.integers("shape", limits.rank);
  entry.offset = fields.count("offset");
  entry.bytes = fields.count("bytes");
  return entry;
}

// Refuses before anything is reserved: the size must follow from dtype and shape, and lie inside
// the file behind everything that was read before it.
void check_entry(const Entry& entry, std::uint64_t previous_end, std::uint64_t file_size) {
  const HostTensor& tensor = entry.tensor;
  const bool has_value = tensor.part == Part::Whole || tensor.part == Part::Element;
  const auto wanted = has_value && tensor.dtype != ir::DType::String
                          ? expected_bytes(tensor.dtype, tensor.shape)
                          : std::optional(entry.bytes);
  if (!wanted || *wanted != entry.bytes) {
    throw Error(Code::WorkerProtocol,
                fmt::format("tensor `{}` comes with {} bytes, which its dtype and shape don't fit",
                            tensor.name, grouped(entry.bytes)));
  }
  if (entry.bytes == 0) return;
  const auto end = checked_add(entry.offset, entry.bytes);
  if (!end || *end > file_size || entry.offset < previous_end) {
    throw Error(Code::WorkerProtocol,
                fmt::format("tensor `{}` does not lie in the memory file", tensor.name));
  }
}

std::vector<HostTensor> read_tensors(const Json& list, const Descriptor& file,
                                     const Limits& limits) {
  if (!list.is_array() || list.size() > limits.tensors) {
    throw Error(Code::WorkerProtocol, "the list of tensors is too long, or no list");
  }
  const std::uint64_t file_size = file ? checked_size(file) : 0;
  if (file_size > limits.tensor_bytes) {
    throw Error(Code::WorkerProtocol,
                fmt::format("{} bytes of tensors, {} at most are accepted", grouped(file_size),
                            grouped(limits.tensor_bytes)));
  }
  std::vector<HostTensor> tensors;
  tensors.reserve(list.size());
  std::uint64_t previous_end = 0;
  for (const Json& json : list) {
    Entry entry = read_entry(json, limits);
    check_entry(entry, previous_end, file_size);
    entry.tensor.bytes.resize(entry.bytes);
    read_memory_file(file, entry.offset, entry.tensor.bytes);
    check_tensor(entry.tensor);
    if (entry.bytes > 0) previous_end = entry.offset + entry.bytes;
    tensors.push_back(std::move(entry.tensor));
  }
  return tensors;
}

void append_u32(std::string& bytes, std::uint32_t value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

}  // namespace

Frame encode(const Message& message) {
  Frame frame;
  Json header = message.header;
  if (!message.tensors.empty()) {
    const auto offsets = tensor_offsets(message.tensors);
    Json list = Json::array();
    bool has_bytes = false;
    for (std::size_t i = 0; i < message.tensors.size(); ++i) {
      list.push_back(describe(message.tensors[i], offsets[i]));
      has_bytes = has_bytes || !message.tensors[i].bytes.empty();
    }
    header["tensors"] = std::move(list);
    if (has_bytes) frame.memory_file = write_memory_file(message.tensors, offsets);
  }
  const std::string text = json_line(header);
  if (text.size() > std::numeric_limits<std::uint32_t>::max()) {
    throw Error(Code::WorkerProtocol, "a message's header is too long");
  }
  append_u32(frame.bytes, frame_magic);
  append_u32(frame.bytes, static_cast<std::uint32_t>(text.size()));
  append_u32(frame.bytes, frame.memory_file ? 1 : 0);
  append_u32(frame.bytes, 0);
  frame.bytes += text;
  return frame;
}

Prefix decode_prefix(std::string_view bytes, const Limits& limits) {
  std::array<std::uint32_t, 4> words{};
  static_assert(sizeof words == prefix_size);
  if (bytes.size() != prefix_size) throw Error(Code::WorkerProtocol, "a frame is cut short");
  std::memcpy(words.data(), bytes.data(), prefix_size);
  if (words[0] != frame_magic || words[3] != 0) {
    throw Error(Code::WorkerProtocol, "what arrived does not begin like a frame");
  }
  if (words[1] > limits.header_bytes) {
    throw Error(Code::WorkerProtocol, fmt::format("a header of {} bytes, {} at most are accepted",
                                                  words[1], grouped(limits.header_bytes)));
  }
  if (words[2] > 1) throw Error(Code::WorkerProtocol, "a frame has more than one memory file");
  return {.header_bytes = words[1], .descriptors = words[2]};
}

Message decode(std::string_view header, const Descriptor& memory_file, const Limits& limits) {
  Message message;
  message.header = parse_header(header, limits);
  const auto tensors = message.header.find("tensors");
  if (tensors != message.header.end()) {
    message.tensors = read_tensors(*tensors, memory_file, limits);
    message.header.erase(tensors);
  } else if (memory_file) {
    throw Error(Code::WorkerProtocol, "a memory file came without a list of tensors");
  }
  return message;
}

}  // namespace ponte::protocol
