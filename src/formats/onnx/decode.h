// From ONNX's messages to the parts of the IR. Field numbers: onnx/onnx.proto of onnx 1.23.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "formats/shared/foreign_graph.h"
#include "formats/shared/wire.h"
#include "ir/attribute.h"

namespace ponte::onnx {

using shared::WireReader;
using shared::WireType;

// The data files of one model, each opened once, beneath the model's folder and nowhere else.
class ExternalFiles {
 public:
  explicit ExternalFiles(std::filesystem::path model) : model_(std::move(model)) {}
  std::shared_ptr<const ByteSource> open(const std::string& location);
  void note(const ByteRange& message, const ir::Tensor& tensor) {
    tensors_.emplace(message.offset, tensor);
  }
  // The tensors that lie in these files, by where their messages start.
  std::map<std::uint64_t, ir::Tensor> take_tensors() { return std::move(tensors_); }

 private:
  std::filesystem::path model_;
  std::map<std::string, std::shared_ptr<const ByteSource>> files_;
  std::map<std::uint64_t, ir::Tensor> tensors_;
};

// Takes a message field that stands at most once: parsers that merge a second one, or keep the
// last, would see two models. Throws MalformedField.
void take_once(WireReader& reader, std::optional<ByteRange>& message);

struct NamedTensor {
  std::string name;
  ir::Tensor tensor;
  ByteRange message;
};

// A TensorProto. Its payload stays where it is.
NamedTensor decode_tensor(WireReader reader, ExternalFiles& files);

struct NamedSparseTensor {
  std::string name;
  ir::SparseTensor tensor;
  ByteRange message;
};

// A SparseTensorProto; the name is that of its values.
NamedSparseTensor decode_sparse_tensor(WireReader reader, ExternalFiles& files);

// What stands for a dimension that the file leaves open without a name, until a graph gives it a
// symbol of its own.
inline ir::Dim unnamed_dim() { return ir::Dim::symbol("?"); }

// A TypeProto; unknown for sparse and opaque types.
ir::Type decode_type(WireReader reader);

struct ValueInfo {
  std::string name;
  ir::Type type;
  ByteRange message;
};
ValueInfo decode_value_info(WireReader reader);

// A StringStringEntryProto.
std::pair<std::string, std::string> decode_entry(WireReader reader);

// The version of each domain's opset that a model or function imports; "" is ai.onnx.
using Opsets = std::map<std::string, std::int64_t>;

// Adds an OperatorSetIdProto.
void decode_opset(WireReader reader, Opsets& opsets);

// A NodeProto as a foreign node of the dialect "onnx", its subgraphs included. The record is the
// whole message.
shared::ForeignNode decode_node(WireReader reader, ExternalFiles& files, const Opsets& opsets);

// Adds an AttributeProto to the node's attributes, or to its subgraphs.
void decode_attribute(WireReader reader, ExternalFiles& files, const Opsets& opsets,
                      shared::ForeignNode& node);

// What GraphProto holds besides the nodes, in the order of the file.
struct DecodedGraph : shared::ForeignGraph {
  std::string doc;
  std::vector<NamedTensor> initializers;
  std::vector<NamedSparseTensor> sparse_initializers;
  std::vector<ValueInfo> inputs;
  std::vector<ValueInfo> outputs;
  std::vector<ValueInfo> values;
  std::map<std::string, std::string> metadata;
  ByteRange message;
};
std::shared_ptr<DecodedGraph> decode_graph(WireReader reader, ExternalFiles& files,
                                           const Opsets& opsets);

}  // namespace ponte::onnx
