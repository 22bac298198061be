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

// The data files of one model, each opened once, as SAFETY demands: beneath the model's folder.
class ExternalFiles {
 public:
  explicit ExternalFiles(std::filesystem::path model) : model_(std::move(model)) {}
  std::shared_ptr<const ByteSource> open(const std::string& location);
  bool empty() const { return files_.empty(); }

 private:
  std::filesystem::path model_;
  std::map<std::string, std::shared_ptr<const ByteSource>> files_;
};

struct NamedTensor {
  std::string name;
  ir::Tensor tensor;
  ByteRange message;
  bool external = false;
};

// A TensorProto. Its payload stays where it is.
NamedTensor decode_tensor(WireReader reader, ExternalFiles& files);

// A SparseTensorProto; the name is that of its values.
std::pair<std::string, ir::SparseTensor> decode_sparse_tensor(WireReader reader,
                                                              ExternalFiles& files);

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
  std::vector<std::pair<std::string, ir::SparseTensor>> sparse_initializers;
  std::vector<ValueInfo> inputs;
  std::vector<ValueInfo> outputs;
  std::vector<ValueInfo> values;
  std::map<std::string, std::string> metadata;
  ByteRange message;
};
std::shared_ptr<DecodedGraph> decode_graph(WireReader reader, ExternalFiles& files,
                                           const Opsets& opsets);

}  // namespace ponte::onnx
