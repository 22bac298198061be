// Inputs that the user has in files: NumPy's .npy and .npz, and the folders of ONNX's backend tests
// (input_0.pb beside output_0.pb). github.com/onnx/onnx/blob/main/docs/OnnxBackendTest.md.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "ir/graph.h"
#include "verify/inputs.h"
#include "verify/judge.h"

namespace ponte::verify {

// One set of inputs, and where it comes from.
struct Sample {
  std::string name;
  // Reads its values, as often as it is asked to; throws what reading throws.
  std::function<Inputs()> values;
};

inline constexpr std::size_t most_samples = 64;

struct Samples {
  std::vector<Sample> samples;        // at least one, at most `most_samples`
  std::vector<std::string> left_out;  // what nothing is known of, or is too much; one line each
};

// The value of one input from a .npy file or a .pb file with a TensorProto or SequenceProto. Throws
// what reading throws, UnknownFormat, InvalidInputType and InvalidInputValue.
ops::Datum read_input(const ir::Value& input, const std::filesystem::path& path);

// All samples of a .npz file, a test_data_set folder, or a folder of such files and folders. Arrays
// are matched with inputs by name, or by position where they are numbered (arr_0, input_0). An
// array with more rows than the model's batch is as many samples as it has whole batches; a batch
// is open where all inputs begin with the same open dim; its size is that of bind_dims().
// `labels` names the array that has their classes; empty: none. Throws what is wrong with the first
// sample; the values of the others are read when they are needed. The graph must outlive the
// samples.
Samples read_samples(const ir::Graph& graph, const std::filesystem::path& path,
                     const InputOptions& options = {}, const std::string& labels = {});

// With the sample's values in the place of those that would be made up.
InputOptions with_sample(InputOptions options, const Sample& sample);

}  // namespace ponte::verify
