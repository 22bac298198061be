// Inputs that the user has in files: NumPy's .npy and .npz, and the folders of ONNX's backend tests
// (input_0.pb beside output_0.pb). github.com/onnx/onnx/blob/main/docs/OnnxBackendTest.md.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "ir/graph.h"
#include "verify/judge.h"

namespace ponte::verify {

// One set of inputs, and where it comes from.
struct Sample {
  std::string name;
  Inputs values;
};

struct Samples {
  std::vector<Sample> samples;        // at least one
  std::vector<std::string> left_out;  // arrays that nothing is known of, one line each
};

// The value of one input from a .npy file or a .pb file with a TensorProto or SequenceProto. Throws
// what reading throws, UnknownFormat, InvalidInputType and InvalidInputValue.
ops::Datum read_input(const ir::Value& input, const std::filesystem::path& path);

// All samples of a .npz file, a test_data_set folder, or a folder of such files and folders. Arrays
// are matched with inputs by name, or by position where they are numbered (arr_0, input_0). An
// array with more rows than the model's fixed batch is as many samples. `labels` names the array
// that has their classes; empty: none.
Samples read_samples(const ir::Graph& graph, const std::filesystem::path& path,
                     const std::string& labels = {});

}  // namespace ponte::verify
