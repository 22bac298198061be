// What the user says about input values, for every command that runs a model.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "verify/input_files.h"
#include "verify/inputs.h"
#include "verify/interfaces.h"

namespace ponte::jobs {

struct InputFiles {
  std::filesystem::path samples;  // empty: values are made up
  std::string labels;             // the array of `samples` that has their classes; empty: none
  std::map<std::string, std::filesystem::path> single;
  std::map<std::string, std::pair<double, double>> ranges;
};

// "data=0..255", "data=file.npy" and "data=input" of the command line. Throw UsageError.
void add_input_range(InputFiles& files, const std::string& text);
void add_input_file(InputFiles& files, const std::string& text);
void add_name(std::map<std::string, std::string>& names, const std::string& flag,
              const std::string& text);

struct ReadInputs {
  std::vector<verify::Sample> samples;
  std::vector<std::string> left_out;  // arrays that nothing is known of, one line each
};

// Reads what was named into `options`, and the samples. Throws UnknownName for an input that the
// model has not, and what reading throws.
ReadInputs read_inputs(const InputFiles& files, const ir::Graph& graph,
                       verify::InputOptions& options);

}  // namespace ponte::jobs
