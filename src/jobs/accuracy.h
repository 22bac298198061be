// How often runtimes give the right class, over samples whose class is known.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/json_fwd.h"
#include "ir/tensor.h"
#include "lab/plan.h"
#include "runtimes/worker.h"

namespace ponte::jobs {

using Arrays = std::vector<std::pair<std::string, ir::Tensor>>;

struct LabelledSamples {
  Arrays inputs;                     // whose first axes count the samples
  std::vector<std::int64_t> labels;  // the class of each
};

// One runtime; without an answer it has a reason.
struct Accuracy {
  std::string trial;
  std::string runtime;
  std::string version;
  std::size_t samples = 0;
  std::size_t right = 0;
  std::string why;
};

// Takes the model's inputs and the array `labels` out of `arrays`. Throws UnknownName for an array
// that is not there, InvalidInputValue where the numbers of samples differ or labels are no whole
// numbers.
LabelledSamples labelled_samples(const Arrays& arrays,
                                 const std::vector<runtimes::HostTensor>& model_inputs,
                                 const std::string& labels);

// Runs all samples on the first trial of each runtime that can be measured, as many at once as the
// trial's own inputs are. The class is the largest score of the model's only output. Throws
// Interrupted.
std::vector<Accuracy> measure_accuracy(const lab::Plan& plan, const LabelledSamples& samples,
                                       const runtimes::WorkerOptions& workers);

// [{trial, runtime, version, accuracy, right, samples, why}]
Json to_json(const std::vector<Accuracy>& accuracies);

}  // namespace ponte::jobs
