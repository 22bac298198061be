// Small ONNX models: those of tests/data/onnx, and others put together from messages.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"
#include "base/expect_error.h"
#include "base/temporary_folder.h"
#include "evaluate/evaluator.h"
#include "formats/onnx/read.h"
#include "formats/onnx/write.h"
#include "formats/shared/wire.h"
#include "paths.h"

namespace ponte::test {

using shared::WireMessage;

inline std::filesystem::path onnx_data() { return data_folder() / "onnx"; }

// The problems as text, for failures.
inline std::string describe(const Diagnostics& problems) {
  std::string text;
  for (const Diagnostic& entry : problems.entries())
    text += to_string(entry.code) + " " + entry.where.node + ": " + entry.message + "\n";
  return text;
}

inline bool has_code(const Diagnostics& problems, Code code) {
  for (const Diagnostic& entry : problems.entries()) {
    if (entry.code == code) return true;
  }
  return false;
}

// A model that must read without an error.
inline ir::Model read_sound(const std::filesystem::path& path) {
  Diagnostics problems;
  ir::Model model = onnx::read(path, {}, problems);
  EXPECT_FALSE(problems.has_errors()) << path << "\n" << describe(problems);
  return model;
}

inline onnx::WriteResult write_sound(const ir::Model& model, const std::filesystem::path& path,
                                     const onnx::WriteOptions& options = {}) {
  Diagnostics problems;
  onnx::WriteResult result = onnx::write(model, path, options, problems);
  EXPECT_FALSE(problems.has_errors()) << path << "\n" << describe(problems);
  return result;
}

inline ops::Array f32(std::vector<std::int64_t> shape, const std::vector<float>& values) {
  return ops::Array(ir::DType::Float32, std::move(shape), values);
}

inline std::vector<ops::Datum> evaluated(const ir::Model& model,
                                         const std::map<std::string, ops::Datum>& inputs = {}) {
  evaluate::Evaluator evaluator(*model.graph, {.arithmetic = evaluate::Arithmetic::Exact});
  return evaluator.run(inputs).outputs;
}

inline std::vector<double> numbers_of(const ops::Datum& datum) { return datum.array().to_f64(); }

// Messages of onnx.proto.
inline std::string bytes_of(const WireMessage& message) {
  const TemporaryFolder folder;
  FileWriter file(folder / "message");
  message.write_to(file);
  file.commit();
  return text_of(folder / "message");
}

inline WireMessage node(std::string_view op, const std::vector<std::string>& inputs,
                        const std::vector<std::string>& outputs, std::string_view domain = "") {
  WireMessage message;
  for (const std::string& name : inputs) message.text(1, name);
  for (const std::string& name : outputs) message.text(2, name);
  message.text(3, std::string(op) + "_node");
  message.text(4, op);
  if (!domain.empty()) message.text(7, domain);
  return message;
}

// An attribute that holds a graph.
inline WireMessage graph_attribute(std::string_view name, const WireMessage& graph) {
  WireMessage attribute;
  attribute.text(1, name);
  attribute.message(6, graph);
  attribute.integer(20, 5);
  return attribute;
}

inline WireMessage value(std::string_view name, const std::vector<std::int64_t>& shape = {2}) {
  WireMessage dims;
  for (const std::int64_t size : shape) {
    WireMessage dim;
    dim.integer(1, size);
    dims.message(1, dim);
  }
  WireMessage tensor;
  tensor.integer(1, 1);
  tensor.message(2, dims);
  WireMessage type;
  type.message(1, tensor);
  WireMessage info;
  info.text(1, name);
  info.message(2, type);
  return info;
}

inline WireMessage tensor(std::string_view name, const std::vector<std::int64_t>& dims,
                          std::string_view raw, std::int64_t dtype = 1) {
  WireMessage message;
  message.integers(1, dims);
  message.integer(2, dtype);
  message.text(8, name);
  message.text(9, raw);
  return message;
}

struct GraphParts {
  std::vector<WireMessage> nodes = {};
  std::vector<WireMessage> inputs = {};
  std::vector<WireMessage> outputs = {};
  std::vector<WireMessage> initializers = {};
};

inline WireMessage graph(const GraphParts& parts) {
  WireMessage message;
  for (const WireMessage& part : parts.nodes) message.message(1, part);
  message.text(2, "graph");
  for (const WireMessage& part : parts.initializers) message.message(5, part);
  for (const WireMessage& part : parts.inputs) message.message(11, part);
  for (const WireMessage& part : parts.outputs) message.message(12, part);
  return message;
}

inline WireMessage opset(std::string_view domain, std::int64_t version) {
  WireMessage message;
  message.text(1, domain);
  message.integer(2, version);
  return message;
}

inline WireMessage function(std::string_view name, const std::vector<std::string>& inputs,
                            const std::vector<std::string>& outputs,
                            const std::vector<WireMessage>& nodes) {
  WireMessage message;
  message.text(1, name);
  for (const std::string& input : inputs) message.text(4, input);
  for (const std::string& output : outputs) message.text(5, output);
  for (const WireMessage& part : nodes) message.message(7, part);
  message.message(9, opset("", 21));
  message.message(9, opset("local", 1));
  message.text(10, "local");
  return message;
}

inline WireMessage model(const WireMessage& graph, const std::vector<WireMessage>& functions = {}) {
  WireMessage message;
  message.integer(1, 10);
  message.message(7, graph);
  message.message(8, opset("", 21));
  message.message(8, opset("local", 1));
  for (const WireMessage& part : functions) message.message(25, part);
  return message;
}

// Reads a model from bytes as if it stood in `folder`.
inline ir::Model read_bytes(std::string_view bytes, Diagnostics& problems,
                            const std::filesystem::path& folder = ".", int max_depth = 64) {
  return onnx::read(buffer_source(bytes), folder / "model.onnx", {.max_depth = max_depth},
                    problems);
}

inline ir::Model read_bytes(std::string_view bytes) {
  Diagnostics problems;
  ir::Model model = read_bytes(bytes, problems);
  EXPECT_FALSE(problems.has_errors()) << describe(problems);
  return model;
}

// The code with which reading ends or the first problem that it collects.
inline Code refusal_of(std::string_view bytes, const std::filesystem::path& folder = ".") {
  Diagnostics problems;
  try {
    read_bytes(bytes, problems, folder);
  } catch (const Error& error) {
    return error.code();
  }
  for (const Diagnostic& entry : problems.entries()) {
    if (entry.severity == Severity::Error) return entry.code;
  }
  ADD_FAILURE() << "the model was not refused";
  return Code::InternalError;
}

}  // namespace ponte::test
