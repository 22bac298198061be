// The text form of models and graphs, which prints and parses.
//
//   ponte text 1
//   format onnx "IR version 8"
//   opset ai.onnx 17
//
//   graph main {
//     input x: f32[batch, 3]
//     const w: f32[3,4] = elided 5f8c3a7e90b1d2446f0c1a2b3c4d5e6f
//     const b: f32[4] = [1, 2, 3, 4]
//     h: f32[batch,4] = Gemm(x, w, b) {alpha = 1.0} as fc1
//     y: f32[batch,4] = com.example::Gate(h, _, x)
//     output y
//   }
//
// `_` is an absent optional; names that are no plain words stand in double quotes; a subgraph is
// the value of an attribute: {body = graph { ... }}. Weights stand by their content hash
// (tensor_text.h); the bytes of the source file (records) are left out. What follows a node: `as`
// its name, `from` where it came from when that is not itself, `doc`, `note "key" = "value"`.
// docs/text-form.md has it all.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "ir/graph.h"

namespace ponte::ir {

std::string print(const Model& model);
std::string print(const Graph& graph);  // of the statements in its braces, one a line

// Every node is inferred as it is added, and what the text declares of its results is refined with
// that. Throws TextSyntax with line and column, NestingTooDeep, and what adding to a graph throws,
// with the byte of the statement. The result may break invariants that only the checker knows.
Model parse_model(std::string_view text, const OpSet& ops);
std::unique_ptr<Graph> parse_graph(std::string_view statements, const OpSet& ops);

}  // namespace ponte::ir
