#include "cli/input_flags.h"

#include <array>

namespace ponte::cli {
namespace {

constexpr auto flags = std::to_array<Flag>({
    {.name = "--inputs",
     .takes = Takes::File,
     .value = "DIR|FILE.npz",
     .help = "samples to run instead of values that are made up",
     .details =
         "An .npz file whose arrays are named like the inputs, a folder of .npz or .npy files, or "
         "a test_data_set folder of ONNX (input_0.pb, ...). An array with more rows than the "
         "model's batch is as many samples; where the model leaves the batch open it is 1, and "
         "--dim makes it larger."},
    {.name = "--input",
     .takes = Takes::Text,
     .value = "NAME=FILE.npy",
     .help = "the value of one input: a .npy file, or a .pb file with a TensorProto",
     .repeat = Repeat::Many},
    {.name = "--input-range",
     .takes = Takes::Text,
     .value = "NAME=0..255",
     .help = "the range that values for one input are drawn from",
     .repeat = Repeat::Many},
});

}  // namespace

constinit const FlagGroup input_flags{"Inputs", flags};

jobs::InputFiles input_files(const Arguments& arguments) {
  jobs::InputFiles files;
  files.samples = arguments.text_or("--inputs", "");
  for (const std::string& text : arguments.all("--input")) jobs::add_input_file(files, text);
  for (const std::string& text : arguments.all("--input-range")) jobs::add_input_range(files, text);
  return files;
}

}  // namespace ponte::cli
