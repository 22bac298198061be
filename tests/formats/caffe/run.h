// Reads small Caffe networks and evaluates them.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "evaluate/evaluator.h"
#include "formats/caffe/read.h"
#include "paths.h"

namespace ponte::test {

using Numbers = std::vector<float>;

inline std::filesystem::path caffe_data() { return data_folder() / "caffe"; }

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

// A network given as text, with drawn weights unless the text has blobs.
inline caffe::ReadResult read_text(std::string_view text, Diagnostics& problems,
                                   caffe::ReadOptions options = {.weights = {},
                                                                 .random_weights = 1}) {
  return caffe::read_network(caffe::parse_network(text, options.max_depth), "test.prototxt",
                             options, problems);
}

// The outputs of a network that must read without a problem.
inline std::vector<ops::Array> run(const ir::Graph& graph,
                                   const std::map<std::string, Numbers>& inputs) {
  std::map<std::string, ops::Datum> data;
  for (const ir::Value* input : graph.inputs()) {
    const auto dims = ir::known_dims(*input->type().as_tensor()->shape);
    const Numbers& values = inputs.at(input->name());
    data[input->name()] = {ops::Array(ir::DType::Float32, *dims, values)};
  }
  evaluate::Evaluator evaluator(graph, {.arithmetic = evaluate::Arithmetic::Exact});
  std::vector<ops::Array> outputs;
  for (const ops::Datum& output : evaluator.run(data).outputs) outputs.push_back(output.array());
  return outputs;
}

inline std::vector<ops::Array> run_text(std::string_view text,
                                        const std::map<std::string, Numbers>& inputs) {
  Diagnostics problems;
  const caffe::ReadResult result = read_text(text, problems);
  EXPECT_FALSE(problems.has_errors()) << describe(problems);
  if (problems.has_errors()) return {};
  return run(*result.model.graph, inputs);
}

inline void expect_near(const ops::Array& actual, const std::vector<double>& expected,
                        double tolerance = 1e-5) {
  const std::vector<double> values = actual.to_f64();
  ASSERT_EQ(values.size(), expected.size());
  for (std::size_t i = 0; i < values.size(); ++i)
    EXPECT_NEAR(values[i], expected[i], tolerance) << "element " << i;
}

// Values without a pattern that a wrong order would keep.
inline Numbers numbers(std::size_t count, int seed = 3) {
  Numbers result;
  for (std::size_t i = 0; i < count; ++i) {
    const auto mixed = (static_cast<std::uint32_t>(i) + 1) * 2654435761U *
                       (2U * static_cast<std::uint32_t>(seed) + 1);
    result.push_back(static_cast<float>(static_cast<int>(mixed >> 20) - 2048) / 1024);
  }
  return result;
}

}  // namespace ponte::test
