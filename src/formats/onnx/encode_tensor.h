// From tensors to ONNX's messages: payloads inside the message, or in a data file beside the model.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "formats/onnx/build_graph.h"
#include "formats/shared/wire.h"
#include "ir/attribute.h"
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
  bool takes(const ir::Tensor& tensor) const {
    return tensor.dtype() != ir::DType::String && tensor.size_bytes() >= smallest;
  }
  const std::string& location() const { return location_; }
  const std::vector<Entry>& entries() const { return entries_; }
  std::uint64_t size_bytes() const { return end_; }
  static constexpr std::uint64_t alignment = 4096;

 private:
  // Tensors smaller than this stay in the model.
  static constexpr std::uint64_t smallest = 1024;

  std::string location_;
  std::uint64_t end_ = 0;
  std::vector<Entry> entries_;
  std::map<std::tuple<const ByteSource*, std::uint64_t, std::uint64_t>, std::uint64_t> placed_;
};

// A StringStringEntryProto.
WireMessage encode_entry(const std::string& key, const std::string& value);

// `data` is null where payloads stand in the message.
WireMessage encode_tensor(const ir::Tensor& tensor, const std::string& name, DataFile* data);
WireMessage encode_sparse(const ir::SparseTensor& sparse, const std::string& name);

// A TensorProto as it stood, but for its payload, which is moved.
WireMessage encode_moved_tensor(const ir::Tensor& tensor, const ByteRange& original,
                                DataFile* data);

// The messages that can hold tensors.
enum class MessageKind : std::uint8_t {
  Graph,
  Node,
  Attribute,
  Tensor,
  Sparse,
  Function,
  Training
};

// A message of the source model as it stands, but for the tensors inside it whose payloads the
// source keeps in other files: these are moved.
WireMessage encode_as_it_stood(const ByteRange& message, MessageKind kind,
                               const ModelRecord* source, DataFile* data);

}  // namespace ponte::onnx
