// From the IR to ONNX's messages.
#pragma once

#include <set>
#include <string>

#include "base/diagnostics.h"
#include "formats/onnx/decode.h"
#include "formats/onnx/encode_tensor.h"
#include "ir/graph.h"

namespace ponte::onnx {

// What encoding found out about a model.
struct EncodeFindings {
  std::set<std::string> names;  // that the nodes written from the IR take, as they are written
  bool any_added = false;       // an initialiser was written that the source did not have
  std::set<std::string> missing_domains;  // that nodes are of, and that are not imported
};

struct EncodeContext {
  const Opsets& opsets;      // of the model that is written
  DataFile* data = nullptr;  // null: payloads stand in the message
  EncodeFindings& findings;
  Diagnostics& problems;
  // The ONNX model that was read and the opsets it imports; null for other formats.
  const ModelRecord* source = nullptr;
  const Opsets* source_opsets = nullptr;
};

WireMessage encode_type(const ir::Type& type);
WireMessage encode_value_info(const std::string& name, const ir::Type& type);
WireMessage encode_graph(const ir::Graph& graph, const EncodeContext& context);

}  // namespace ponte::onnx
