// From the IR to ONNX's messages.
#pragma once

#include <map>
#include <set>
#include <string>

#include "base/diagnostics.h"
#include "formats/onnx/decode.h"
#include "formats/shared/wire.h"
#include "ir/graph.h"

namespace ponte::onnx {

using shared::WireMessage;

// Where the payloads of tensors go: into the message, or to the data file that is written after it.
class DataFile {
 public:
  explicit DataFile(std::string location) : location_(std::move(location)) {}

  struct Entry {
    std::shared_ptr<const ir::TensorData> data;
    std::uint64_t offset;
  };
  // The offset at which a tensor's bytes will stand; bytes shared in the source are shared here.
  std::uint64_t place(const ir::Tensor& tensor);
  const std::string& location() const { return location_; }
  const std::vector<Entry>& entries() const { return entries_; }
  // Tensors smaller than this stay in the model.
  static constexpr std::uint64_t smallest = 1024;
  static constexpr std::uint64_t alignment = 4096;

 private:
  std::string location_;
  std::uint64_t end_ = 0;
  std::vector<Entry> entries_;
  std::map<std::tuple<const ByteSource*, std::uint64_t, std::uint64_t>, std::uint64_t> placed_;
};

// What encoding found out about the constants of a model.
struct UsedConstants {
  std::set<std::string> names;  // that the nodes written from the IR take, as they are written
  bool any_added = false;       // an initialiser was written that the source did not have
};

struct EncodeContext {
  const Opsets& opsets;      // of the model that is written
  DataFile* data = nullptr;  // null: payloads stand in the message
  UsedConstants& used;
  Diagnostics& problems;
};

WireMessage encode_type(const ir::Type& type);
WireMessage encode_value_info(const std::string& name, const ir::Type& type);
WireMessage encode_graph(const ir::Graph& graph, const EncodeContext& context);

}  // namespace ponte::onnx
