#include "workers/onnxruntime/more_outputs.h"

#include "base/bytes.h"
#include "base/error.h"
#include "runtimes/protocol/engine.h"

namespace ponte::worker {
namespace {

// The numbers of onnx.proto.
constexpr unsigned model_graph = 7;
constexpr unsigned graph_output = 12;
constexpr unsigned value_name = 1;

void append_varint(std::string& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
  out += static_cast<char>(value);
}

std::string field(unsigned number, std::string_view content) {
  constexpr unsigned with_length = 2;
  std::string out;
  append_varint(out, number << 3 | with_length);
  append_varint(out, content.size());
  return out.append(content);
}

}  // namespace

std::string with_more_outputs(const std::string& model_path, std::span<const std::string> names) {
  std::string outputs;
  for (const std::string& name : names) outputs += field(graph_output, field(value_name, name));
  try {
    return whole(open_file(model_path)).read_text() + field(model_graph, outputs);
  } catch (const Error& error) {
    throw protocol::Refusal("invalid_model", error.what());
  }
}

}  // namespace ponte::worker
