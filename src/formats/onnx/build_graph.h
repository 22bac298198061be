// From decoded messages to the graphs of the IR: nodes in order, names checked, calls of local
// functions replaced by their bodies.
#pragma once

#include <memory>
#include <string>

#include "base/diagnostics.h"
#include "formats/onnx/functions.h"
#include "formats/shared/node_reader.h"

namespace ponte::onnx {

// What a model says outside its graph.
struct ModelFrame {
  std::string file;
  std::int64_t ir_version = 0;
  Opsets opsets;
  Functions functions;
};

// Problems with single nodes are collected. Throws what makes the whole graph useless:
// DuplicateName, GraphNotAcyclic, BudgetExceeded, NestingTooDeep.
std::unique_ptr<ir::Graph> build_graph(const DecodedGraph& decoded, const ModelFrame& frame,
                                       Diagnostics& problems);

// The format of a record that stands for the nodes of a function's body.
inline constexpr std::string_view call_record = "onnx call";

// The record of a whole model.
struct ModelRecord : ir::Record {
  // The tensors that the bytes place in other files, by where their messages start.
  std::map<std::uint64_t, ir::Tensor> outside;
};

// The bytes of a message as a record; null for a message that stands in no file.
std::shared_ptr<const ir::Record> record_of(const ByteRange& message);

}  // namespace ponte::onnx
