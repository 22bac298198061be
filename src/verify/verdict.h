// The verdict on one output: is what a subject gave within what rounding explains? LAB.md, Judging
// 4 and 6.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "verify/judge.h"
#include "verify/tensor_comparison.h"

namespace ponte::verify {

enum class Verdict : std::uint8_t { Equivalent, Different, Undecided, WithinTolerance };
std::string_view to_string(Verdict verdict);

inline constexpr double kappa = 4;           // of the pooled spread
inline constexpr double element_kappa = 16;  // of one element's own, or its channel's
inline constexpr std::int64_t small_output = 64;

// What the few degrees of freedom of a small sample of perturbed runs add to a bound:
// t(0.9995, runs * sets) / 3.3; 1 from `small_output` elements on.
double small_sample_factor(std::int64_t elements, int runs, std::size_t sets);

// The same kind, shape and elements. Strings and complex numbers are compared so.
bool equal_data(const ops::Datum& a, const ops::Datum& b);

struct OutputVerdict {
  std::string name;
  std::string subject;
  // Over the sets that decide: see judge_output. None where there is nothing to compare.
  std::optional<TensorComparison> comparison;
  double bound = 0;  // of the RMS error
  double expected_bits = exact_bits;
  double k = 0;               // RMS error over spread
  std::int64_t elements = 0;  // over all these sets
  std::int64_t unstable = 0;  // of them at a jump, not judged
  Verdict verdict = Verdict::Undecided;
  std::string why;  // for everything but equivalent

  double rms_error() const { return comparison ? comparison->rms_error : 0; }
  double rms_reference() const { return comparison ? comparison->rms_reference : 0; }
};

// One output on several input sets: what the judge says, and what the subject gave. Each set is
// judged by itself, and the worst one decides; an output of fewer than `small_output` elements is
// pooled over the sets. `bounded` is false when some node before the output has no error scale:
// then a difference is undecided.
OutputVerdict judge_output(const std::string& subject,
                           const std::vector<const JudgedOutput*>& judged,
                           const std::vector<const ops::Datum*>& given, int perturbed_runs,
                           bool bounded);

}  // namespace ponte::verify
