// Inputs beside those that decide: other kinds, other batches, other sizes, more samples. Each is
// one unperturbed evaluation where that suffices. LAB.md, Judging 3 and 9.
#pragma once

#include <vector>

#include "verify/answers.h"

namespace ponte::verify {

// What a set of inputs beyond the deciding ones is.
struct FurtherSet {
  std::string name;
  Inputs inputs = {};
  bool decides = true;
  bool has_other_sizes = false;  // than the model declares
};

// Other kinds of floats and integers, batches of 2 and 7 and twice every size that `inputs.dims`
// gives, as far as the model has such inputs and open sizes.
std::vector<FurtherSet> further_sets(const ir::Graph& judged, const VerifyOptions& options);

// One of the user's samples, which takes the place of all these.
FurtherSet further_sample(const ir::Graph& judged, const VerifyOptions& options, std::size_t index);

// The least ratio of spread to size over the deciding sets, for each output.
std::vector<double> spread_ratios(Verification& verification, const RunningSubject& subject,
                                  std::span<const Answered> deciding, int perturbed_runs);

// Judges a subject's answer to one set. The error of an output is explained where it is below kappa
// times its size times the ratio; where it is not, perturbed runs on these inputs decide, so that
// another ratio of these inputs is no false alarm. A refusal counts where the subject's own graph
// does not take the inputs either, although it declares so: a size is fixed inside it.
void check_further(Verification& verification, RunningSubject& subject, const FurtherSet& set,
                   JudgedSet& judged, const std::vector<double>& ratios);

// The results of one answer that was judged by perturbed runs.
void add_further(Verification& verification, const std::string& set,
                 const std::vector<OutputVerdict>& verdicts, bool decides);

}  // namespace ponte::verify
